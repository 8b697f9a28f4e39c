/** Blocks of threaded code, in the arena, shared by the cores; dropped when their code changes. Bounded: when there is no room, all go. */
import { type Arena, PAGE_BITS } from '../../bus/memory.ts';
import type { CodeCache, CodePage } from '../../cpu/code-cache.ts';
import type { Op } from '../../cpu/decode.ts';
import { flowOf } from '../flow.ts';
import type { WasmHost } from '../host.ts';
import { handlersModule } from '../module.ts';
import { advanceIT, conditionOf } from '../region.ts';
import type { Slots } from '../slots.ts';
import type { Staged } from '../translate.ts';
import type { TranslationOptions } from '../translations.ts';
import { OP, Writer } from '../wasm.ts';
import { type Formed, formOf } from './form.ts';
import { writeCondition, writeHandler } from './handler.ts';
import { RECORD, STEP } from './record.ts';

const RECORDS = 1 << 18;
/** Forms and functions at most, those of conditions aside: instructions of other forms are not for threaded code. */
const [FORMS, FUNCTIONS] = [1 << 14, 1 << 12];
/** Functions that end a block; others are those of conditions and forms. */
const [GO_ON, LEAVE_BLOCK, ENDS] = [0, 1, 2];
const ALWAYS = 14;
const MAX_ITEMS = 32;
/** Blocks that need functions which are not there, before those are made. */
const PATIENCE = 64;

/** A block's place as the dispatcher's table has it: no number of a function. */
const indexOf = (place: number): number => ~(place / RECORD.bytes);

/** An instruction as a record has it: function, registers, immediate; and whether it may branch. */
interface Known extends Pick<Formed, 'registers' | 'immediate'> {
  /** Whose functions these are. */
  readonly owner: Threaded;
  readonly number: number;
  readonly branches: boolean;
}
const UNKNOWN = { registers: 0, immediate: 0, branches: false };

/** Numbers of a block in the list of its page: key, what to add to an address for its place, that place, and the end of its code there. */
const BLOCK = { key: 0, delta: 1, from: 2, end: 3, numbers: 4 } as const;

export class Threaded {
  static readonly BYTES = RECORDS * RECORD.bytes;
  readonly #cache: CodeCache;
  readonly #host: WasmHost;
  readonly #options: TranslationOptions;
  readonly #slots: Slots;
  readonly #words: Int32Array;
  readonly #offset: number;
  #next = 0;
  readonly #byPage = new Map<number, number[]>();
  readonly #forms = new Map<string, number>();
  readonly #functions = new Map<string, number>();
  /** The functions of forms, for later runs. */
  readonly #kept: Map<string, Uint8Array> | undefined;
  readonly #code = new Writer();
  /** Functions that are not in the table yet, and how often a block was asked for that needs one. */
  #waiting = 0;
  #loaded = 0;
  #asked = 0;

  constructor(
    arena: Arena,
    cache: CodeCache,
    host: WasmHost,
    options: TranslationOptions,
    slots: Slots,
    kept?: Map<string, Uint8Array>,
  ) {
    this.#kept = kept;
    this.#cache = cache;
    this.#host = host;
    this.#options = options;
    this.#slots = slots;
    this.#words = arena.i32;
    this.#offset = arena.reserve(Threaded.BYTES);
    this.#writeEnds();
    // All at once are one module, whose functions are compiled when they are first called.
    for (const [key, code] of [...(kept ?? [])]) this.#add(key, (all) => all.append(code));
  }

  /** Makes threaded code of the block at a key, if all functions for it are there. */
  make(key: number, delta: number): void {
    if (this.#next + 3 * MAX_ITEMS * RECORD.bytes > Threaded.BYTES) this.clear();
    const start = key & ~1;
    const from = (start + delta) >>> 0;
    const page = this.#cache.page(from);
    const place = this.#offset + this.#next;
    const writer = new BlockWriter(this.#words, place, this.#options.functions);
    const end = from + ((this.#write(writer, page, start, (key & 1) !== 0) - start) | 0);
    if (writer.isEmpty) return;
    if (writer.functions > this.#loaded && (this.#waiting >= this.#options.batch || ++this.#asked >= PATIENCE)) this.#load();
    if (writer.functions > this.#loaded) return;
    this.#next += writer.finish();
    const inPage = this.#byPage.get(from >>> PAGE_BITS);
    if (inPage === undefined) this.#byPage.set(from >>> PAGE_BITS, [key, delta, from, end]);
    else inPage.push(key, delta, from, end);
    this.#slots.put(key, delta, indexOf(place), this.#options.threaded);
  }

  /** Records for the instructions from `pc` on; returns the address after them. */
  #write(writer: BlockWriter, page: CodePage, start: number, thumb: boolean): number {
    let it = 0;
    let pc = start;
    for (;;) {
      const at = pc & 0xfff;
      const ops = thumb ? (it === 0 ? page.t32 : page.t32IT) : page.a32;
      const beyond = (pc ^ start) >>> 12 !== 0;
      const op = beyond ? undefined : ops[thumb ? at >>> 1 : at >>> 2];
      if (op === undefined || (writer.count >= MAX_ITEMS && it === 0)) {
        if (!writer.isEmpty) writer.add(it === 0 ? GO_ON : LEAVE_BLOCK, pc, it, 0, pc);
        return pc;
      }
      const { number, registers, immediate, branches } = this.#formed(op, thumb);
      if (number < ENDS) {
        // A region may begin there, and is looked for; of a block's first instruction it was.
        if (number === LEAVE_BLOCK || !writer.isEmpty) writer.add(it === 0 ? number : LEAVE_BLOCK, pc, it, 0, pc);
        return pc + op.size;
      }
      if (branches && advanceIT(it) !== 0) {
        // UNPREDICTABLE: for the interpreter, ITSTATE goes on at the target.
        writer.add(LEAVE_BLOCK, pc, it, 0, 0);
        return pc + op.size;
      }
      const cond = conditionOf(op, it);
      const apart = cond !== ALWAYS && (it !== 0 || op.name !== 'B');
      if (apart) writer.add(this.#condition(cond), pc, it, 0, 0);
      writer.add(number, pc, it, registers, immediate);
      writer.count++;
      it = op.name === 'IT' ? (op.operands['firstcond'] as number) * 16 + (op.operands['mask'] as number) : advanceIT(it);
      pc = (pc + op.size) | 0;
      if (!branches) continue;
      if (apart) writer.add(GO_ON, pc, 0, 0, pc);
      return pc;
    }
  }

  #formed(op: Op, thumb: boolean): Known {
    const known = op.form as Known | undefined;
    if (known?.owner === this) return known;
    const made = this.#recognise(op, thumb);
    op.form = made;
    return made;
  }

  #recognise(op: Op, thumb: boolean): Known {
    const { kind } = flowOf(op, 0, thumb, (name) => this.#options.staged[name] !== undefined);
    if (kind === 'interpret') return { owner: this, ...UNKNOWN, number: LEAVE_BLOCK };
    if (kind === 'outside' || needsRegion(op.name)) return { owner: this, ...UNKNOWN, number: GO_ON };
    const branches = kind !== 'next';
    const { form, key, registers, immediate } = formOf(op, op.cond, thumb, branches);
    const staged = this.#options.staged[op.name] as Staged;
    const known = this.#forms.get(key);
    const isFull = this.#forms.size >= FORMS || this.#loaded + this.#waiting >= FUNCTIONS;
    if (known === undefined && isFull) return { owner: this, ...UNKNOWN, number: GO_ON };
    const number = known ?? this.#add(key, (code) => writeHandler(form, staged, code));
    return { owner: this, number, registers, immediate, branches };
  }

  #condition(cond: number): number {
    const key = `${cond}`;
    return this.#forms.get(key) ?? this.#add(key, (code) => writeCondition(cond, code));
  }

  /** A form more, with a function that may be that of another. */
  #add(key: string, write: (code: Writer) => void): number {
    const { length } = this.#code;
    write(this.#code);
    const code = this.#code.bytes.slice(length);
    this.#kept?.set(key, code);
    const text = String.fromCharCode(...code);
    const same = this.#functions.get(text);
    if (same !== undefined) this.#code.length = length;
    const number = same ?? this.#loaded + this.#waiting++;
    this.#functions.set(text, number);
    this.#forms.set(key, number);
    return number;
  }

  #writeEnds(): void {
    const ends = [
      [OP.local_get, 2, OP.i32_load, 0, RECORD.immediate],
      [OP.i32_const, STEP.leave],
    ];
    for (const code of ends) {
      this.#code.unsigned(code.length + 2);
      this.#code.append(Uint8Array.of(0, ...code, OP.end));
    }
    this.#waiting = ends.length;
  }

  #load(): void {
    this.#host.load(handlersModule(this.#code, this.#waiting), this.#options.functions + this.#loaded, this.#waiting);
    this.#loaded += this.#waiting;
    this.#waiting = 0;
    this.#asked = 0;
    this.#code.clear();
  }

  /** Drops the blocks of which code was written. */
  written(at: number, bytes: number): void {
    const page = at >>> PAGE_BITS;
    const there = this.#byPage.get(page);
    if (there === undefined) return;
    let left = 0;
    for (let i = 0; i < there.length; i += BLOCK.numbers) {
      if ((there[i + BLOCK.from] as number) < at + bytes && at < (there[i + BLOCK.end] as number)) this.#remove(there, i);
      else {
        there.copyWithin(left, i, i + BLOCK.numbers);
        left += BLOCK.numbers;
      }
    }
    there.length = left;
    if (left === 0) this.#byPage.delete(page);
  }

  clear(): void {
    for (const there of this.#byPage.values()) {
      for (let i = 0; i < there.length; i += BLOCK.numbers) this.#remove(there, i);
    }
    this.#byPage.clear();
    this.#next = 0;
  }

  /** A region may have taken its place. */
  #remove(blocks: readonly number[], at: number): void {
    const [key, delta] = [blocks[at + BLOCK.key] as number, blocks[at + BLOCK.delta] as number];
    if ((this.#slots.indexOf(key, delta) ?? 0) < 0) this.#slots.remove(key, delta);
  }
}

class BlockWriter {
  count = 0;
  functions = 0;
  readonly #words: Int32Array;
  readonly #first: number;
  readonly #base: number;
  #records = 0;

  constructor(words: Int32Array, place: number, base: number) {
    this.#words = words;
    this.#base = base;
    this.#first = place >>> 2;
  }

  add(number: number, pc: number, it: number, registers: number, immediate: number): void {
    const words = this.#words;
    const at = this.#first + this.#records++ * 4;
    words[at] = (this.#base + number) | (this.count << 16) | (it << 24);
    words[at + 1] = immediate;
    words[at + 2] = registers;
    words[at + 3] = pc;
    if (number >= this.functions) this.functions = number + 1;
  }

  /** Instructions are counted from the end of the block on. Returns the bytes of the records. */
  finish(): number {
    const words = this.#words;
    for (let i = 0; i < this.#records; i++) {
      const at = this.#first + 4 * i;
      const before = ((words[at] as number) >>> 16) & 0xff;
      words[at] = ((words[at] as number) & ~0xff_0000) | ((this.count - before) << 16);
    }
    return this.#records * RECORD.bytes;
  }

  get isEmpty(): boolean {
    return this.#records === 0;
  }
}

/** Those that need what only regions have: extension registers in locals, the time in a local. */
const needsRegion = (name: string): boolean => name.charCodeAt(0) === 86 || name === 'MRRC';
