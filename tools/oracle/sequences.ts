/**
 * Random sequences: blocks of instructions in A32 and T32 with conditions and IT blocks, memory, loops, calls, VFP and Advanced SIMD, exceptions
 * that are taken and returned from, changes of mode and of instruction set. Each block ends with SVC, where the harness logs digests of the
 * registers. Pure: a number makes a sequence, always the same one, with nothing of QEMU or the host.
 *
 * Any two ways to run them can be compared. With QEMU (sequence-oracle.ts), what the harness logs at every exception and leaves at the end is;
 * the two engines are compared at every exit from translated code (engine-lockstep.ts). `generator.make(sequence.seed)` gives one of them again;
 * `shrink` (sequence-shrink.ts) reduces one that differs by any judge. No sequence takes more than `INSTRUCTION_LIMIT`.
 */
import type { Decoder } from '../../core/cpu/decode.ts';
import { SLOT } from './layout.ts';
import { Random } from './random.ts';
import { type Placed, SequenceCode, wordsOf } from './sequence-code.ts';
import { alignmentChecked, FPSCR_BITS, floatDisabled, floatModes, neon, vfp } from './sequence-float.ts';
import { call, jump, loop, prefetchAbort, skip, table } from './sequence-flow.ts';
import { SEQUENCE_WORDS } from './sequence-layout.ts';
import {
  block,
  changeMode,
  data,
  flags,
  MASKS,
  type Maker,
  MODES,
  setEndianness,
  supervisorCall,
  system,
  threadRegister,
  USER,
  undefinedInstruction,
} from './sequence-maker.ts';
import { exclusive, floatMemory, memory } from './sequence-memory.ts';
import { Picker } from './sequence-pick.ts';
import { exceptionReturn } from './sequence-returns.ts';
import { vfpState } from './vfp-state.ts';

export interface Sequence {
  /** What makes it again. */
  readonly seed: number;
  readonly instructions: readonly Placed[];
  /** Address of the first instruction. */
  readonly at: number;
  readonly cpsr: number;
  /** Where the sequence ends: an UNDEFINED instruction here or later is its last. */
  readonly end: number;
  /** R0 to R14. */
  readonly registers: readonly number[];
  /** FPSCR and D0 to D31 as 64 words. */
  readonly float: readonly number[];
}

/** No sequence takes more, with the harness around it: 20 turns of a block, in it loops of 31 turns, and what is done for each exception. */
export const INSTRUCTION_LIMIT = 200_000;

/** The words at the slot. */
export function codeOf({ instructions }: Sequence): number[] {
  return wordsOf(instructions);
}

/** Left free at the end, so that no part has to look how much room there is. */
const SPARE = 120;

interface Part {
  readonly weight: number;
  readonly make: (maker: Maker, body: (maker: Maker, parts: number) => void) => void;
  readonly privileged?: true;
  /** It decides where execution goes. */
  readonly whole?: true;
  /** How deep in others it may stand, if it has parts within. */
  readonly depth?: number;
}
const PARTS: readonly Part[] = [
  { weight: 12, make: data },
  { weight: 6, make: block },
  { weight: 6, make: memory },
  { weight: 2, make: exclusive },
  { weight: 8, make: vfp },
  { weight: 8, make: neon },
  { weight: 5, make: floatMemory },
  { weight: 2, make: floatModes },
  { weight: 3, make: system },
  { weight: 1, make: threadRegister },
  { weight: 2, make: flags },
  { weight: 1, make: setEndianness },
  { weight: 2, make: undefinedInstruction },
  { weight: 1, make: (maker) => prefetchAbort(maker, false), whole: true },
  { weight: 1, make: (maker) => jump(maker, false), whole: true },
  { weight: 1, make: table, whole: true },
  { weight: 2, make: skip, whole: true, depth: 1 },
  { weight: 2, make: loop, whole: true, depth: 0 },
  { weight: 2, make: call, whole: true, depth: 1 },
  { weight: 4, make: changeMode, privileged: true },
  { weight: 2, make: floatDisabled, privileged: true },
  { weight: 1, make: alignmentChecked, privileged: true },
];
/** Each as often as it weighs. */
const bag = (parts: readonly Part[]): readonly Part[] => parts.flatMap((part) => new Array<Part>(part.weight).fill(part));
const BAG = bag(PARTS);
const LEAF = 9;

export class SequenceGenerator {
  readonly #picker: Picker;
  readonly #decoder: Decoder;
  readonly #seeds: Random;
  /** How often an encoding has been used. */
  readonly used = new Map<string, number>();

  constructor(decoder: Decoder, seeds: Random) {
    this.#decoder = decoder;
    this.#picker = new Picker(decoder);
    this.#seeds = seeds;
  }

  next(): Sequence {
    return this.make(this.#seeds.word());
  }

  /** The sequence of a number. */
  make(seed: number): Sequence {
    const random = new Random(seed);
    const privileged = random.once(3);
    const thumb = random.once(2);
    const code = new SequenceCode(this.#decoder, this.used, thumb);
    const maker: Maker = { random, picker: this.#picker, code, privileged, kept: [], depth: 0 };
    const mode = privileged ? random.pick(MODES) : USER;
    for (let blocks = 2 + random.below(4); blocks > 0 && fits(maker); blocks--) makeBlock(maker);
    const flags = (random.word() & 0xf80f0000) | MASKS;
    const registers = Array.from({ length: 15 }, () => random.value());
    const [modes = 0, ...numbers] = vfpState(random);
    return {
      seed,
      instructions: code.placed,
      at: SLOT,
      cpsr: (flags | mode | (thumb ? 0x20 : 0)) >>> 0,
      end: code.here,
      registers,
      float: [(modes & FPSCR_BITS) >>> 0, ...numbers],
    };
  }
}

const fits = ({ code }: Maker): boolean => code.here < SLOT + 4 * (SEQUENCE_WORDS - SPARE);

function makeBlock(maker: Maker): void {
  const { random, code } = maker;
  const start = code.here;
  const { thumb } = code;
  for (let parts = 2 + random.below(8); parts > 0 && fits(maker); parts--) makePart(maker);
  code.group(() => supervisorCall(maker));
  // The harness ends a sequence after so many exceptions, and there is one in each turn.
  if (random.once(4) && code.thumb === thumb) code.group(() => code.branch(start, random.below(14)), { whole: true });
  const next = random.below(9);
  if (next < 2) code.group(() => jump(maker, true), { fixed: true });
  else if (next === 2) code.group(() => prefetchAbort(maker, true), { fixed: true });
  else if (next < 5 && maker.privileged) code.group(() => exceptionReturn(maker), { fixed: true });
}

function makePart(maker: Maker): void {
  const { random, code, depth } = maker;
  for (;;) {
    const part = random.pick(BAG);
    if ((part.privileged && !maker.privileged) || depth > (part.depth ?? LEAF)) continue;
    const body = (inner: Maker, parts: number) => {
      for (let n = parts; n > 0; n--) makePart({ ...inner, depth: depth + 1 });
    };
    return code.group(() => part.make(maker, body), { whole: part.whole === true, nested: depth > 0 });
  }
}

/** Batches of sequences, as many as wanted, each made when it is asked for. */
export function* sequenceBatches(decoder: Decoder, seed: number, count: number, batch = 10_000): Generator<readonly Sequence[]> {
  const generator = new SequenceGenerator(decoder, new Random(seed));
  for (let done = 0; done < count; done += batch) {
    yield Array.from({ length: Math.min(batch, count - done) }, () => generator.next());
  }
}
