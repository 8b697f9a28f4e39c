/** The registers of the performance monitors; `performance.ts` counts. Reference: Arm DDI 0406C, C12.8, B4.1. */
import { HDCR } from '../controls.ts';
import { isUser } from '../modes.ts';
import { CYCLES, PMCR } from '../performance.ts';
import { SLOT } from '../slots.ts';
import type { Cpu } from '../state.ts';
import type { System } from '../system.ts';
import { registers, type SystemRegister } from './register.ts';

const EVENT_NUMBER = 0xff;

const at = (cpu: Cpu, slot: number): number => cpu.system[slot] as number;
const visibleMask = ({ monitors }: System): number => (1 << CYCLES) | ((1 << monitors.visible) - 1);

/** From User mode only with PMUSERENR.EN. */
const permit = ({ cpu }: System): void => {
  if (isUser(cpu) && (at(cpu, SLOT.PMUSERENR) & 1) === 0) cpu.undefined();
};

const monitor = (name: string, where: string, more: Partial<SystemRegister>): SystemRegister => ({
  name,
  at: where,
  rights: 'rw',
  user: 'rw',
  trap: { hdcr: HDCR.TPM },
  permit,
  ...more,
});

/** A set or clear register over a word of bits, one per counter. */
const bitset = (name: string, where: string, slot: number, set: boolean, more: Partial<SystemRegister> = {}): SystemRegister =>
  monitor(name, where, {
    read: (system) => {
      system.monitors.sync();
      return at(system.cpu, slot) & visibleMask(system);
    },
    write: (system, value) =>
      system.monitors.change(() => {
        const bits = value & visibleMask(system);
        system.cpu.system[slot] = set ? at(system.cpu, slot) | bits : at(system.cpu, slot) & ~bits;
      }),
    ...more,
  });

/** P clears the event counters that the writer knows of, C the cycle counter with its divider. */
function writePmcr(system: System, value: number): void {
  const { cpu, monitors } = system;
  monitors.change(() => {
    if (value & PMCR.C) {
      cpu.system[SLOT.PMCCNTR] = 0;
      cpu.system[SLOT.PM_PHASE] = 0;
    }
    if (value & PMCR.P) cpu.system.fill(0, SLOT.PMXEVCNTR, SLOT.PMXEVCNTR + monitors.visible);
    cpu.system[SLOT.PMCR] = value & (PMCR.E | PMCR.D | PMCR.X | PMCR.DP);
  });
}

/** The slot that PMSELR names, in the family `first` (event counters) or `cycles`; undefined if there is none. */
function selected({ cpu, monitors }: System, first: number, cycles: number | undefined): number | undefined {
  const n = at(cpu, SLOT.PMSELR);
  if (n === CYCLES) return cycles;
  return n < monitors.visible ? first + n : undefined;
}

type Mask = (system: System, slot: number) => number;

const bySelection = (name: string, where: string, first: number, cycles: number | undefined, mask: Mask): SystemRegister =>
  monitor(name, where, {
    read: (system) => {
      system.monitors.sync();
      const slot = selected(system, first, cycles);
      return slot === undefined ? 0 : at(system.cpu, slot);
    },
    write: (system, value) =>
      system.monitors.change(() => {
        const slot = selected(system, first, cycles);
        if (slot !== undefined) system.cpu.system[slot] = value & mask(system, slot);
      }),
  });

/** The cycle counter has a filter and no event number. */
const filterAndEvent: Mask = ({ monitors }, slot) => monitors.filterMask | (slot === SLOT.PMCCFILTR ? 0 : EVENT_NUMBER);

const PL1_ONLY = { user: 'none', permit: () => {} } as const;

export const PMU_REGISTERS = registers(
  monitor('PMCR', 'p15 0 c9 c12 0', {
    trap: { hdcr: HDCR.TPM | HDCR.TPMCR },
    read: ({ cpu, monitors }) => (cpu.model.id.PMCR & ~0xf800) | (monitors.visible << 11) | at(cpu, SLOT.PMCR),
    write: writePmcr,
  }),
  bitset('PMCNTENSET', 'p15 0 c9 c12 1', SLOT.PMCNTEN, true),
  bitset('PMCNTENCLR', 'p15 0 c9 c12 2', SLOT.PMCNTEN, false),
  bitset('PMOVSR', 'p15 0 c9 c12 3', SLOT.PMOVS, false),
  monitor('PMSWINC', 'p15 0 c9 c12 4', {
    rights: 'wo',
    user: 'wo',
    write: ({ monitors }, value) => monitors.softwareIncrement(value),
  }),
  monitor('PMSELR', 'p15 0 c9 c12 5', { slot: 'PMSELR', mask: 31 }),
  monitor('PMCEID0', 'p15 0 c9 c12 6', { rights: 'ro', user: 'ro', read: ({ cpu }) => cpu.model.id.PMCEID0 }),
  monitor('PMCEID1', 'p15 0 c9 c12 7', { rights: 'ro', user: 'ro', read: () => 0 }),
  monitor('PMCCNTR', 'p15 0 c9 c13 0', {
    read: ({ cpu, monitors }) => {
      monitors.sync();
      return at(cpu, SLOT.PMCCNTR);
    },
    write: ({ cpu, monitors }, value) =>
      monitors.change(() => {
        cpu.system[SLOT.PMCCNTR] = value;
      }),
  }),
  bySelection('PMXEVTYPER', 'p15 0 c9 c13 1', SLOT.PMXEVTYPER, SLOT.PMCCFILTR, filterAndEvent),
  bySelection('PMXEVCNTR', 'p15 0 c9 c13 2', SLOT.PMXEVCNTR, undefined, () => -1),
  monitor('PMUSERENR', 'p15 0 c9 c14 0', { user: 'ro', slot: 'PMUSERENR', mask: 1, permit: () => {} }),
  bitset('PMINTENSET', 'p15 0 c9 c14 1', SLOT.PMINTEN, true, PL1_ONLY),
  bitset('PMINTENCLR', 'p15 0 c9 c14 2', SLOT.PMINTEN, false, PL1_ONLY),
  bitset('PMOVSSET', 'p15 0 c9 c14 3', SLOT.PMOVS, true, { needs: 'virtualization' }),
);
