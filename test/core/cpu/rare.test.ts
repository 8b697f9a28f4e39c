/**
 * What QEMU 7.2 does not model or models otherwise, by the text of Arm DDI 0406C: routing of external aborts, asynchronous aborts, and
 * accesses that one mode has and another has not.
 */
import { describe, expect, it } from 'vitest';
import { HCR, HDCR, NSACR, SCR, SCTLR, TTBCR } from '../../../core/cpu/controls.ts';
import { takeException, takePendingInterrupt, wakes } from '../../../core/cpu/exceptions.ts';
import { field } from '../../../core/cpu/insn.ts';
import { pendingMask } from '../../../core/cpu/interrupts.ts';
import { changeMode, MODE, readModeRegister } from '../../../core/cpu/modes.ts';
import * as S from '../../../core/cpu/scalars.ts';
import { SLOT } from '../../../core/cpu/slots.ts';
import { BANK, WAIT } from '../../../core/cpu/state.ts';
import { cpsr } from '../../../core/cpu/status.ts';
import { Fault } from '../../../core/mmu/fault.ts';
import { makeRig, RAM, type Rig, type RigOptions } from './rig.ts';

const [HVBAR, MVBAR, NOWHERE] = [0x40020000, 0x40030000, 0x10000000];
const external = new Fault({ type: 'external abort', va: NOWHERE, write: false, long: false });

/** A rig in Non-secure state (or as the options say) in a mode, nothing masked. */
function at(mode: number, options: RigOptions = {}): Rig {
  const rig = makeRig({ secure: false, ...options });
  const { cpu } = rig;
  cpu.system[SLOT.HVBAR] = HVBAR;
  cpu.system[SLOT.MVBAR] = MVBAR;
  changeMode(cpu, mode);
  for (const mask of [S.A, S.I, S.F]) cpu.s[mask] = 0;
  return rig;
}

const set = ({ cpu }: Rig, registers: Partial<Record<keyof typeof SLOT, number>>): void => {
  for (const [name, value] of Object.entries(registers)) cpu.system[SLOT[name as keyof typeof SLOT]] = value;
};
const hsr = ({ cpu }: Rig): number => (cpu.system[SLOT.HSR] as number) >>> 0;
const mode = ({ cpu }: Rig): number => cpu.s[S.M] as number;

/** Loads are precise, from devices too: an external abort that the bus answers with is synchronous. B1.9.9 leaves the choice. */
describe('external aborts', () => {
  it('of a load are synchronous, with the address in DFAR', () => {
    const rig = at(MODE.svc);
    rig.cpu.words[1] = NOWHERE;
    rig.execute([0xe5910000], RAM + 0x1000, 1);
    expect([mode(rig), rig.cpu.words[14], rig.cpu.system[SLOT.DFSR], rig.cpu.system[SLOT.DFAR]]).toEqual([
      MODE.abt,
      RAM + 0x1008,
      0x008,
      NOWHERE,
    ]);
  });

  it('of an instruction fetch go to Monitor mode with SCR.EA, whatever HCR.TGE, and fill the Secure IFSR and IFAR', () => {
    const rig = at(MODE.usr);
    set(rig, { SCR: SCR.NS | SCR.EA, HCR: HCR.TGE });
    takeException(rig.cpu, { kind: 'prefetch abort', fault: external });
    expect([mode(rig), rig.cpu.s[S.NEXT], rig.cpu.words[14]]).toEqual([MODE.mon, MVBAR + 0x0c, RAM + 4]);
    expect([rig.cpu.system[SLOT.IFSR + 1], rig.cpu.system[SLOT.IFAR + 1], rig.cpu.system[SLOT.IFSR]]).toEqual([8, NOWHERE, 0]);
  });

  it('of User mode go to Hyp mode with HCR.TGE, those of PL1 do not', () => {
    for (const kind of ['data abort', 'prefetch abort'] as const) {
      for (const [from, to] of [
        [MODE.usr, MODE.hyp],
        [MODE.svc, MODE.abt],
      ] as const) {
        const rig = at(from);
        set(rig, { HCR: HCR.TGE });
        takeException(rig.cpu, { kind, fault: external });
        expect(mode(rig)).toBe(to);
      }
    }
  });
});

describe('asynchronous aborts', () => {
  it('are reported in the Long-descriptor format where TTBCR.EAE says so', () => {
    const rig = at(MODE.svc);
    set(rig, { TTBCR: TTBCR.EAE });
    rig.cpu.s[S.ASYNC_ABORT] = 1;
    expect(takePendingInterrupt(rig.cpu)).toBe(true);
    expect([rig.cpu.system[SLOT.DFSR], rig.cpu.words[14], rig.cpu.s[S.ASYNC_ABORT]]).toEqual([0x211, RAM + 8, 0]);
  });

  it('reach Hyp mode from below by its trap vector, from itself by that of aborts', () => {
    for (const [from, ec, vector] of [
      [MODE.svc, 0x24, 0x14],
      [MODE.hyp, 0x25, 0x10],
    ] as const) {
      const rig = at(from);
      set(rig, { HCR: HCR.AMO });
      rig.cpu.s[S.ASYNC_ABORT] = 1;
      expect(takePendingInterrupt(rig.cpu)).toBe(true);
      expect([hsr(rig), rig.cpu.s[S.NEXT], rig.cpu.banked[BANK.ELR_hyp]]).toEqual([
        ((ec << 26) | 0x11) >>> 0,
        HVBAR + vector,
        RAM,
      ]);
    }
  });

  it('that are masked stay pending, unless SCR.EA routes them and SCR.AW keeps Non-secure software from masking', () => {
    for (const [scr, target] of [
      [SCR.NS, undefined],
      [SCR.NS | SCR.EA | SCR.AW, undefined],
      [SCR.NS | SCR.EA, MODE.mon],
    ] as const) {
      const rig = at(MODE.svc);
      set(rig, { SCR: scr });
      rig.cpu.s[S.A] = 1;
      rig.cpu.s[S.ASYNC_ABORT] = 1;
      expect(takePendingInterrupt(rig.cpu)).toBe(target !== undefined);
      expect([mode(rig), rig.cpu.s[S.ASYNC_ABORT]]).toEqual(target === undefined ? [MODE.svc, 1] : [target, 0]);
    }
  });

  it('and interrupts have no Monitor mode to go to without Security Extensions', () => {
    const rig = at(MODE.svc, { security: false });
    rig.cpu.s[S.IRQ] = 1;
    expect([takePendingInterrupt(rig.cpu), mode(rig)]).toEqual([true, MODE.irq]);
  });

  it('show in ISR: the lines, and in place of what Hyp mode has claimed the virtual ones', () => {
    const rig = at(MODE.svc);
    for (const line of [S.ASYNC_ABORT, S.IRQ, S.FIQ]) rig.cpu.s[line] = 1;
    expect(pendingMask(rig.cpu)).toBe(0x1c0);
    set(rig, { HCR: HCR.AMO | HCR.IMO | HCR.FMO | HCR.VA | HCR.VF });
    expect(pendingMask(rig.cpu)).toBe(0x140);
  });
});

describe('calls', () => {
  it('SMC is for firmware, where a board has some', () => {
    const rig = at(MODE.svc);
    rig.cpu.ports.firmware = { call: () => true };
    rig.execute([0xe1600070], RAM, 1);
    expect([mode(rig), rig.cpu.s[S.NEXT]]).toEqual([MODE.svc, RAM + 4]);
  });

  it('BKPT 0xAB in Thumb is for semihosting, where there is a host', () => {
    const rig = at(MODE.svc);
    let calls = 0;
    rig.cpu.ports.semihosting = { call: () => calls++ };
    rig.executeThumb([0xbeab], 1);
    expect([mode(rig), calls]).toEqual([MODE.svc, 1]);
  });

  it('HLT is for semihosting, in A32 and in Thumb', () => {
    for (const thumb of [false, true]) {
      const rig = at(MODE.svc);
      let calls = 0;
      rig.cpu.ports.semihosting = { call: () => calls++ };
      if (thumb) rig.executeThumb([0xbabc], 1);
      else rig.execute([0xe10f0070], RAM, 1);
      expect([mode(rig), calls]).toEqual([MODE.svc, 1]);
    }
  });

  it('HVC leaves the masks alone of what SCR gives to Monitor mode (B1.8.3, EnterHypMode)', () => {
    for (const [scr, masked] of [
      [SCR.NS | SCR.HCE, 1],
      [SCR.NS | SCR.HCE | SCR.EA | SCR.IRQ | SCR.FIQ, 0],
    ] as const) {
      const rig = at(MODE.svc);
      set(rig, { SCR: scr });
      rig.execute([0xe1400070], RAM, 1);
      expect([mode(rig), rig.cpu.s[S.A], rig.cpu.s[S.I], rig.cpu.s[S.F]]).toEqual([MODE.hyp, masked, masked, masked]);
    }
  });

  it('a trap of an instruction that is not known is one of 32 bits', () => {
    const rig = at(MODE.svc);
    takeException(rig.cpu, { kind: 'hyp trap', ec: 3, iss: 0 });
    expect(hsr(rig)).toBe((3 << 26) | (1 << 25));
  });
});

/** B3.15.3, B4.2.4: in Monitor mode SCR.NS chooses the copy that MCR and MRC see, while what is done belongs to Secure state. */
describe('Monitor mode with SCR.NS = 1', () => {
  const [DACR, ATS1CPR, ATS12NSOPR, TLBIALL] = [0xee030f10, 0xee071f18, 0xee071f98, 0xee080f17] as const;

  it('writes the Non-secure DACR; with SCR.NS = 0 and in other Secure modes the Secure one', () => {
    for (const [from, scr, bank] of [
      [MODE.mon, SCR.NS, 0],
      [MODE.mon, 0, 1],
      [MODE.svc, 0, 1],
      [MODE.svc, SCR.NS, 0],
    ] as const) {
      const rig = at(from, { secure: true });
      set(rig, { SCR: scr });
      rig.cpu.words[0] = 0x55;
      rig.execute([DACR], RAM, 1);
      expect([0, 1].map((i) => rig.cpu.system[SLOT.DACR + i])).toEqual(bank === 0 ? [0x55, 0] : [0, 0x55]);
    }
  });

  it('fills the Secure PAR, and ATS12NSO asks the Non-secure tables from every Secure mode', () => {
    for (const from of [MODE.mon, MODE.svc]) {
      const rig = at(from, { secure: true });
      set(rig, { SCR: from === MODE.mon ? SCR.NS : 0 });
      rig.cpu.words[1] = 0x12345678;
      // Non-secure stage 1 has a table in which nothing is valid; Secure stage 1 is off.
      rig.cpu.system[SLOT.SCTLR] = 0xc50079;
      rig.cpu.system[SLOT.TTBR0] = RAM + 0x10000;
      rig.sys.regimeChanged();
      rig.execute([ATS1CPR], RAM, 1);
      expect((rig.cpu.system[SLOT.PAR + 2] as number) & 0xfffff001).toBe(0x12345000);
      rig.execute([ATS12NSOPR], RAM, 1);
      expect([rig.cpu.system[SLOT.PAR + 2], rig.cpu.system[SLOT.PAR]]).toEqual([0x0b, 0]);
    }
  });

  it('invalidates the TLB of Secure state, as other Secure modes do; Hyp mode and processors with less that of the only other', () => {
    for (const [from, options, secure] of [
      [MODE.mon, { secure: true }, true],
      [MODE.svc, { secure: true }, true],
      [MODE.svc, {}, false],
      [MODE.hyp, {}, false],
      [MODE.svc, { virtualization: false }, false],
      [MODE.svc, { security: false }, false],
    ] as const) {
      const rig = at(from, options);
      const scopes: unknown[] = [];
      rig.tlb.invalidateAll = (scope) => scopes.push(scope.secure);
      rig.execute([TLBIALL], RAM, 1);
      expect(scopes).toEqual([secure]);
    }
  });
});

/** C3: a breakpoint or a watchpoint is an abort that DBGDSCR.MOE tells from others. */
describe('debug events', () => {
  const debug = new Fault({ type: 'debug', va: 0x1234, write: true, long: false });
  it.each([
    ['data abort', 0, MODE.abt],
    ['data abort', HDCR.TDE, MODE.hyp],
    ['prefetch abort', 0, MODE.abt],
    ['prefetch abort', HDCR.TDE, MODE.hyp],
  ] as const)('%s with HDCR %i', (kind, hdcr, target) => {
    const rig = at(MODE.svc);
    set(rig, { HDCR: hdcr });
    takeException(rig.cpu, { kind, fault: debug });
    expect(mode(rig)).toBe(target);
    expect((rig.cpu.system[SLOT.DBGDSCR] as number) & 0x3c).toBe(kind === 'data abort' ? 0x28 : 0x04);
  });

  it('BKPT goes to Hyp mode from Hyp mode, and with HDCR.TDE from below by the trap vector', () => {
    for (const [from, ec, vector] of [
      [MODE.hyp, 0x21, 0x0c],
      [MODE.svc, 0x20, 0x14],
    ] as const) {
      const rig = at(from);
      set(rig, { HDCR: HDCR.TDE });
      rig.execute([0xe1200070], RAM, 1);
      expect([hsr(rig), rig.cpu.s[S.NEXT]]).toEqual([((ec << 26) | 0x22) >>> 0, HVBAR + vector]);
    }
  });
});

describe('registers of User mode', () => {
  it('are loaded by LDM with ^ from every mode, R8 to R12 of FIQ mode apart', () => {
    for (const from of [MODE.svc, MODE.fiq]) {
      const rig = at(from);
      for (let n = 0; n < 15; n++) rig.poke(RAM + 0x100 + 4 * n, 0x1000 + n);
      rig.cpu.words[0] = RAM + 0x100;
      rig.execute([0xe8d07fff], RAM, 1);
      changeMode(rig.cpu, MODE.sys);
      expect([...rig.cpu.words.subarray(0, 15)]).toEqual(Array.from({ length: 15 }, (_, n) => 0x1000 + n));
    }
  });

  it('LR_usr is the LR of Hyp mode, and both of System mode', () => {
    const rig = at(MODE.hyp);
    rig.cpu.words[14] = 99;
    expect(readModeRegister(rig.cpu, 14, MODE.usr)).toBe(99);
    const other = at(MODE.sys);
    other.cpu.words.set([77, 88], 13);
    expect([13, 14].map((n) => readModeRegister(other.cpu, n, MODE.usr))).toEqual([77, 88]);
  });
});

describe('waiting', () => {
  it('for an event ends with one, and with a virtual interrupt that is not masked', () => {
    const rig = at(MODE.svc);
    const { s } = rig.cpu;
    s[S.WAIT] = WAIT.event;
    s[S.EVENT] = 1;
    expect(wakes(rig.cpu)).toBe(true);
    s[S.EVENT] = 0;
    for (const [pend, claim, mask] of [
      [HCR.VI, HCR.IMO, S.I],
      [HCR.VF, HCR.FMO, S.F],
      [HCR.VA, HCR.AMO, S.A],
    ] as const) {
      set(rig, { HCR: pend | claim });
      expect(wakes(rig.cpu)).toBe(true);
      s[mask] = 1;
      expect(wakes(rig.cpu)).toBe(false);
      s[S.WAIT] = WAIT.interrupt;
      expect(wakes(rig.cpu)).toBe(true);
      s[S.WAIT] = WAIT.event;
    }
  });
});

describe('masks on entry without Virtualization Extensions (B1.9)', () => {
  const masks = (options: RigOptions, scr: number): unknown[] => {
    const rig = at(MODE.svc, { virtualization: false, ...options });
    set(rig, { SCR: scr });
    rig.cpu.s[S.FIQ] = 1;
    takePendingInterrupt(rig.cpu);
    return [rig.cpu.s[S.A], rig.cpu.s[S.F]];
  };

  it('are set in Non-secure state only where SCR.AW and SCR.FW allow, else always', () => {
    expect(masks({}, SCR.NS)).toEqual([0, 0]);
    expect(masks({}, SCR.NS | SCR.AW | SCR.FW)).toEqual([1, 1]);
    expect(masks({}, 0)).toEqual([1, 1]);
    expect(masks({ security: false }, 0)).toEqual([1, 1]);
  });

  it('CPSR.F can only be cleared with SCTLR.NMFI', () => {
    const rig = at(MODE.svc);
    set(rig, { SCTLR: SCTLR.NMFI });
    rig.sys.changeProcessorState(false, true, field(0), field(0), field(1), false, field(0));
    expect(cpsr(rig.cpu) & 0x40).toBe(0);
    rig.cpu.s[S.F] = 1;
    rig.sys.changeProcessorState(true, false, field(0), field(0), field(1), false, field(0));
    expect(cpsr(rig.cpu) & 0x40).toBe(0);
  });
});

describe('UNDEFINED, in Hyp mode and elsewhere', () => {
  const [RFE, SRS_SVC, SRS_MON, SRS_HYP, LDM_RETURN, HVC] = [
    0xf8910a00, 0xf96d0513, 0xf96d0516, 0xf96d051a, 0xe8d18000, 0xe1400070,
  ] as const;
  const [MRS_ELR_HYP, MRS_SP_HYP, MRS_SP_IRQ, MRS_R8_FIQ] = [0xe10e0300, 0xe10f0300, 0xe1010300, 0xe1080200] as const;
  it.each([
    ['RFE in Hyp mode', RFE, MODE.hyp, {}],
    ['MOVS PC, LR in Hyp mode', 0xe1b0f00e, MODE.hyp, {}],
    ['SMC in User mode', 0xe1600070, MODE.usr, {}],
    ['ATS12NSOPR in Non-secure Supervisor mode', 0xee071f98, MODE.svc, {}],
    ['ATS12NSOPR without Security Extensions', 0xee071f98, MODE.svc, { security: false }],
    ['MRS of SPSR_mon in Non-secure state', 0xe14c0300, MODE.svc, {}],
    ['MRS of SP_hyp in Secure Supervisor mode', MRS_SP_HYP, MODE.svc, { secure: true }],
    ['LDM with PC and ^ in Hyp mode', LDM_RETURN, MODE.hyp, {}],
    ['SRS in Hyp mode', SRS_SVC, MODE.hyp, {}],
    ['SRS in System mode', SRS_SVC, MODE.sys, {}],
    ['SRS with the stack of Monitor mode in Non-secure state', SRS_MON, MODE.svc, {}],
    ['SRS with the stack of Hyp mode', SRS_HYP, MODE.svc, { secure: true }],
    ['HVC in Secure state', HVC, MODE.svc, { secure: true }],
    ['MRS of ELR_hyp in Supervisor mode', MRS_ELR_HYP, MODE.svc, {}],
    ['MRS of SP_hyp in Supervisor mode', MRS_SP_HYP, MODE.svc, {}],
    ['MRS of a banked register without Virtualization Extensions', MRS_SP_IRQ, MODE.svc, { virtualization: false }],
  ] as const)('%s', (_name, instruction, from, options) => {
    const rig = at(from, options);
    rig.cpu.words[1] = RAM + 0x100;
    rig.execute([instruction], RAM, 1);
    expect(mode(rig)).toBe(from === MODE.hyp ? MODE.hyp : MODE.und);
    expect(rig.cpu.s[S.NEXT]).toBe(from === MODE.hyp ? HVBAR + 4 : 4);
  });

  it('MRS of R8_fiq with NSACR.RFR', () => {
    const rig = at(MODE.svc);
    set(rig, { NSACR: NSACR.RFR });
    rig.execute([MRS_R8_FIQ], RAM, 1);
    expect(mode(rig)).toBe(MODE.und);
  });

  it('banked registers by numbers that are none: an SPSR, and R15', () => {
    for (const [R, SYSm] of [
      [1, 0],
      [1, 0b10001],
      [0, 0b00111],
    ] as const) {
      const rig = at(MODE.svc);
      expect(() => rig.sys.readBanked(field(R), field(SYSm))).toThrow(expect.objectContaining({ kind: 'undefined' }));
    }
  });

  it('but MRS reads R8_fiq, which no other mode has, from System mode', () => {
    const rig = at(MODE.sys);
    rig.cpu.banked[BANK.R8_fiq] = 77;
    rig.execute([MRS_R8_FIQ], RAM, 1);
    expect([mode(rig), rig.cpu.words[0]]).toEqual([MODE.sys, 77]);
  });
});
