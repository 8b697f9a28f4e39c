/** Two processors with the same little memory: one is interpreted, the other translated. */
import { AddressMap } from '../../core/bus/address-map.ts';
import { Arena } from '../../core/bus/memory.ts';
import { CodeCache } from '../../core/cpu/code-cache.ts';
import { Decoder } from '../../core/cpu/decode.ts';
import { INSTRUCTIONS } from '../../core/cpu/isa/all.ts';
import { CpuMemory } from '../../core/cpu/memory.ts';
import { type ModelOptions, makeModel } from '../../core/cpu/models.ts';
import { type ResetOptions, resetCpu } from '../../core/cpu/reset.ts';
import * as S from '../../core/cpu/scalars.ts';
import { Cpu } from '../../core/cpu/state.ts';
import type { TimerPort } from '../../core/cpu/sysreg/timer.ts';
import type { Dispatch, Outside } from '../../core/jit/host.ts';
import { type TranslationOptions, Translations } from '../../core/jit/translations.ts';
import { makeProcessor, type Processor } from '../../core/machine/processor.ts';
import { Wasm } from '../host/wasm.ts';

export const RAM = 0x40000000;
const decoder = new Decoder(INSTRUCTIONS);

/** The counters of a Generic Timer, and nothing else of it. User mode may read CNTVCT. */
const counters = (now: () => number): TimerPort => {
  const ticks = () => Math.floor((now() * 3) / 125);
  const low: { readonly [register: string]: () => number } = {
    CNTPCT: ticks,
    CNTVCT: () => ticks() + OFFSET,
    CNTVOFF: () => -OFFSET,
    CNTKCTL: () => 2,
    CNTHCTL: () => 1,
  };
  const counter = {
    numerator: 3,
    denominator: 125,
    get time() {
      return now();
    },
    get ticks() {
      return ticks();
    },
  };
  const readHigh = (register: string) => (register === 'CNTVOFF' ? -1 : 0);
  return { counter, readLow: (register) => low[register]?.() ?? 0, readHigh, write: () => {} };
};
const OFFSET = 1000;

export interface SideOptions extends Partial<ModelOptions & ResetOptions> {
  /** Bytes of RAM, at `RAM`. */
  readonly memory?: number;
  /** Bytes of the host's memory, about, that decoded code may take. */
  readonly decoded?: number;
  readonly translations?: Partial<TranslationOptions>;
  /** Processors that share memory and translations. */
  readonly cores?: number;
}

/** Everything is translated at once, and soon again with what it calls. */
export const EAGER: Partial<TranslationOptions> = { hot: 1, warm: 3, threaded: 0, batch: 1, patience: 0 };
/** Threaded code stays what it is. */
export const THREADED: Partial<TranslationOptions> = { threaded: 0x7fff_ffff };

/** A bare machine with an engine. */
export class Side {
  readonly map: AddressMap;
  readonly cache: CodeCache;
  readonly translations: Translations | undefined;
  readonly processors: readonly Processor[];
  /** Instructions that were run by `run`, for its clock. */
  time = 0;
  /** Of those, between entries to translated code and exits from it; instructions for which it called out; exits. */
  inside = 0;
  outside = 0;
  exits = 0;
  /** Whether the engine is in translated code, or about to look why that returned. */
  entered = false;
  /** Called at every exit from translated code to the engine, with the state as the interpreter would have it. */
  exited: () => void = () => {};
  /** What `run` was given, and the core's count of what is left of it. */
  #budget = 0;
  #running: Int32Array | undefined;

  constructor(translated: boolean, options: SideOptions) {
    const { memory = 0x20_0000, cores = 1, security = false, virtualization = false, mode = 'svc', entry = RAM } = options;
    const bytes = memory + cores * (round(Cpu.BYTES) + round(CpuMemory.BYTES)) + Translations.BYTES;
    const wasm = new WatchingWasm(this);
    const arena = new Arena(translated ? wasm.allocate(bytes) : new ArrayBuffer(bytes));
    this.map = new AddressMap(arena);
    this.cache = new CodeCache(decoder, arena, options.decoded);
    if (translated) {
      this.translations = new Translations(arena, this.cache, wasm, { ...EAGER, ...options.translations });
      this.translations.exited = ({ s }) => {
        this.inside -= s[S.REMAINING] as number;
        this.entered = false;
        this.exits++;
        this.exited();
      };
    }
    const monitors = { now: () => this.now, retired: () => this.now };
    const shared = {
      map: this.map,
      cache: this.cache,
      translations: this.translations,
      timer: counters(() => this.now),
      monitors,
    };
    const model = makeModel('cortex-a15', { ...options, security, virtualization });
    const tlbs = () => this.processors.map(({ tlb }) => tlb);
    this.processors = Array.from({ length: cores }, (_, i) => makeProcessor(i, model, { ...shared, tlbs }));
    this.map.addMemory('ram', RAM, memory);
    for (const { cpu } of this.processors) resetCpu(cpu, { entry, mode, secure: options.secure ?? security });
  }

  get cpu(): Cpu {
    return (this.processors[0] as Processor).cpu;
  }

  /** Puts words at an address. */
  poke(at: number, words: readonly number[]): void {
    words.forEach((word, i) => {
      this.map.write(at + 4 * i, 4, word >>> 0, { core: 0, secure: true });
    });
  }

  peek(at: number): number {
    return this.map.read(at, 4, { core: 0, secure: true }) ?? Number.NaN;
  }

  /** Runs a core for so many units of time, or until it waits. Returns how many it took. */
  run(budget: number, core = 0): number {
    const { cpu, engine } = this.processors[core] as Processor;
    cpu.s[S.REMAINING] = budget;
    [this.#budget, this.#running] = [budget, cpu.s];
    engine.run();
    const taken = budget - (cpu.s[S.REMAINING] as number);
    this.#running = undefined;
    cpu.s[S.REMAINING] = 0;
    this.time += taken;
    return taken;
  }

  /** The time to the instruction, also within `run`. */
  get now(): number {
    return this.time + (this.#running === undefined ? 0 : this.#budget - (this.#running[S.REMAINING] as number));
  }
}

/** Watches what goes into translated code and comes out. */
class WatchingWasm extends Wasm {
  readonly #side: Side;

  constructor(side: Side) {
    super();
    this.#side = side;
  }

  override dispatcher(module: Uint8Array, outside: Outside): Dispatch {
    const side = this.#side;
    const run = super.dispatcher(module, (expected) => {
      side.outside++;
      return outside(expected);
    });
    return (offset, tables) => {
      const { cpu } = side.processors.find((one) => one.cpu.offset === offset) as Processor;
      // The engine may come back at once, before it is done with an exit.
      if (!side.entered) side.inside += cpu.s[S.REMAINING] as number;
      side.entered = true;
      return run(offset, tables);
    };
  }
}

const round = (bytes: number): number => Math.ceil(bytes / 4096) * 4096;

const SCALARS = ['N', 'Z', 'C', 'V', 'Q', 'GE', 'J', 'E', 'A', 'I', 'F', 'T', 'M', 'IT', 'NEXT'] as const;

/** The first difference between the processors of two sides, or undefined. R15 is what the last instruction read, which nobody sees. */
export function difference(a: Side, b: Side): string | undefined {
  for (const [i, one] of a.processors.entries()) {
    const found = cpuDifference(one.cpu, (b.processors[i] as Processor).cpu);
    if (found !== undefined) return `core ${i}: ${found}`;
  }
  return a.now === b.now ? undefined : `time: ${a.now} interpreted, ${b.now} translated`;
}

/** Words that tell the engine what to do next. */
const isTransient = (i: number): boolean => i === S.ATTENTION || i === S.REMAINING;

function cpuDifference(a: Cpu, b: Cpu): string | undefined {
  return (
    words('R', a.words, b.words, (i) => i === 15) ??
    words('scalar ', a.s, b.s, isTransient, SCALARS) ??
    words('banked ', a.banked, b.banked) ??
    words('system ', a.system, b.system) ??
    words('D words ', a.fp.w, b.fp.w) ??
    words('FPSCR ', a.fp.control, b.fp.control)
  );
}

export function words(
  name: string,
  a: Int32Array,
  b: Int32Array,
  ignored: (i: number) => boolean = () => false,
  names: readonly string[] = [],
): string | undefined {
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i] || ignored(i)) continue;
    const hex = (value: number | undefined) => ((value as number) >>> 0).toString(16);
    return `${name}${names[i] ?? i}: ${hex(a[i])} interpreted, ${hex(b[i])} translated`;
  }
  return undefined;
}

/** The first difference in memory. */
export function memoryDifference(a: Side, b: Side): string | undefined {
  const region = a.map.regions.find(({ kind }) => kind === 'memory');
  const other = b.map.regions.find(({ kind }) => kind === 'memory');
  if (region?.kind !== 'memory' || other?.kind !== 'memory') throw new Error('there is no memory');
  const bytes = (side: Side, from: number) => side.map.arena.u8.subarray(from, from + region.size);
  if (Buffer.compare(bytes(a, region.offset), bytes(b, other.offset)) === 0) return undefined;
  const view = (side: Side, from: number) => side.map.arena.i32.subarray(from >>> 2, (from + region.size) >>> 2);
  return words('memory word ', view(a, region.offset), view(b, other.offset));
}

/** The first difference between the TLBs. */
export function tlbDifference(a: Side, b: Side): string | undefined {
  for (const [i, { tlb }] of a.processors.entries()) {
    const [one, two] = [tlb.save(), (b.processors[i] as Processor).tlb.save()];
    if (JSON.stringify(one) !== JSON.stringify(two)) return `core ${i}: the TLBs differ`;
  }
  return undefined;
}
