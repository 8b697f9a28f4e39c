/**
 * Performance monitors: every event that can be counted advances with virtual time, one per nanosecond, which is one per instruction.
 * Reference: Arm DDI 0406C, C12. Not modelled: the overflow interrupt, filtering by mode, chained events.
 */
import { HDCR } from '../controls.ts';
import { isHyp, isSecure, isUser } from '../modes.ts';
import { SLOT } from '../slots.ts';
import type { Cpu } from '../state.ts';
import type { System } from '../system.ts';
import { registers, type SystemRegister } from './register.ts';

const PMCR = { E: 1, P: 2, C: 4, D: 8, X: 16, DP: 32 } as const;
const EVENT_COUNTERS = 6;
const CYCLES = 31;
const ALL = (1 << CYCLES) | ((1 << EVENT_COUNTERS) - 1) | 0;
const SW_INCR = 0x00;
const COUNTED: ReadonlySet<number> = new Set([0x08, 0x11]);
const WORD = 0x1_0000_0000;

const at = (cpu: Cpu, slot: number): number => cpu.system[slot] as number;
const implemented = (cpu: Cpu): number => (cpu.model.id.PMCR >>> 11) & 31;

/** Counters of which the current mode may know: HDCR.HPMN leaves a guest the first few. */
function visible(cpu: Cpu): number {
  const guest = cpu.model.virtualization && !isSecure(cpu) && !isHyp(cpu);
  return guest ? Math.min(implemented(cpu), at(cpu, SLOT.HDCR) & HDCR.HPMN) : implemented(cpu);
}
const visibleMask = (cpu: Cpu): number => ((1 << CYCLES) | ((1 << visible(cpu)) - 1)) & ALL;

const wide = (cpu: Cpu, slot: number): number => (at(cpu, slot) >>> 0) + (at(cpu, slot + 1) >>> 0) * WORD;
function setWide(cpu: Cpu, slot: number, value: number): void {
  cpu.system[slot] = value | 0;
  cpu.system[slot + 1] = Math.floor(value / WORD) | 0;
}

/** Brings all counters up to the present. To be called before anything that they depend on changes or is read. */
function sync(system: System): void {
  const { cpu } = system;
  const now = system.now();
  const elapsed = Math.max(0, now - wide(cpu, SLOT.PM_START));
  setWide(cpu, SLOT.PM_START, now);
  if ((at(cpu, SLOT.PMCR) & PMCR.E) === 0) return;
  const enabled = at(cpu, SLOT.PMCNTEN);
  if (enabled < 0) countCycles(cpu, elapsed);
  for (let n = 0; n < implemented(cpu); n++) {
    if (((enabled >>> n) & 1) === 0 || !COUNTED.has(at(cpu, SLOT.PMXEVTYPER + n) & 0xff)) continue;
    count(cpu, SLOT.PMXEVCNTR + n, n, elapsed);
  }
}

/** PMCR.D: one count in 64 cycles; the remainder is dropped at each look, as the divider's state is not visible. */
const countCycles = (cpu: Cpu, elapsed: number): void =>
  count(cpu, SLOT.PMCCNTR, CYCLES, at(cpu, SLOT.PMCR) & PMCR.D ? Math.floor(elapsed / 64) : elapsed);

function count(cpu: Cpu, slot: number, bit: number, events: number): void {
  const sum = (at(cpu, slot) >>> 0) + events;
  cpu.system[slot] = sum | 0;
  if (sum >= WORD) cpu.system[SLOT.PMOVS] = at(cpu, SLOT.PMOVS) | (1 << bit);
}

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
      sync(system);
      return at(system.cpu, slot) & visibleMask(system.cpu);
    },
    write: (system, value) => {
      sync(system);
      const bits = value & visibleMask(system.cpu);
      system.cpu.system[slot] = set ? at(system.cpu, slot) | bits : at(system.cpu, slot) & ~bits;
    },
    ...more,
  });

function writePmcr(system: System, value: number): void {
  const { cpu } = system;
  sync(system);
  if (value & PMCR.C) cpu.system[SLOT.PMCCNTR] = 0;
  if (value & PMCR.P) cpu.system.fill(0, SLOT.PMXEVCNTR, SLOT.PMXEVCNTR + visible(cpu));
  cpu.system[SLOT.PMCR] = value & (PMCR.E | PMCR.D | PMCR.X | PMCR.DP);
}

function softwareIncrement(system: System, value: number): void {
  const { cpu } = system;
  if ((at(cpu, SLOT.PMCR) & PMCR.E) === 0) return;
  for (let n = 0; n < visible(cpu); n++) {
    const counts = ((value & at(cpu, SLOT.PMCNTEN)) >>> n) & 1 && (at(cpu, SLOT.PMXEVTYPER + n) & 0xff) === SW_INCR;
    if (counts) count(cpu, SLOT.PMXEVCNTR + n, n, 1);
  }
}

/** The slot that PMSELR names, in the family `first` (event counters) or `cycles`; undefined if there is none. */
function selected(cpu: Cpu, first: number, cycles: number | undefined): number | undefined {
  const n = at(cpu, SLOT.PMSELR);
  if (n === CYCLES) return cycles;
  return n < visible(cpu) ? first + n : undefined;
}

const bySelection = (name: string, where: string, first: number, cycles: number | undefined): SystemRegister =>
  monitor(name, where, {
    read: (system) => {
      sync(system);
      const slot = selected(system.cpu, first, cycles);
      return slot === undefined ? 0 : at(system.cpu, slot);
    },
    write: (system, value) => {
      sync(system);
      const slot = selected(system.cpu, first, cycles);
      if (slot !== undefined) system.cpu.system[slot] = value;
    },
  });

const PL1_ONLY = { user: 'none', permit: () => {} } as const;

export const PMU_REGISTERS = registers(
  monitor('PMCR', 'p15 0 c9 c12 0', {
    trap: { hdcr: HDCR.TPM | HDCR.TPMCR },
    read: ({ cpu }) => (cpu.model.id.PMCR & ~0xf800) | (visible(cpu) << 11) | at(cpu, SLOT.PMCR),
    write: writePmcr,
  }),
  bitset('PMCNTENSET', 'p15 0 c9 c12 1', SLOT.PMCNTEN, true),
  bitset('PMCNTENCLR', 'p15 0 c9 c12 2', SLOT.PMCNTEN, false),
  bitset('PMOVSR', 'p15 0 c9 c12 3', SLOT.PMOVS, false),
  monitor('PMSWINC', 'p15 0 c9 c12 4', { rights: 'wo', user: 'wo', write: softwareIncrement }),
  monitor('PMSELR', 'p15 0 c9 c12 5', { slot: 'PMSELR', mask: 31 }),
  monitor('PMCEID0', 'p15 0 c9 c12 6', { rights: 'ro', user: 'ro', read: ({ cpu }) => cpu.model.id.PMCEID0 }),
  monitor('PMCEID1', 'p15 0 c9 c12 7', { rights: 'ro', user: 'ro', read: () => 0 }),
  monitor('PMCCNTR', 'p15 0 c9 c13 0', {
    read: (system) => {
      sync(system);
      return at(system.cpu, SLOT.PMCCNTR);
    },
    write: (system, value) => {
      sync(system);
      system.cpu.system[SLOT.PMCCNTR] = value;
    },
  }),
  bySelection('PMXEVTYPER', 'p15 0 c9 c13 1', SLOT.PMXEVTYPER, SLOT.PMCCFILTR),
  bySelection('PMXEVCNTR', 'p15 0 c9 c13 2', SLOT.PMXEVCNTR, undefined),
  monitor('PMUSERENR', 'p15 0 c9 c14 0', { user: 'ro', slot: 'PMUSERENR', mask: 1, permit: () => {} }),
  bitset('PMINTENSET', 'p15 0 c9 c14 1', SLOT.PMINTEN, true, PL1_ONLY),
  bitset('PMINTENCLR', 'p15 0 c9 c14 2', SLOT.PMINTEN, false, PL1_ONLY),
  bitset('PMOVSSET', 'p15 0 c9 c14 3', SLOT.PMOVS, true, { needs: 'virtualization' }),
);
