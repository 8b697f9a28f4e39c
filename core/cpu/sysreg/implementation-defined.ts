/**
 * What each processor has of its own: auxiliary control, L2 memory system, access to the RAMs of the caches (which we have none of: they read
 * as zero). References: Cortex-A15 TRM DDI 0438, 4.2 and 4.3; Cortex-A7 TRM DDI 0464, 4.2 and 4.3.
 */
import { HCR, NSACR } from '../controls.ts';
import { isSecure } from '../modes.ts';
import { SLOT, type SlotName } from '../slots.ts';
import type { Cpu } from '../state.ts';
import type { System } from '../system.ts';
import { registers, type SystemRegister } from './register.ts';

/** ACTLR.SMP: takes part in coherency. */
const SMP = 1 << 6;
const INTERRUPT_CONTROLLER = 1 << 23;

/** Secure software owns the bits; without the Security Extensions everyone does. */
const owns = (cpu: Cpu): boolean => !cpu.model.security || isSecure(cpu);

/** Non-secure software may change SMP alone, and that only if NSACR.NS_SMP lets it. */
function writableAuxiliary(cpu: Cpu): number {
  if (owns(cpu)) return -1;
  return ((cpu.system[SLOT.NSACR] as number) & NSACR.NS_SMP) !== 0 ? SMP : 0;
}

/** Writes from Non-secure state are ignored. */
const secureWrite =
  (slot: SlotName, mask = -1) =>
  ({ cpu }: System, value: number): void => {
    if (owns(cpu)) cpu.system[SLOT[slot]] = value & mask;
  };

const l2 = (slot: SlotName, at: string, more: Partial<SystemRegister> = {}): SystemRegister => ({
  name: slot,
  at,
  rights: 'rw',
  slot,
  write: secureWrite(slot),
  ...more,
});

const A15 = { only: 'cortex-a15' } as const;
const A7 = { only: 'cortex-a7' } as const;

/** Data registers: what the last look into a RAM found. */
const found = (name: string, at: string, rights: 'ro' | 'rw'): SystemRegister => ({
  name,
  at,
  rights,
  read: () => 0,
  ...(rights === 'rw' ? { write: () => {} } : {}),
});
const look = (name: string, at: string): SystemRegister => ({ name, at, rights: 'wo', write: () => {} });

export const IMPLEMENTATION_DEFINED_REGISTERS = registers(
  {
    name: 'ACTLR',
    at: 'p15 0 c1 c0 1',
    rights: 'rw',
    slot: 'ACTLR',
    reset: ({ id }) => id.ACTLR,
    trap: { hcr: HCR.TAC },
    write: ({ cpu }, value) => {
      const mask = writableAuxiliary(cpu);
      cpu.system[SLOT.ACTLR] = ((cpu.system[SLOT.ACTLR] as number) & ~mask) | (value & mask);
    },
  },
  l2('L2CTLR', 'p15 1 c9 c0 2', {
    write: secureWrite('L2CTLR', 0x1ff),
    read: ({ cpu }) => (cpu.system[SLOT.L2CTLR] as number) | ((cpu.model.cores - 1) << 24) | INTERRUPT_CONTROLLER,
  }),
  l2('L2ECTLR', 'p15 1 c9 c0 3'),
  { name: 'CBAR', at: 'p15 4 c15 c0 0', rights: 'ro', read: ({ cpu }) => cpu.model.periphbase },
  ...[
    ...[0, 1, 2].map((n) => found(`IL1DATA${n}`, `p15 0 c15 c0 ${n}`, 'rw')),
    ...[0, 1, 2, 3].map((n) => found(`DL1DATA${n}`, `p15 0 c15 c1 ${n}`, 'rw')),
    look('RAMINDEX', 'p15 0 c15 c4 0'),
    l2('L2ACTLR', 'p15 1 c15 c0 0'),
    l2('L2PFR', 'p15 1 c15 c0 3'),
    l2('ACTLR2', 'p15 1 c15 c0 4'),
    { name: 'CPUMERRSR', at: 'p15 0 c15', rights: 'rw', slot: 'CPUMERRSR' } as const,
    { name: 'L2MERRSR', at: 'p15 1 c15', rights: 'rw', slot: 'L2MERRSR' } as const,
  ].map((row): SystemRegister => ({ ...row, ...A15 })),
  ...[
    ...[0, 1, 2].map((n) => found(`CDBGDR${n}`, `p15 3 c15 c0 ${n}`, 'ro')),
    look('CDBGDCT', 'p15 3 c15 c2 0'),
    look('CDBGICT', 'p15 3 c15 c2 1'),
    look('CDBGDCD', 'p15 3 c15 c4 0'),
    look('CDBGICD', 'p15 3 c15 c4 1'),
    look('CDBGTD', 'p15 3 c15 c4 2'),
  ].map((row): SystemRegister => ({ ...row, ...A7 })),
);
