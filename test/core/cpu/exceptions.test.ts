import { describe, expect, it } from 'vitest';
import { HCR, SCR, SCTLR } from '../../../core/cpu/controls.ts';
import { Op } from '../../../core/cpu/decode.ts';
import type { Exception } from '../../../core/cpu/exception.ts';
import { takeException, takePendingInterrupt } from '../../../core/cpu/exceptions.ts';
import { changeMode, MODE, spsrIndex } from '../../../core/cpu/modes.ts';
import * as S from '../../../core/cpu/scalars.ts';
import { SLOT } from '../../../core/cpu/slots.ts';
import { BANK } from '../../../core/cpu/state.ts';
import { cpsr } from '../../../core/cpu/status.ts';
import { Fault } from '../../../core/mmu/fault.ts';
import { makeRig, type Rig, type RigOptions } from './rig.ts';

const HERE = 0x40001000;
const VBAR = 0x40010000;
const HVBAR = 0x40020000;
const MVBAR = 0x40030000;

/** A rig at HERE in Non-secure User or another mode, with vector bases of its own for every target. */
function at(mode: number, thumb: boolean, options: RigOptions = {}): Rig {
  const rig = makeRig({ secure: false, ...options });
  const { cpu } = rig;
  cpu.system[SLOT.VBAR] = VBAR;
  cpu.system[SLOT.VBAR + 1] = VBAR + 0x1000;
  cpu.system[SLOT.HVBAR] = HVBAR;
  cpu.system[SLOT.MVBAR] = MVBAR;
  changeMode(cpu, mode);
  cpu.s[S.A] = 0;
  cpu.s[S.I] = 0;
  cpu.s[S.F] = 0;
  cpu.s[S.T] = thumb ? 1 : 0;
  cpu.s[S.IT] = thumb ? 0xa5 : 0;
  cpu.words[15] = HERE + (thumb ? 4 : 8);
  cpu.s[S.NEXT] = HERE;
  return rig;
}

const alignment = new Fault({ type: 'alignment', va: 0x1235, write: true, long: false });
const stage2 = (more: Partial<Fault> = {}) =>
  new Fault({ type: 'translation', level: 2, stage: 2, va: 0x1234, ipa: 0x1_0002_3234, write: true, long: true, ...more });

const PL1: readonly [string, Exception, number, number, { arm: number; thumb: number }][] = [
  ['Undefined Instruction', { kind: 'undefined' }, MODE.und, 0x04, { arm: 4, thumb: 2 }],
  ['Prefetch Abort', { kind: 'prefetch abort', fault: alignment }, MODE.abt, 0x0c, { arm: 4, thumb: 4 }],
  ['breakpoint', { kind: 'breakpoint' }, MODE.abt, 0x0c, { arm: 4, thumb: 4 }],
  ['Data Abort', { kind: 'data abort', fault: alignment }, MODE.abt, 0x10, { arm: 8, thumb: 8 }],
];

describe.each([false, true])('synchronous exceptions taken to PL1 (Thumb: %s)', (thumb) => {
  it.each(PL1)('%s: return address, SPSR, mode, masks and vector', (_name, exception, mode, vector, offset) => {
    const { cpu } = at(MODE.usr, thumb);
    const before = cpsr(cpu);
    takeException(cpu, exception);
    expect(cpu.s[S.M]).toBe(mode);
    expect(cpu.words[14]).toBe(HERE + (thumb ? offset.thumb : offset.arm));
    expect(cpu.banked[spsrIndex(mode) as number]).toBe(before);
    expect(cpu.s[S.NEXT]).toBe(VBAR + vector);
    expect([cpu.s[S.I], cpu.s[S.F], cpu.s[S.A]]).toEqual([1, 0, mode === MODE.abt ? 1 : 0]);
    expect([cpu.s[S.T], cpu.s[S.IT]]).toEqual([0, 0]);
    expect(cpu.s[S.ATTENTION]).toBe(1);
  });

  it('interrupts return to the next instruction plus 4', () => {
    for (const [line, mode, vector] of [
      [S.IRQ, MODE.irq, 0x18],
      [S.FIQ, MODE.fiq, 0x1c],
    ] as const) {
      const { cpu } = at(MODE.usr, thumb);
      const before = cpsr(cpu);
      cpu.s[line] = 1;
      expect(takePendingInterrupt(cpu)).toBe(true);
      expect(cpu.s[S.M]).toBe(mode);
      expect(cpu.words[14]).toBe(HERE + 4);
      expect(cpu.banked[spsrIndex(mode) as number]).toBe(before);
      expect(cpu.s[S.NEXT]).toBe(VBAR + vector);
      expect([cpu.s[S.I], cpu.s[S.A], cpu.s[S.F]]).toEqual([1, 1, mode === MODE.fiq ? 1 : 0]);
    }
  });
});

describe('vectors and execution state', () => {
  it('uses high vectors with SCTLR.V', () => {
    const { cpu } = at(MODE.usr, false);
    cpu.system[SLOT.SCTLR] = SCTLR.V;
    takeException(cpu, { kind: 'undefined' });
    expect(cpu.s[S.NEXT]).toBe(0xffff0004 | 0);
  });

  it('takes T and E from SCTLR.TE and SCTLR.EE', () => {
    const { cpu } = at(MODE.usr, false);
    cpu.system[SLOT.SCTLR] = SCTLR.TE | SCTLR.EE;
    takeException(cpu, { kind: 'undefined' });
    expect([cpu.s[S.T], cpu.s[S.E]]).toEqual([1, 1]);
  });

  it('uses the Secure copies in Secure state', () => {
    const { cpu } = at(MODE.usr, false, { secure: true });
    takeException(cpu, { kind: 'data abort', fault: alignment });
    expect(cpu.s[S.NEXT]).toBe(VBAR + 0x1010);
    expect([cpu.system[SLOT.DFAR + 1], cpu.system[SLOT.DFAR]]).toEqual([0x1235, 0]);
  });
});

describe('what a fault leaves in PL1', () => {
  it('DFSR and DFAR in the Short-descriptor format', () => {
    const { cpu } = at(MODE.usr, false);
    takeException(cpu, { kind: 'data abort', fault: alignment });
    expect([cpu.system[SLOT.DFSR], cpu.system[SLOT.DFAR]]).toEqual([0x801, 0x1235]);
  });

  it('DFSR in the Long-descriptor format if TTBCR.EAE says so', () => {
    const { cpu } = at(MODE.usr, false);
    cpu.system[SLOT.TTBCR] = 1 << 31;
    takeException(cpu, { kind: 'data abort', fault: alignment });
    expect(cpu.system[SLOT.DFSR]).toBe(0x800 | 0x200 | 0x21);
  });

  it('the CM bit for cache maintenance', () => {
    const { cpu } = at(MODE.svc, false);
    const fault = new Fault({ type: 'translation', level: 1, va: 0x8000, write: false, long: false });
    takeException(cpu, { kind: 'data abort', fault, maintenance: true });
    expect(cpu.system[SLOT.DFSR]).toBe((1 << 13) | (1 << 11) | 0x5);
  });

  it('a debug event in IFSR for BKPT, and its method of entry in DBGDSCR', () => {
    const { cpu } = at(MODE.svc, false);
    takeException(cpu, { kind: 'breakpoint' });
    expect(cpu.system[SLOT.IFSR]).toBe(2);
    expect((cpu.system[SLOT.DBGDSCR] as number) & 0x3c).toBe(0xc);
  });
});

describe('exceptions taken to Hyp mode', () => {
  const load = (syndrome: { bytes: 1 | 2 | 4; signed: boolean; Rt: number } | undefined, width: 16 | 32 = 32) =>
    new Op(
      {
        name: 'LDR',
        encodingName: 'A1',
        width,
        definition: { asm: '', ref: '', encodings: {}, execute: () => {}, syndrome: () => syndrome },
      },
      {},
      0,
    );

  it('a stage-2 Data Abort with the syndrome of the load, HDFAR and HPFAR', () => {
    const { cpu } = at(MODE.svc, false);
    const before = cpsr(cpu);
    takeException(cpu, { kind: 'data abort', fault: stage2() }, load({ bytes: 2, signed: true, Rt: 5 }));
    expect(cpu.s[S.M]).toBe(MODE.hyp);
    expect(cpu.s[S.NEXT]).toBe(HVBAR + 0x14);
    expect(cpu.banked[BANK.ELR_hyp]).toBe(HERE);
    expect(cpu.banked[BANK.SPSR_hyp]).toBe(before);
    const iss = (1 << 24) | (1 << 22) | (1 << 21) | (5 << 16) | (1 << 6) | 0b000110;
    expect((cpu.system[SLOT.HSR] as number) >>> 0).toBe(((0x24 << 26) | (1 << 25) | iss) >>> 0);
    expect(cpu.system[SLOT.DFAR + 1]).toBe(0x1234);
    expect(cpu.system[SLOT.HPFAR]).toBe(0x1000230);
    expect([cpu.s[S.A], cpu.s[S.I], cpu.s[S.F]]).toEqual([1, 1, 1]);
  });

  it('IL is 0 for a 16-bit load, and where there is no syndrome', () => {
    const { cpu } = at(MODE.svc, true);
    takeException(cpu, { kind: 'data abort', fault: stage2() }, load({ bytes: 4, signed: false, Rt: 1 }, 16));
    expect(((cpu.system[SLOT.HSR] as number) >>> 24) & 3).toBe(1);
    const other = at(MODE.svc, true).cpu;
    takeException(other, { kind: 'data abort', fault: stage2() }, load(undefined, 16));
    expect(((other.system[SLOT.HSR] as number) >>> 24) & 3).toBe(0);
  });

  it('no syndrome of the load, but S1PTW, where the stage-1 walk met the fault', () => {
    const { cpu } = at(MODE.svc, false);
    takeException(
      cpu,
      { kind: 'data abort', fault: stage2({ onWalk: true, write: false }) },
      load({ bytes: 4, signed: false, Rt: 1 }),
    );
    expect((cpu.system[SLOT.HSR] as number) & 0x1ffffff).toBe((1 << 7) | 0b000110);
  });

  it('a stage-2 Prefetch Abort', () => {
    const { cpu } = at(MODE.svc, true);
    takeException(cpu, { kind: 'prefetch abort', fault: stage2({ write: false }) });
    expect((cpu.system[SLOT.HSR] as number) >>> 0).toBe(((0x20 << 26) | 0b000110) >>> 0);
    expect(cpu.system[SLOT.IFAR + 1]).toBe(0x1234);
    expect(cpu.banked[BANK.ELR_hyp]).toBe(HERE);
  });

  it('from Hyp mode itself by the vectors of their own kind', () => {
    for (const [exception, vector, ec] of [
      [{ kind: 'undefined' }, 0x04, 0],
      [{ kind: 'prefetch abort', fault: alignment }, 0x0c, 0x21],
      [{ kind: 'data abort', fault: alignment }, 0x10, 0x25],
    ] as const) {
      const { cpu } = at(MODE.hyp, false);
      takeException(cpu, exception);
      expect(cpu.s[S.NEXT]).toBe(HVBAR + vector);
      expect((cpu.system[SLOT.HSR] as number) >>> 26).toBe(ec);
    }
  });

  it('HCR.TGE sends Undefined Instructions and alignment faults of User mode there, not those of PL1', () => {
    for (const [mode, target] of [
      [MODE.usr, MODE.hyp],
      [MODE.sys, MODE.und],
    ] as const) {
      const { cpu } = at(mode, false);
      cpu.system[SLOT.HCR] = HCR.TGE;
      takeException(cpu, { kind: 'undefined' });
      expect(cpu.s[S.M]).toBe(target);
    }
    const { cpu } = at(MODE.usr, false);
    cpu.system[SLOT.HCR] = HCR.TGE;
    takeException(cpu, { kind: 'data abort', fault: alignment });
    expect([cpu.s[S.M], cpu.s[S.NEXT]]).toEqual([MODE.hyp, HVBAR + 0x14]);
  });

  it('works without Security Extensions, where all is Non-secure', () => {
    const { cpu } = at(MODE.usr, false, { security: false });
    takeException(cpu, { kind: 'data abort', fault: stage2() });
    expect(cpu.s[S.M]).toBe(MODE.hyp);
  });
});

describe('exceptions taken to Monitor mode', () => {
  it('external aborts with SCR.EA, the Secure fault registers, all masks', () => {
    const { cpu } = at(MODE.usr, false);
    cpu.system[SLOT.SCR] = SCR.NS | SCR.EA;
    const fault = new Fault({ type: 'external abort', va: 0x99, write: false, long: false });
    takeException(cpu, { kind: 'data abort', fault });
    expect([cpu.s[S.M], cpu.s[S.NEXT], cpu.words[14]]).toEqual([MODE.mon, MVBAR + 0x10, HERE + 8]);
    expect([cpu.system[SLOT.DFAR], cpu.system[SLOT.DFAR + 1]]).toEqual([0, 0x99]);
    expect([cpu.s[S.A], cpu.s[S.I], cpu.s[S.F]]).toEqual([1, 1, 1]);
    expect(cpu.initiator.secure).toBe(true);
  });

  it('an exception in Monitor mode clears SCR.NS', () => {
    const { cpu } = at(MODE.mon, false, { secure: true });
    cpu.system[SLOT.SCR] = SCR.NS;
    takeException(cpu, { kind: 'undefined' });
    expect(cpu.s[S.M]).toBe(MODE.und);
    expect((cpu.system[SLOT.SCR] as number) & SCR.NS).toBe(0);
    expect(cpu.s[S.NEXT]).toBe(VBAR + 0x1004);
  });
});
