import { describe, expect, it } from 'vitest';
import { NSACR, SCR } from '../../../core/cpu/controls.ts';
import { field, word } from '../../../core/cpu/insn.ts';
import { changeMode, isSecure, MODE } from '../../../core/cpu/modes.ts';
import * as S from '../../../core/cpu/scalars.ts';
import { SLOT } from '../../../core/cpu/slots.ts';
import { makeRig, type Rig } from './rig.ts';

const ALL = field(15);

describe('changing mode', () => {
  it('gives every mode a stack pointer of its own, and Hyp mode the link register of User mode', () => {
    const { cpu } = makeRig({ secure: false });
    const modes = [MODE.usr, MODE.fiq, MODE.irq, MODE.svc, MODE.abt, MODE.und, MODE.hyp];
    for (const mode of modes) {
      changeMode(cpu, mode);
      cpu.words[13] = mode;
      cpu.words[14] = mode + 0x100;
    }
    const seen = modes.map((mode) => {
      changeMode(cpu, mode);
      return [cpu.words[13], cpu.words[14]];
    });
    expect(seen).toEqual(modes.map((mode) => [mode, (mode === MODE.usr ? MODE.hyp : mode) + 0x100]));
    changeMode(cpu, MODE.sys);
    expect(cpu.words[13]).toBe(MODE.usr);
  });

  it('gives FIQ mode R8 to R12', () => {
    const { cpu } = makeRig();
    cpu.words.set([1, 2, 3, 4, 5], 8);
    changeMode(cpu, MODE.fiq);
    cpu.words.set([11, 12, 13, 14, 15], 8);
    changeMode(cpu, MODE.irq);
    expect([...cpu.words.subarray(8, 13)]).toEqual([1, 2, 3, 4, 5]);
    changeMode(cpu, MODE.fiq);
    expect([...cpu.words.subarray(8, 13)]).toEqual([11, 12, 13, 14, 15]);
  });

  it('tells the bus of the security state', () => {
    const { cpu, sys } = makeRig({ secure: true });
    expect(cpu.initiator.secure).toBe(true);
    sys.setScr(SCR.NS);
    expect([cpu.initiator.secure, isSecure(cpu)]).toEqual([false, false]);
    changeMode(cpu, MODE.mon);
    expect([cpu.initiator.secure, isSecure(cpu)]).toEqual([true, true]);
  });
});

describe('MSR to CPSR', () => {
  const write = (rig: Rig, value: number) => rig.sys.writeCpsr(word(value), ALL);

  it('changes nothing but flags, GE and E in User mode', () => {
    const rig = makeRig();
    changeMode(rig.cpu, MODE.usr);
    write(rig, 0xf80f0200 | MODE.svc);
    expect(rig.sys.readCpsr() >>> 0).toBe((0xf80f0200 | 0x1c0 | MODE.usr) >>> 0);
  });

  it('leads nobody into Monitor or Hyp mode', () => {
    for (const secure of [true, false]) {
      const rig = makeRig({ secure });
      write(rig, MODE.hyp);
      expect(rig.cpu.s[S.M]).toBe(MODE.svc);
      if (!secure) write(rig, MODE.mon);
      expect(rig.cpu.s[S.M]).toBe(MODE.svc);
    }
  });

  it('does not lead out of Hyp mode', () => {
    const rig = makeRig({ mode: 'hyp' });
    write(rig, MODE.svc);
    expect(rig.cpu.s[S.M]).toBe(MODE.hyp);
  });

  it('ignores modes that do not exist', () => {
    const rig = makeRig();
    write(rig, 0x15);
    expect(rig.cpu.s[S.M]).toBe(MODE.svc);
  });

  it('keeps FIQ mode from Non-secure software that NSACR.RFR denies it', () => {
    const rig = makeRig({ secure: false });
    rig.cpu.system[SLOT.NSACR] = NSACR.RFR;
    write(rig, MODE.fiq);
    expect(rig.cpu.s[S.M]).toBe(MODE.svc);
  });

  it('masks A and F in Non-secure state without Virtualization Extensions only as SCR.AW and SCR.FW say', () => {
    const rig = makeRig({ secure: false, virtualization: false });
    write(rig, MODE.svc);
    expect([rig.cpu.s[S.A], rig.cpu.s[S.I], rig.cpu.s[S.F]]).toEqual([1, 0, 1]);
    rig.cpu.system[SLOT.SCR] = SCR.NS | SCR.AW | SCR.FW;
    write(rig, MODE.svc);
    expect([rig.cpu.s[S.A], rig.cpu.s[S.I], rig.cpu.s[S.F]]).toEqual([0, 0, 0]);
  });
});

describe('state', () => {
  it('survives saving and loading, with what is derived from it', () => {
    const rig = makeRig({ secure: false });
    rig.cpu.system[SLOT.TTBR0] = 0x40004000;
    rig.sys.regimeChanged();
    const saved = rig.cpu.save();
    const other = makeRig({ secure: true });
    other.cpu.load(saved);
    other.sys.regimeChanged();
    expect(other.cpu.save()).toEqual(saved);
    expect(other.sys.regime()).toEqual(rig.sys.regime());
    expect(other.cpu.initiator.secure).toBe(false);
  });
});
