/**
 * What translated code reads in `Cpu.scratch` instead of asking the engine. None of it outlives the stay in translated code, whose mode, rights
 * and end of turn do not change: the counters are published when they are first asked for. Reference: Arm DDI 0406C, B8.1 (Generic Timer).
 */
import { CNTHCTL, CNTKCTL } from '../cpu/controls.ts';
import { isUnderHyp, isUser } from '../cpu/modes.ts';
import * as S from '../cpu/scalars.ts';
import type { Cpu } from '../cpu/state.ts';

/** Places in `Cpu.scratch`: bits of `OPEN`; the time at which S.REMAINING is used up, the rate of the counters, and CNTVOFF. */
export const COUNTERS = { open: 9, end: 10, numerator: 12, denominator: 13, offset: 14 } as const;
/** Place in `Cpu.scratch` of the function of the region that was left by one of its exits. */
export const LEFT_REGION = 16;
/** Bits of `open`: the rest is there or wanted, and which counters may be read. */
export const OPEN = { known: 1, CNTPCT: 2, CNTVCT: 4, wanted: 8 } as const;

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
