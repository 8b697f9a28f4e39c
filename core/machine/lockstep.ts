/**
 * Two machines of the same description, one interpreted and one translated, in lockstep: both run to the same virtual time, and their states are
 * compared. Where they differ, runs from the start with ever smaller steps tell when, and the interpreted one what it executed there.
 */
import { Decoder } from '../cpu/decode.ts';
import { disassemble } from '../cpu/disassemble.ts';
import { INSTRUCTIONS } from '../cpu/isa/all.ts';
import * as S from '../cpu/scalars.ts';
import type { Cpu } from '../cpu/state.ts';
import { cpsr } from '../cpu/status.ts';
import { AT_ONCE, type TranslationOptions } from '../jit/translations.ts';
import type { Machine } from './machine.ts';

export type MakeMachine = (engine: 'interpreter' | 'jit', translation?: Partial<TranslationOptions>) => Machine;

export interface Limits {
  /** Virtual nanoseconds, or Infinity. */
  readonly until: number;
  readonly instructions?: number;
  /** Virtual nanoseconds between the first comparisons. */
  readonly step?: number;
  /** Told of each comparison that found no difference, in the first run; false ends it. */
  readonly passed?: (time: number) => boolean;
}

export interface Divergence {
  /** The last time at which both were the same, and the first at which they were not. */
  readonly from: number;
  readonly to: number;
  /** What differs, a line each. */
  readonly differences: readonly string[];
  /** What the interpreted one executed last, a line each. */
  readonly trace: readonly string[];
}

export interface Verified {
  /** Virtual time that was reached. */
  readonly time: number;
  readonly divergence: Divergence | undefined;
}

const STEP = 1_000_000;
/** Each run cuts the time in question into so many parts, until there are few enough to print. */
const PARTS = 32;
const FINE = 4;
/** Translated code shows a fault at its next exit: so much is executed before that. */
const CONTEXT = 48;

interface Pair {
  readonly interpreted: Machine;
  readonly translated: Machine;
}
interface Interval {
  readonly from: number;
  readonly to: number;
}

/** Runs until the limits, the end or the first difference. */
export function verify(make: MakeMachine, limits: Limits): Verified {
  const pair = makePair(make);
  let interval = search(pair, { from: 0, to: limits.until }, limits.step ?? STEP, limits);
  if (interval === undefined) return { time: pair.interpreted.clock.now(), divergence: undefined };
  let differing = pair;
  while (interval.to - interval.from > FINE) {
    const again = makePair(make);
    run(again, interval.from);
    const step = Math.max(1, Math.floor((interval.to - interval.from) / PARTS));
    const found = search(again, interval, step, limits);
    // Shorter steps leave more to the interpreter: the fault may not show in them.
    if (found === undefined) break;
    interval = found;
    differing = again;
  }
  const exact = stepwise(make, interval, limits);
  if (exact !== undefined) [interval, differing] = [exact.interval, exact.pair];
  const differences = differencesOf(differing);
  return { time: interval.to, divergence: { ...interval, differences, trace: traceOf(make, interval, limits) } };
}

/** From the interpreted machine's state where both were still the same, with every instruction a region of its own. */
function stepwise(make: MakeMachine, { from, to }: Interval, limits: Limits): { pair: Pair; interval: Interval } | undefined {
  const interpreted = make('interpreter');
  interpreted.run(Math.max(0, from - CONTEXT), limits.instructions);
  const translated = make('jit', { ...AT_ONCE, items: 1 });
  translated.load(interpreted.save());
  const pair = { interpreted, translated };
  const interval = search(pair, { from: interpreted.clock.now(), to }, 1, { ...limits, passed: () => true });
  return interval && { pair, interval };
}

const makePair = (make: MakeMachine): Pair => ({ interpreted: make('interpreter'), translated: make('jit') });

function run({ interpreted, translated }: Pair, until: number, instructions?: number): boolean {
  const stops = [interpreted.run(until, instructions), translated.run(until, instructions)];
  return stops[0] === 'limit' && stops[1] === 'limit' && interpreted.clock.now() >= until;
}

/** In steps from one time to another; where the first difference is. */
function search(pair: Pair, { from, to }: Interval, step: number, { instructions, passed }: Limits): Interval | undefined {
  const { interpreted, translated } = pair;
  let last = from;
  for (let time = from; time < to; ) {
    time = Math.min(to, time + step);
    const on = run(pair, time, instructions);
    const now = Math.max(interpreted.clock.now(), translated.clock.now());
    if (interpreted.stateHash() !== translated.stateHash()) return { from: last, to: now };
    last = now;
    if (!on || passed?.(now) === false) return undefined;
  }
  return undefined;
}

const hex = (value: number | undefined): string => ((value ?? 0) >>> 0).toString(16).padStart(8, '0');
const NAMES = [...Array.from({ length: 13 }, (_, i) => `R${i}`), 'SP', 'LR'];

function differencesOf({ interpreted, translated }: Pair): string[] {
  const lines: string[] = [];
  const add = (name: string, a: number | undefined, b: number | undefined) => {
    if (a !== b) lines.push(`${name}: ${hex(a)} interpreted, ${hex(b)} translated`);
  };
  add('virtual time', interpreted.clock.now(), translated.clock.now());
  for (const [i, a] of interpreted.cpus.entries()) {
    const b = translated.cpus[i] as Cpu;
    const core = interpreted.cpus.length === 1 ? '' : `core ${i} `;
    for (const [n, name] of NAMES.entries()) add(core + name, a.words[n], b.words[n]);
    add(`${core}next instruction`, a.s[S.NEXT], b.s[S.NEXT]);
    add(`${core}CPSR`, cpsr(a), cpsr(b));
    add(`${core}FPSCR`, a.fp.FPSCR, b.fp.FPSCR);
    for (let n = 0; n < 64; n++) add(`${core}D${n >> 1}<${n & 1 ? '63:32' : '31:0'}>`, a.fp.w[n], b.fp.w[n]);
    for (const [n, value] of a.banked.entries()) add(`${core}banked register ${n}`, value, b.banked[n]);
    for (const [n, value] of a.system.entries()) add(`${core}system register ${n}`, value, b.system[n]);
  }
  lines.push(...memoryDifferences(interpreted, translated));
  return lines.length > 0 ? lines : ['something of devices or TLBs'];
}

const MOST_WORDS = 16;

function memoryDifferences(a: Machine, b: Machine): string[] {
  const lines: string[] = [];
  for (const [i, region] of a.map.regions.entries()) {
    const other = b.map.regions[i];
    if (region.kind !== 'memory' || other?.kind !== 'memory') continue;
    const words = (machine: Machine, offset: number) =>
      machine.map.arena.i32.subarray(offset >>> 2, (offset + region.size) >>> 2);
    const [ours, theirs] = [words(a, region.offset), words(b, other.offset)];
    for (let i = 0; i < ours.length && lines.length < MOST_WORDS; i++) {
      const [one, two] = [ours[i], theirs[i]];
      if (one !== two) lines.push(`memory at ${hex(region.base + 4 * i)}: ${hex(one)} interpreted, ${hex(two)} translated`);
    }
  }
  return lines;
}

/** The interpreted machine once more, instruction by instruction where it matters. */
function traceOf(make: MakeMachine, { from, to }: Interval, { instructions }: Limits): string[] {
  const machine = make('interpreter');
  machine.run(Math.max(0, from - CONTEXT), instructions);
  const decoder = new Decoder(INSTRUCTIONS);
  const lines: string[] = [];
  while (machine.clock.now() < to && machine.ending === undefined) {
    const before = machine.cpus.map((cpu) => ({ text: nextOf(machine, cpu, decoder), words: cpu.words.slice(0, 15) }));
    const time = machine.clock.now();
    if (machine.run(time + 1, instructions) !== 'limit' || machine.clock.now() === time) break;
    for (const [i, cpu] of machine.cpus.entries()) {
      const { text, words } = before[i] as (typeof before)[number];
      const changed = NAMES.flatMap((name, n) => (words[n] === cpu.words[n] ? [] : [`${name}=${hex(cpu.words[n])}`]));
      lines.push(`${time}${machine.cpus.length === 1 ? '' : ` core ${i}`} ${text.padEnd(48)} ${changed.join(' ')}`.trimEnd());
    }
  }
  return lines.slice(-4 * CONTEXT);
}

/** The instruction that comes next, as text; where nothing can be fetched, the address alone. */
function nextOf({ map }: Machine, cpu: Cpu, decoder: Decoder): string {
  const pc = cpu.s[S.NEXT] as number;
  const offset = placeOf(cpu, pc);
  if (offset === undefined) return hex(pc);
  const half = (at: number) => map.arena.read((offset + at) >>> 0, 2);
  const first = half(0);
  const thumb = cpu.s[S.T] !== 0;
  const narrow = thumb && first >>> 11 < 0x1d;
  const bits = narrow ? first : thumb ? (first << 16) | half(2) : first | (half(2) << 16);
  const op = decoder.decode(thumb ? 'T32' : 'A32', bits, narrow, cpu.s[S.IT] !== 0);
  return `${hex(pc)}  ${disassemble(op, pc)}`;
}

/** Where an instruction lies in the arena, if the processor has executed from its page already: looking changes nothing. */
function placeOf(cpu: Cpu, pc: number): number | undefined {
  const delta = cpu.mem.executeDelta(pc);
  return delta === undefined ? undefined : (pc + delta) >>> 0;
}
