import { describe, expect, it } from 'vitest';
import { HCR, SCR } from '../../../core/cpu/controls.ts';
import { changeMode, MODE } from '../../../core/cpu/modes.ts';
import * as S from '../../../core/cpu/scalars.ts';
import { SLOT } from '../../../core/cpu/slots.ts';
import { BANK } from '../../../core/cpu/state.ts';
import { makeRig, RAM } from './rig.ts';

const SVC = 0xef000042;
const HVC = 0xe1412374;
const SMC = 0xe1600070;
const SEMIHOSTING = 0xef123456;

describe('SVC', () => {
  it('enters Supervisor mode with the address of the next instruction', () => {
    const rig = makeRig({ secure: false });
    changeMode(rig.cpu, MODE.usr);
    rig.execute([SVC]);
    expect([rig.cpu.s[S.M], rig.cpu.words[14], rig.cpu.s[S.NEXT]]).toEqual([MODE.svc, RAM + 4, 8]);
  });

  it('is a semihosting call with its number, in privileged modes only', () => {
    const rig = makeRig();
    const calls: number[] = [];
    rig.cpu.ports.semihosting = { call: (cpu) => calls.push(cpu.words[0] as number) };
    rig.cpu.words[0] = 0x18;
    rig.execute([SEMIHOSTING]);
    expect([calls, rig.cpu.s[S.NEXT]]).toEqual([[0x18], RAM + 4]);
    changeMode(rig.cpu, MODE.usr);
    rig.execute([SEMIHOSTING]);
    expect([calls.length, rig.cpu.s[S.M]]).toEqual([1, MODE.svc]);
  });
});

describe('HVC', () => {
  it('goes to Hyp mode with its immediate', () => {
    const rig = makeRig({ secure: false });
    rig.execute([HVC]);
    expect(rig.cpu.s[S.M]).toBe(MODE.hyp);
    expect((rig.cpu.system[SLOT.HSR] as number) >>> 0).toBe(0x4a001234);
    expect(rig.cpu.banked[BANK.ELR_hyp]).toBe(RAM + 4);
  });

  it('is UNDEFINED in User mode, in Secure state and with SCR.HCE clear', () => {
    const user = makeRig({ secure: false });
    changeMode(user.cpu, MODE.usr);
    const disabled = makeRig({ secure: false });
    disabled.cpu.system[SLOT.SCR] = SCR.NS;
    for (const rig of [user, makeRig({ secure: true }), disabled]) {
      rig.execute([HVC]);
      expect(rig.cpu.s[S.M]).toBe(MODE.und);
    }
  });

  it('reaches firmware where there is no Hyp mode', () => {
    const rig = makeRig({ security: false, virtualization: false });
    rig.cpu.ports.firmware = {
      call: (cpu, conduit) => {
        cpu.words[0] = 7;
        return conduit === 'hvc';
      },
    };
    rig.execute([HVC]);
    expect([rig.cpu.words[0], rig.cpu.s[S.NEXT]]).toEqual([7, RAM + 4]);
    rig.cpu.ports.firmware = { call: () => false };
    rig.execute([HVC]);
    expect(rig.cpu.s[S.M]).toBe(MODE.und);
  });
});

describe('SMC', () => {
  it('goes to Monitor mode, from Secure and Non-secure state', () => {
    for (const secure of [true, false]) {
      const rig = makeRig({ secure });
      rig.cpu.system[SLOT.MVBAR] = 0x40008000;
      rig.execute([SMC]);
      expect([rig.cpu.s[S.M], rig.cpu.s[S.NEXT], rig.cpu.words[14]]).toEqual([MODE.mon, 0x40008008, RAM + 4]);
    }
  });

  it('is trapped by HCR.TSC before firmware sees it', () => {
    const rig = makeRig({ security: false });
    let asked = 0;
    rig.cpu.ports.firmware = { call: () => ++asked > 0 };
    rig.cpu.system[SLOT.HCR] = HCR.TSC;
    rig.execute([SMC]);
    expect([asked, rig.cpu.s[S.M], (rig.cpu.system[SLOT.HSR] as number) >>> 26]).toEqual([0, MODE.hyp, 0x13]);
    expect(rig.cpu.banked[BANK.ELR_hyp]).toBe(RAM);
  });

  it('is UNDEFINED with SCR.SCD, and without Security Extensions or firmware', () => {
    const disabled = makeRig({ secure: false });
    disabled.cpu.system[SLOT.SCR] = SCR.NS | SCR.SCD;
    for (const rig of [disabled, makeRig({ security: false })]) {
      rig.execute([SMC]);
      expect(rig.cpu.s[S.M]).toBe(MODE.und);
    }
  });
});
