/**
 * What translated code reads in `Cpu.scratch` instead of asking the engine. None of it outlives the stay in translated code, whose mode, rights
 * and end of turn do not change: the counters are published when they are first asked for. Reference: Arm DDI 0406C, B8.1 (Generic Timer).
 */
import { CNTHCTL, CNTKCTL } from '../cpu/controls.ts';
import { isUnderHyp, isUser, MODE } from '../cpu/modes.ts';
import * as S from '../cpu/scalars.ts';
import { BANK, type Cpu, GENERATION } from '../cpu/state.ts';

/** Places in `Cpu.scratch`: bits of `OPEN`; the time at which S.REMAINING is used up, the rate of the counters, and CNTVOFF. */
export const COUNTERS = { open: 9, end: 10, numerator: 12, denominator: 13, offset: 14 } as const;
/** Place in `Cpu.scratch` of the function of the region that was left by one of its exits. */
export const LEFT_REGION = 16;
/** Bits of `open`: the rest is there or wanted, and which counters may be read. */
export const OPEN = { known: 1, CNTPCT: 2, CNTVCT: 4, wanted: 8 } as const;

/**
 * Further places: what may be done without the engine, the fast tables of now and of each privilege, the table of `aborts.ts`, the RAM's place in
 * the arena, its size and physical address, the Cache Type Register, and `modes`.
 */
export const PUBLISHED = {
  native: 23,
  tables: 17,
  user: 18,
  privileged: 19,
  hyp: 20,
  generation: GENERATION,
  aborts: 22,
  ram: { offset: 24, bytes: 25, base: 26 },
  CTR: 27,
  modes: 32,
} as const;
/** Bits of `native`. `owned`: who gets the processor in Hyp mode is not its own code. `alone`: there is one core. */
export const NATIVE = { on: 1, SVC: 2, HVC: 4, owned: 8, alone: 16 } as const;

/** By CPSR.M<3:0>, the numbers of SP, LR and SPSR among the banked registers, a byte each; 0 for a mode with more than these. */
const MODES: readonly (readonly [mode: number, SP: number, LR: number, SPSR: number])[] = [
  [MODE.usr, BANK.SP_usr, BANK.LR_usr, 0],
  [MODE.sys, BANK.SP_usr, BANK.LR_usr, 0],
  [MODE.irq, BANK.SP_irq, BANK.LR_irq, BANK.SPSR_irq],
  [MODE.svc, BANK.SP_svc, BANK.LR_svc, BANK.SPSR_svc],
  [MODE.abt, BANK.SP_abt, BANK.LR_abt, BANK.SPSR_abt],
  [MODE.und, BANK.SP_und, BANK.LR_und, BANK.SPSR_und],
  [MODE.hyp, BANK.SP_hyp, BANK.LR_usr, BANK.SPSR_hyp],
];

/** What never changes. */
export function publishLayout({ scratch, mem, model }: Cpu): void {
  scratch[PUBLISHED.CTR] = model.id.CTR;
  for (const [mode, SP, LR, SPSR] of MODES) scratch[PUBLISHED.modes + (mode & 15)] = SP | (LR << 8) | (SPSR << 16);
  const { user, privileged, hyp } = mem.views;
  scratch[PUBLISHED.user] = user;
  scratch[PUBLISHED.privileged] = privileged;
  scratch[PUBLISHED.hyp] = hyp;
  scratch[PUBLISHED.aborts] = mem.aborts.byteOffset;
}

/** The memory may be there later than the processor. */
function publishRam({ scratch, mem }: Cpu): void {
  const { ram } = mem;
  if (ram === undefined) return;
  scratch[PUBLISHED.ram.offset] = ram.offset;
  scratch[PUBLISHED.ram.bytes] = ram.size;
  scratch[PUBLISHED.ram.base] = ram.base;
}

/** Before translated code is entered. */
export function publishEntry(cpu: Cpu): void {
  const { scratch, mem, model, ports } = cpu;
  if (scratch[PUBLISHED.ram.bytes] === 0) publishRam(cpu);
  const SVC = ports.semihosting === undefined ? NATIVE.SVC : 0;
  const HVC = model.virtualization ? NATIVE.HVC : 0;
  const owned = ports.hypOwner === undefined ? 0 : NATIVE.owned;
  const alone = model.cores === 1 ? NATIVE.alone : 0;
  scratch[PUBLISHED.native] = model.security ? 0 : NATIVE.on | SVC | HVC | owned | alone;
  scratch[PUBLISHED.tables] = mem.fastTables;
  scratch[COUNTERS.open] = 0;
}

/** After translated code, which may have changed the mode. */
export function followMode({ scratch, mem }: Cpu): void {
  if (scratch[PUBLISHED.tables] !== mem.fastTables) mem.privilegeChanged();
}

/** A product with the time, which is below 2^53, then fits 64 bits. */
const MOST = 1 << 10;
const WORD = 0x1_0000_0000;

/** Does it where it is wanted. */
export function publishCounters(cpu: Cpu): void {
  const { s, scratch } = cpu;
  if (scratch[COUNTERS.open] !== OPEN.wanted) return;
  const timer = cpu.sys.timer;
  const { counter } = timer;
  scratch[COUNTERS.open] = OPEN.known;
  if (counter === undefined || counter.numerator > MOST) return;
  const end = counter.time + (s[S.REMAINING] as number);
  scratch[COUNTERS.end] = end | 0;
  scratch[COUNTERS.end + 1] = Math.floor(end / WORD);
  scratch[COUNTERS.numerator] = counter.numerator;
  scratch[COUNTERS.denominator] = counter.denominator;
  scratch[COUNTERS.offset] = timer.readLow('CNTVOFF');
  scratch[COUNTERS.offset + 1] = timer.readHigh('CNTVOFF');
  const user = isUser(cpu) ? timer.readLow('CNTKCTL') : -1;
  const hyp = isUnderHyp(cpu) ? timer.readLow('CNTHCTL') : -1;
  const physical = (user & CNTKCTL.PL0PCTEN) !== 0 && (hyp & CNTHCTL.PL1PCTEN) !== 0;
  const virtual = (user & CNTKCTL.PL0VCTEN) !== 0;
  scratch[COUNTERS.open] = OPEN.known | (physical ? OPEN.CNTPCT : 0) | (virtual ? OPEN.CNTVCT : 0);
}
