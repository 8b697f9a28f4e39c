/** WFI, WFE, SEV. Reference: Arm DDI 0406C, B1.8.13 (Wait For Event), B1.8.14 (Wait For Interrupt), B1.14.9. */
import { HCR } from './controls.ts';
import { wakes } from './interrupts.ts';
import { isUnderHyp } from './modes.ts';
import * as S from './scalars.ts';
import { SLOT } from './slots.ts';
import { type Cpu, WAIT } from './state.ts';
import { CONDITION, EC } from './syndrome.ts';

const hcrHas = (cpu: Cpu, bit: number): boolean => isUnderHyp(cpu) && ((cpu.system[SLOT.HCR] as number) & bit) !== 0;

/** Waits, unless what would end the wait is there already. A trap is taken only where the processor would wait. */
function wait(cpu: Cpu, how: number, trapBit: number, ti: number): void {
  const { s } = cpu;
  s[S.WAIT] = how;
  const awake = wakes(cpu);
  s[S.WAIT] = WAIT.running;
  if (awake) {
    s[S.ATTENTION] = 1;
    return;
  }
  if (hcrHas(cpu, trapBit)) cpu.raise({ kind: 'hyp trap', ec: EC.wfx, iss: CONDITION | ti });
  s[S.WAIT] = how;
  s[S.ATTENTION] = 1;
}

export const waitForInterrupt = (cpu: Cpu): void => wait(cpu, WAIT.interrupt, HCR.TWI, 0);

export function waitForEvent(cpu: Cpu): void {
  const { s } = cpu;
  if (cpu.sys.takeStreamedEvent()) s[S.EVENT] = 1;
  if (s[S.EVENT] !== 0) {
    s[S.EVENT] = 0;
    return;
  }
  wait(cpu, WAIT.event, HCR.TWE, 1);
  if (s[S.WAIT] === WAIT.event) cpu.sys.awaitStreamedEvent();
}

/** SEV: every core's event register, this one's too; the run loop looks which of them waits. */
export function sendEvent(cpu: Cpu): void {
  cpu.s[S.EVENT] = 1;
  cpu.ports.sendEvent();
}
