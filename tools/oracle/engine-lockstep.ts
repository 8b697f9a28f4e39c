/**
 * The random sequences on two processors at once, one interpreted and one translated. Whenever translated code returns to its engine, the
 * interpreter is brought to the same time, and all is compared: registers of every mode, floating point, system registers, memory, time; so it is
 * at exceptions and at the end. What the harness of the oracle's image does between exceptions is done here, in both.
 */
import { Decoder, isWide } from '../../core/cpu/decode.ts';
import { INSTRUCTIONS } from '../../core/cpu/isa/all.ts';
import * as S from '../../core/cpu/scalars.ts';
import { SLOT as SYSTEM } from '../../core/cpu/slots.ts';
import { BANK, WAIT } from '../../core/cpu/state.ts';
import { flowOf } from '../../core/jit/flow.ts';
import { STAGED } from '../../core/jit/staging.ts';
import type { TranslationOptions } from '../../core/jit/translations.ts';
import { difference, RAM, Side, THREADED, words } from './engine-pair.ts';
import { CODE_PAGE, DATA_PAGE, PAGES, SLOT, TRAP } from './layout.ts';
import { Random } from './random.ts';
import { LOG_ENTRIES, PAGE_PATTERN, PRIVILEGED, RESUME, SEQUENCE_WORDS } from './sequence-layout.ts';
import { codeOf, INSTRUCTION_LIMIT, type Sequence, SequenceGenerator } from './sequences.ts';

const decoder = new Decoder(INSTRUCTIONS);
const SECTIONS = RAM + 0x4000;
const SMALL_PAGES = RAM + 0x8000;
const VECTORS = RAM + 0x9000;
const DATA = RAM + 0xa000;
const SETUP = RAM + 0xb000;
const CODE = RAM + 0x10_0000;
/** Sequences whose code is there at once, each on a page of its own. */
export const BATCH = 64;
const MEMORY = 0x20_0000;

/** VBAR, TTBR0, TTBCR, DACR, CPACR from R0 to R4, the MMU on by R5. */
const SETUP_CODE = [0xee0c0f10, 0xee021f10, 0xee022f50, 0xee033f10, 0xee014f50, 0xee015f10, 0xe320f003];
/** WFI, then MOVS PC, LR. */
const HANDLER = [0xe320f003, 0xe1b0f00e];
const [CONTROL, FULL_ACCESS, VFP_ON] = [0xc5_187d, 0xf0_0000, 1 << 30];

export interface LockstepOutcome {
  readonly sequences: number;
  readonly exceptions: number;
  readonly instructions: number;
  /** Of those, in translated code, and those of them for which it called out. */
  readonly inside: number;
  readonly outside: number;
  /** How often translated code returned, and as often all was compared. */
  readonly exits: number;
  /** Instructions that were translated, and regions that were recalled instead. */
  readonly translated: number;
  readonly recalled: number;
  /** What the translators keep, if they were given what to begin with. */
  readonly kept: readonly (Uint8Array | undefined)[];
  readonly different: readonly string[];
}

export interface LockstepOptions {
  readonly translations?: Partial<TranslationOptions>;
  readonly shown?: number;
  /** What the translators begin with, one for each of the two kinds. Those with something translate nothing ahead. */
  readonly kept?: readonly Uint8Array[];
}

export class Lockstep {
  readonly interpreted: Side;
  readonly translated: Side;
  readonly #both: readonly Side[];
  readonly #random: Random;
  exceptions = 0;
  /** What differed first at an exit of the sequence that runs. */
  #early: string | undefined;
  readonly #pagesOfData: readonly Int32Array[];

  constructor(seed: number, options: LockstepOptions = {}) {
    const side = (translated: boolean) => new Side(translated, { memory: MEMORY, ...options });
    this.interpreted = side(false);
    this.translated = side(true);
    this.#both = [this.interpreted, this.translated];
    this.#random = new Random(seed);
    for (const one of this.#both) setUp(one);
    this.#pagesOfData = this.#both.map(({ map }) => {
      const offset = map.page(DATA, false) >>> 2;
      return map.arena.i32.subarray(offset, offset + 1024);
    });
    this.translated.exited = () => {
      this.#early ??= this.#atExit();
    };
  }

  /** Runs some sequences, at most `BATCH`; a line for each that differs. `ran` is told how much of each ran in translated code. */
  run(sequences: readonly Sequence[], ran: (sequence: Sequence, inside: number) => void = () => {}): string[] {
    sequences.forEach((sequence, i) => {
      for (const side of this.#both) place(side, sequence, CODE + 0x1000 * i);
    });
    if ((this.translated.translations?.options.kept?.length ?? 0) === 0) {
      for (const [i, sequence] of sequences.entries()) this.#translate(sequence, CODE + 0x1000 * i);
      this.translated.translations?.tick();
    }
    return sequences.flatMap((sequence, i) => {
      for (const side of this.#both) start(side, sequence, CODE + 0x1000 * i);
      const { inside } = this.translated;
      const found = this.#compare(sequence);
      ran(sequence, this.translated.inside - inside);
      return found === undefined ? [] : [`sequence ${sequence.seed.toString(16)}: ${found}`];
    });
  }

  /** Decodes a sequence, as an interpreter has that ran it, and translates from where it begins or may go on after the interpreter. */
  #translate(sequence: Sequence, at: number): void {
    const { translations, cache, map } = this.translated;
    if (translations === undefined) return;
    const offset = map.page(at, false);
    const page = cache.page(offset);
    const entries: number[] = [];
    let begins = true;
    for (const { address, set, bits, narrow, condition } of sequence.instructions) {
      const [inIT, thumb] = [condition !== undefined, set === 'T32'];
      if (begins && !inIT) entries.push(address | (thumb ? 1 : 0));
      const op = decoder.decode(set, bits | 0, narrow, inIT);
      const within = address & 0xfff;
      if (!thumb) page.a32[within >>> 2] = op;
      else (inIT ? page.t32IT : page.t32)[within >>> 1] = op;
      begins = flowOf(op, address, thumb, isStaged).kind !== 'next' || /^V?(LD|ST)/.test(op.name);
    }
    const delta = (va: number) => ((va & ~0xfff) === (CODE_PAGE | 0) ? offset - (CODE_PAGE | 0) : undefined);
    for (const entry of entries) {
      if (translations.options.threaded === 0) translations.add(entry, delta);
      else translations.thread(entry, offset - (CODE_PAGE | 0));
    }
  }

  #compare(sequence: Sequence): string | undefined {
    const [a, b] = [this.interpreted, this.translated];
    const short = this.#random.once(4);
    this.#early = undefined;
    for (let n = 0; n < LOG_ENTRIES; n++) {
      const from = a.time;
      const end = from + INSTRUCTION_LIMIT;
      runToEvent(b, end, short ? () => 1 + this.#random.below(this.#random.once(2) ? 8 : 200) : () => INSTRUCTION_LIMIT);
      runToEvent(a, end, () => INSTRUCTION_LIMIT);
      const found = this.#early ?? difference(a, b) ?? this.#pages();
      if (found !== undefined) {
        b.time = a.time;
        return `${found}, after exception ${n} and ${a.time - from} instructions${short ? ', in short runs' : ''}`;
      }
      this.exceptions++;
      const resumed = this.#both.map((side) => handle(side, sequence));
      if (!resumed[0]) return undefined;
    }
    return undefined;
  }

  /** Translated code has returned in the midst of a run: whether the interpreter is in the same state at that time. */
  #atExit(): string | undefined {
    const [a, b] = [this.interpreted, this.translated];
    a.run(b.now - a.time);
    const found = difference(a, b) ?? this.#pages();
    return found === undefined ? undefined : `at an exit at ${b.now}: ${found}`;
  }

  #pages(): string | undefined {
    const [a, b] = this.#pagesOfData as [Int32Array, Int32Array];
    // The host compares bytes faster.
    return Buffer.compare(bytesOf(a), bytesOf(b)) === 0 ? undefined : words('data ', a, b);
  }
}

function setUp(side: Side): void {
  const section = (va: number, pa: number) => side.poke(SECTIONS + (va >>> 20) * 4, [pa | 0x1540e]);
  section(RAM, RAM);
  section(PRIVILEGED, RAM + 0x10_0000);
  side.poke(SECTIONS + (PAGES >>> 20) * 4, [SMALL_PAGES | 1]);
  side.poke(SMALL_PAGES + ((DATA_PAGE - PAGES) >>> 10), [DATA | 0x47f]);
  for (let vector = 0; vector < 8; vector++) {
    const handler = 0x40 + 8 * vector;
    side.poke(VECTORS + 4 * vector, [0xea000000 | (((handler - 4 * vector - 8) >> 2) & 0xffffff)]);
    side.poke(VECTORS + handler, HANDLER);
  }
  side.poke(SETUP, SETUP_CODE);
  const { cpu } = side;
  [VECTORS, SECTIONS, 0, 1, FULL_ACCESS, CONTROL].forEach((value, i) => {
    cpu.words[i] = value;
  });
  cpu.s[S.NEXT] = SETUP;
  side.run(100);
  if (cpu.s[S.WAIT] !== WAIT.interrupt) throw new Error('the processor was not set up');
}

/** The code of a sequence, on its page. */
function place(side: Side, sequence: Sequence, at: number): void {
  const code = codeOf(sequence);
  const all = Array.from({ length: SEQUENCE_WORDS }, (_, i) => code[i] ?? TRAP);
  const bytes = new Uint8Array(Uint32Array.from(all).buffer);
  const offset = side.map.page(at, true) + (SLOT & 0xfff);
  side.map.arena.copyIn(offset, bytes);
  // A branch to it in each instruction set: translated code is entered where the page is known.
  side.map.arena.copyIn(offset - 16, new Uint8Array(Uint32Array.of(0xea000002, TRAP, 0xe002, TRAP).buffer));
}

/** Registers, memory and map as a sequence wants them. */
function start(side: Side, sequence: Sequence, at: number): void {
  const { cpu, map } = side;
  const { s, words: r, banked, fp } = cpu;
  side.poke(SMALL_PAGES + ((CODE_PAGE - PAGES) >>> 10), [at | 0x46e]);
  for (const { tlb } of side.processors) tlb.invalidateAddressAllAsids({ kind: 'PL1&0', secure: false, vmid: 0 }, CODE_PAGE);
  map.arena.copyIn(map.page(DATA, true), new Uint8Array(Uint32Array.from(PAGE_PATTERN).buffer));
  s.fill(0, 0, S.WAIT);
  s[S.M] = 0x13;
  s[S.WAIT] = WAIT.running;
  s[S.EXCLUSIVE] = 0;
  banked.fill(0);
  for (const [i, mode] of [BANK.SP_irq, BANK.SP_abt, BANK.SP_und, BANK.SP_svc, BANK.SP_fiq].entries()) {
    banked[mode] = 0x5500 + i;
    banked[mode + 1] = 0x6600 + i;
  }
  const { system } = cpu;
  system[SYSTEM.CPACR] = FULL_ACCESS;
  system[SYSTEM.FPEXC] = VFP_ON;
  system[SYSTEM.TPIDRURW] = 0;
  system[SYSTEM.TPIDRURO] = 0;
  if (system[SYSTEM.SCTLR] !== CONTROL) {
    system[SYSTEM.SCTLR] = CONTROL;
    cpu.mem.regimeChanged();
  }
  sequence.registers.forEach((value, i) => {
    r[i] = value;
  });
  banked[BANK.SP_usr] = r[13] as number;
  banked[BANK.LR_usr] = r[14] as number;
  fp.FPSCR = sequence.float[0] as number;
  fp.w.set(sequence.float.slice(1).map((value) => value | 0));
  r[13] = 0x5513;
  resume(side, SLOT - ((sequence.cpsr & 0x20) === 0 ? 16 : 8), sequence.cpsr);
}

/** Goes on in Supervisor mode at MOVS PC, LR of its vector's handler. */
function resume(side: Side, at: number, spsr: number): void {
  const { cpu } = side;
  cpu.words[14] = at | 0;
  cpu.banked[cpu.s[S.M] === 0x13 ? BANK.SPSR_svc : cpu.s[S.M] === 0x17 ? BANK.SPSR_abt : BANK.SPSR_und] = spsr | 0;
  cpu.s[S.NEXT] = VECTORS + 0x40 + 4;
  cpu.s[S.T] = 0;
  cpu.s[S.E] = 0;
  cpu.s[S.IT] = 0;
  cpu.s[S.WAIT] = WAIT.running;
  cpu.s[S.ATTENTION] = 1;
  cpu.mem.privilegeChanged();
}

const bytesOf = (words: Int32Array): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

function runToEvent(side: Side, end: number, budget: () => number): void {
  while (side.cpu.s[S.WAIT] === WAIT.running && side.time < end) side.run(Math.min(budget(), end - side.time));
}

const isStaged = (name: string): boolean => STAGED[name] !== undefined;
const [UNDEFINED, CALL, PREFETCH, ABORT] = [1, 2, 3, 4];

/** What the oracle's handlers do: on after the instruction. False: the sequence is over. */
function handle(side: Side, sequence: Sequence): boolean {
  const { cpu } = side;
  const { s, words: r, banked } = cpu;
  if (s[S.WAIT] === WAIT.running) return false;
  const vector = ((s[S.NEXT] as number) - VECTORS - 0x44) >>> 3;
  const mode = s[S.M] as number;
  const index = mode === 0x13 ? BANK.SPSR_svc : mode === 0x17 ? BANK.SPSR_abt : mode === 0x1b ? BANK.SPSR_und : undefined;
  if (index === undefined) return false;
  const spsr = banked[index] as number;
  const thumb = (spsr & 0x20) !== 0;
  const lr = r[14] as number;
  if (vector === CALL) resume(side, lr, spsr);
  else if (vector === UNDEFINED) {
    const at = lr - (thumb ? 2 : 4);
    if (at >= sequence.end) return false;
    return pass(side, at, spsr);
  } else if (vector === PREFETCH) {
    const at = lr - 4;
    if (at >= SLOT && at < sequence.end) return pass(side, at, spsr);
    const target = r[RESUME] as number;
    if ((target & ~1) < SLOT || (target & ~1) > sequence.end) return false;
    resume(side, target & ~1, (spsr & ~0x0600fc20) | ((target & 1) << 5));
  } else if (vector === ABORT) return pass(side, lr - 8, spsr);
  else return false;
  return true;
}

/** On after the instruction at an address, with ITSTATE advanced. */
function pass(side: Side, at: number, spsr: number): boolean {
  if (at < SLOT || at >= SLOT + 4 * SEQUENCE_WORDS) return false;
  if ((spsr & 0x20) === 0) {
    resume(side, at + 4, spsr);
    return true;
  }
  const code = side.map.page(pageOf(side), false) + (at & 0xfff);
  const size = isWide(side.map.arena.read(code, 2)) ? 4 : 2;
  const it = ((spsr >>> 8) & 0xfc) | ((spsr >>> 25) & 3);
  const next = (it & 7) === 0 ? 0 : (it & 0xe0) | ((it << 1) & 0x1f);
  resume(side, at + size, (spsr & ~0x0600fc00) | ((next & 0xfc) << 8) | ((next & 3) << 25));
  return true;
}

const pageOf = (side: Side): number => side.peek(SMALL_PAGES + ((CODE_PAGE - PAGES) >>> 10)) & ~0xfff;

/** Regions with what they call from the beginning; those that get it when they have been entered once; threaded code. */
const KINDS: readonly Partial<TranslationOptions>[] = [{ warm: 0 }, { warm: 1 }, THREADED];

export function lockstepSequences(count: number, seed: number, options: LockstepOptions = {}): LockstepOutcome {
  const generator = new SequenceGenerator(decoder, new Random(seed));
  const locksteps = KINDS.map(
    (kind, i) => new Lockstep(seed, { ...options, translations: { ...kind, ...options.translations, kept: options.kept?.[i] } }),
  );
  const different: string[] = [];
  for (let done = 0; done < count; done += BATCH) {
    const some = Array.from({ length: Math.min(BATCH, count - done) }, () => generator.next());
    const lockstep = locksteps[(done / BATCH) % KINDS.length] as Lockstep;
    different.push(...lockstep.run(some));
  }
  const sum = (of: (lockstep: Lockstep) => number) => locksteps.reduce((total, lockstep) => total + of(lockstep), 0);
  return {
    sequences: count,
    exceptions: sum(({ exceptions }) => exceptions),
    instructions: sum(({ interpreted }) => interpreted.time),
    inside: sum(({ translated }) => translated.inside),
    outside: sum(({ translated }) => translated.outside),
    exits: sum(({ translated }) => translated.exits),
    translated: sum(({ translated }) => translated.translations?.made.instructions ?? 0),
    recalled: sum(({ translated }) => translated.translations?.made.recalled ?? 0),
    kept: locksteps.map(({ translated }) => translated.translations?.keep()),
    different,
  };
}
