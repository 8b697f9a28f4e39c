/** The generic timer's registers, with the rights that CNTKCTL and CNTHCTL give. Reference: Arm DDI 0406C, B8.1, B8.2. */
import { CNTHCTL, CNTKCTL } from '../controls.ts';
import { isHyp, isSecure, isUnderHyp, isUser } from '../modes.ts';
import type { CounterRate } from '../operations.ts';
import type { System } from '../system.ts';
import { type Bank, registers, type SystemRegister } from './register.ts';

type Comparison<T extends string> = `${T}_CTL` | `${T}_CVAL` | `${T}_TVAL`;
/** CNTP_* is the Non-secure copy of the physical timer, CNTPS_* the Secure one. */
export type TimerRegister =
  | 'CNTFRQ'
  | 'CNTPCT'
  | 'CNTVCT'
  | 'CNTKCTL'
  | 'CNTHCTL'
  | 'CNTVOFF'
  | Comparison<'CNTP' | 'CNTPS' | 'CNTV' | 'CNTHP'>;

/** The generic timer, which is a device. */
export interface TimerPort {
  readonly counter?: CounterRate;
  readLow(register: TimerRegister): number;
  readHigh(register: TimerRegister): number;
  write(register: TimerRegister, low: number, high?: number): void;
  /** The event stream: whether it has set the event register since the last call; and that WFE waits for it. */
  takeEvent?(): boolean;
  awaitEvent?(): void;
}

/** From User mode, each of these bits of CNTKCTL allows it. From Non-secure PL1&0: without this bit of CNTHCTL, Hyp mode sees it. */
const permit =
  (user: number, hyp = 0) =>
  (system: System): void => {
    const { cpu } = system;
    if (isUser(cpu) && (system.timer.readLow('CNTKCTL') & user) === 0) cpu.undefined();
    if (hyp !== 0 && isUnderHyp(cpu) && (system.timer.readLow('CNTHCTL') & hyp) === 0) system.trapCurrentAccess();
  };

const register = (name: TimerRegister, at: string, more: Partial<SystemRegister>): SystemRegister => ({
  name,
  at,
  rights: 'rw',
  read: ({ timer }) => timer.readLow(name),
  write: ({ timer }, value) => timer.write(name, value),
  readWide: ({ timer }) => [timer.readLow(name), timer.readHigh(name)],
  writeWide: ({ timer }, low, high) => timer.write(name, low, high),
  ...more,
});

/** The physical timer has a copy per security state. */
function physical(part: 'CTL' | 'CVAL' | 'TVAL', at: string): SystemRegister {
  const of = (bank: Bank): TimerRegister => (bank === 1 ? `CNTPS_${part}` : `CNTP_${part}`);
  return {
    name: `CNTP_${part}`,
    at,
    rights: 'rw',
    user: 'rw',
    permit: permit(CNTKCTL.PL0PTEN, CNTHCTL.PL1PCEN),
    read: ({ timer }, bank) => timer.readLow(of(bank)),
    write: ({ timer }, value, bank) => timer.write(of(bank), value),
    readWide: ({ timer }, bank) => [timer.readLow(of(bank)), timer.readHigh(of(bank))],
    writeWide: ({ timer }, low, high, bank) => timer.write(of(bank), low, high),
  };
}

const virtualTimer = { user: 'rw', permit: permit(CNTKCTL.PL0VTEN) } as const;
const hypTimer = { level: 'PL2', needs: 'virtualization' } as const;

export const TIMER_REGISTERS = registers(
  register('CNTFRQ', 'p15 0 c14 c0 0', {
    user: 'ro',
    // Writable at the highest implemented privilege only.
    permit: (system, write) => {
      const { cpu } = system;
      const highest = cpu.model.security ? isSecure(cpu) : !cpu.model.virtualization || isHyp(cpu);
      if (write && !highest) cpu.undefined();
      permit(CNTKCTL.PL0PCTEN | CNTKCTL.PL0VCTEN)(system);
    },
  }),
  register('CNTKCTL', 'p15 0 c14 c1 0', {}),
  register('CNTHCTL', 'p15 4 c14 c1 0', hypTimer),
  physical('TVAL', 'p15 0 c14 c2 0'),
  physical('CTL', 'p15 0 c14 c2 1'),
  physical('CVAL', 'p15 2 c14'),
  register('CNTV_TVAL', 'p15 0 c14 c3 0', virtualTimer),
  register('CNTV_CTL', 'p15 0 c14 c3 1', virtualTimer),
  register('CNTV_CVAL', 'p15 3 c14', virtualTimer),
  register('CNTPCT', 'p15 0 c14', {
    rights: 'ro',
    user: 'ro',
    permit: permit(CNTKCTL.PL0PCTEN, CNTHCTL.PL1PCTEN),
  }),
  register('CNTVCT', 'p15 1 c14', { rights: 'ro', user: 'ro', permit: permit(CNTKCTL.PL0VCTEN) }),
  register('CNTVOFF', 'p15 4 c14', hypTimer),
  register('CNTHP_TVAL', 'p15 4 c14 c2 0', hypTimer),
  register('CNTHP_CTL', 'p15 4 c14 c2 1', hypTimer),
  register('CNTHP_CVAL', 'p15 6 c14', hypTimer),
);
