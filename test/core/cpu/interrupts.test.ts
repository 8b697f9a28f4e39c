import { describe, expect, it } from 'vitest';
import { HCR, SCR } from '../../../core/cpu/controls.ts';
import { takePendingInterrupt, wakes } from '../../../core/cpu/exceptions.ts';
import { changeMode, MODE } from '../../../core/cpu/modes.ts';
import * as S from '../../../core/cpu/scalars.ts';
import { SLOT } from '../../../core/cpu/slots.ts';
import { BANK, WAIT } from '../../../core/cpu/state.ts';
import { makeRig, RAM, type RigOptions } from './rig.ts';

const WFI = 0xe320f003;
const WFE = 0xe320f002;
const SEV = 0xe320f004;

/** A processor in a mode, with masks A, I, F given and the lines of `pending` raised. */
function waiting(mode: number, masks: string, pending: readonly number[], hcr = 0, scr = SCR.NS, options: RigOptions = {}) {
  const { cpu } = makeRig({ secure: false, ...options });
  changeMode(cpu, mode);
  cpu.system[SLOT.HCR] = hcr;
  cpu.system[SLOT.SCR] = scr;
  cpu.s[S.A] = masks.includes('A') ? 1 : 0;
  cpu.s[S.I] = masks.includes('I') ? 1 : 0;
  cpu.s[S.F] = masks.includes('F') ? 1 : 0;
  for (const line of pending) cpu.s[line] = 1;
  return cpu;
}

describe('routing of physical interrupts', () => {
  it.each([
    ['to IRQ mode', MODE.svc, '', S.IRQ, 0, SCR.NS, MODE.irq],
    ['masked by CPSR.I', MODE.svc, 'I', S.IRQ, 0, SCR.NS, undefined],
    ['to Hyp mode with HCR.IMO, whatever CPSR.I', MODE.svc, 'I', S.IRQ, HCR.IMO, SCR.NS, MODE.hyp],
    ['masked by CPSR.I in Hyp mode', MODE.hyp, 'I', S.IRQ, HCR.IMO, SCR.NS, undefined],
    ['to Hyp mode from Hyp mode', MODE.hyp, '', S.IRQ, 0, SCR.NS, MODE.hyp],
    ['to Monitor mode with SCR.IRQ', MODE.svc, '', S.IRQ, 0, SCR.NS | SCR.IRQ, MODE.mon],
    ['masked by CPSR.I though it is for Monitor mode', MODE.svc, 'I', S.IRQ, 0, SCR.NS | SCR.IRQ, undefined],
    ['FIQ to Monitor mode with SCR.FIQ, whatever CPSR.F', MODE.svc, 'F', S.FIQ, 0, SCR.NS | SCR.FIQ, MODE.mon],
    ['FIQ masked with SCR.FW', MODE.svc, 'F', S.FIQ, 0, SCR.NS | SCR.FIQ | SCR.FW, undefined],
    ['FIQ to FIQ mode', MODE.irq, 'I', S.FIQ, 0, SCR.NS, MODE.fiq],
    ['abort to Abort mode', MODE.svc, '', S.ASYNC_ABORT, 0, SCR.NS, MODE.abt],
    ['abort to Hyp mode with HCR.AMO', MODE.svc, 'A', S.ASYNC_ABORT, HCR.AMO, SCR.NS, MODE.hyp],
    ['abort to Monitor mode with SCR.EA', MODE.svc, '', S.ASYNC_ABORT, HCR.AMO, SCR.NS | SCR.EA, MODE.mon],
    ['IRQ line in Secure state, HCR or not', MODE.svc, 'I', S.IRQ, HCR.IMO, 0, undefined],
  ] as const)('%s', (_name, mode, masks, line, hcr, scr, target) => {
    const cpu = waiting(mode, masks, [line], hcr, scr);
    expect(takePendingInterrupt(cpu)).toBe(target !== undefined);
    expect(cpu.s[S.M]).toBe(target ?? mode);
  });

  it('an interrupt to Hyp mode returns to the next instruction itself', () => {
    const cpu = waiting(MODE.svc, '', [S.IRQ], HCR.IMO);
    takePendingInterrupt(cpu);
    expect(cpu.banked[BANK.ELR_hyp]).toBe(RAM);
  });
});

describe('virtual interrupts', () => {
  it('come from the interrupt controller for Non-secure PL1 with HCR.IMO', () => {
    const taken = waiting(MODE.usr, '', [S.VIRQ], HCR.IMO);
    expect([takePendingInterrupt(taken), taken.s[S.M]]).toEqual([true, MODE.irq]);
    for (const cpu of [
      waiting(MODE.usr, '', [S.VIRQ]),
      waiting(MODE.usr, 'I', [S.VIRQ], HCR.IMO),
      waiting(MODE.hyp, '', [S.VIRQ], HCR.IMO),
    ])
      expect(takePendingInterrupt(cpu)).toBe(false);
  });

  it('a virtual abort clears HCR.VA and reports an asynchronous external abort', () => {
    const cpu = waiting(MODE.usr, '', [], HCR.AMO | HCR.VA);
    expect(takePendingInterrupt(cpu)).toBe(true);
    expect([cpu.system[SLOT.HCR], cpu.system[SLOT.DFSR]]).toEqual([HCR.AMO, 0x406]);
  });
});

describe('waiting', () => {
  it('WFI waits until something is pending, masked or not', () => {
    const rig = makeRig();
    rig.execute([WFI]);
    expect(rig.cpu.s[S.WAIT]).toBe(WAIT.interrupt);
    expect(wakes(rig.cpu)).toBe(false);
    rig.cpu.s[S.IRQ] = 1;
    expect(wakes(rig.cpu)).toBe(true);
  });

  it('WFI does not wait, nor is it trapped, if something is pending', () => {
    const rig = makeRig({ secure: false });
    rig.cpu.system[SLOT.HCR] = HCR.TWI;
    rig.cpu.s[S.IRQ] = 1;
    rig.execute([WFI]);
    expect([rig.cpu.s[S.WAIT], rig.cpu.s[S.M]]).toEqual([WAIT.running, MODE.svc]);
  });

  it('WFE takes an event that is there, else waits for one or for an interrupt that is not masked', () => {
    const rig = makeRig();
    rig.execute([SEV, WFE]);
    expect([rig.cpu.s[S.WAIT], rig.cpu.s[S.EVENT]]).toEqual([WAIT.running, 0]);
    rig.execute([WFE]);
    expect(rig.cpu.s[S.WAIT]).toBe(WAIT.event);
    rig.cpu.s[S.IRQ] = 1;
    expect(wakes(rig.cpu)).toBe(false);
    rig.cpu.s[S.I] = 0;
    expect(wakes(rig.cpu)).toBe(true);
  });

  it('WFE is trapped with HCR.TWE where it would wait', () => {
    const rig = makeRig({ secure: false });
    rig.cpu.system[SLOT.HCR] = HCR.TWE;
    rig.execute([WFE]);
    expect([rig.cpu.s[S.M], (rig.cpu.system[SLOT.HSR] as number) >>> 0]).toEqual([MODE.hyp, 0x07e00001]);
  });

  it('a core that is off does not wake', () => {
    const cpu = waiting(MODE.svc, '', [S.IRQ]);
    cpu.s[S.WAIT] = WAIT.off;
    expect(wakes(cpu)).toBe(false);
  });
});
