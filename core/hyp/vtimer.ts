/**
 * Time for guests that do not have a core at the moment, and the hypervisor's own alarm clock (CNTHP). While a guest has its core, its virtual
 * timer is the hardware's. Reference: Arm DDI 0406C, B8.1.5 (timers).
 */
import type { Cpu } from '../cpu/state.ts';
import { AT } from './context.ts';
import { toNumber, writeSystem, writeWide } from './machine-registers.ts';
import type { Partition } from './partition.ts';
import type { Vcpu } from './vcpu.ts';

const WORD = 0x1_0000_0000;
const ENABLE = 1;
const IMASK = 2;

/** System counter at which the virtual timer of a guest without a core is due; Infinity if it is off, masked or has already said so. */
export function timerDeadline({ vgic, offset }: Partition, { context, index }: Vcpu): number {
  if (((context[AT.CNTV_CTL] as number) & (ENABLE | IMASK)) !== ENABLE || vgic.timerHeld(index)) return Number.POSITIVE_INFINITY;
  const at = toNumber(context[AT.CNTV_CVAL] as number, context[AT.CNTV_CVAL + 1] as number) + offset;
  return at <= Number.MAX_SAFE_INTEGER ? at : Number.POSITIVE_INFINITY;
}

/**
 * System counter at which a vCPU that waits must be looked at, unless an interrupt comes first. `loaded`: it has the core, and the hardware's
 * timer with it, which interrupts by itself.
 */
export function wakingTime(partition: Partition, vcpu: Vcpu, loaded: boolean): number {
  if (!vcpu.present || !vcpu.blocked) return Number.POSITIVE_INFINITY;
  return loaded ? vcpu.wakeAt : Math.min(vcpu.wakeAt, timerDeadline(partition, vcpu));
}

/** CNTHP_CVAL and CNTHP_CTL. */
export function setAlarm(cpu: Cpu, at: number): void {
  if (at === Number.POSITIVE_INFINITY) return writeSystem(cpu, 'CNTHP_CTL', 0);
  writeWide(cpu, 'CNTHP_CVAL', (at % WORD) | 0, Math.floor(at / WORD));
  writeSystem(cpu, 'CNTHP_CTL', ENABLE);
}
