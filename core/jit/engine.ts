/**
 * The translating engine of one core. The interpreter executes everything first, and whatever the translated code leaves to it; what was entered
 * often is translated. Both retire the same instructions at the same times, so that nothing of a run tells which engine did it.
 */
import * as S from '../cpu/scalars.ts';
import { type Cpu, WAIT } from '../cpu/state.ts';
import type { Interpreter } from '../cpu/step.ts';
import { isVfpOpen } from '../cpu/vfp-access.ts';
import { keepAbort } from './aborts.ts';
import { EXIT, exitOf, LEAVE, VFP_OPEN, WHY } from './emitter.ts';
import { leaveFlags, readFlags, SCRATCH } from './flag-state.ts';
import { publishLimits } from './lowering/vfp-limits.ts';
import { TRY } from './module.ts';
import { followMode, LEFT_REGION, PUBLISHED, publishCounters, publishEntry, publishLayout } from './published.ts';
import { HASH } from './slots.ts';
import type { Translations } from './translations.ts';

/** Every so many times the engine looks whether the region is there, and another has its place in the table. */
const LOOK = 15;
/** A block that is entered so often becomes threaded code. */
const TEPID = 2;
/** Counters of how often a block was entered: as many as the hash of a key gives. */
const COUNTER_BITS = 16;

export class TranslatingEngine {
  readonly #cpu: Cpu;
  readonly #interpreter: Interpreter;
  readonly #translations: Translations;
  readonly #hot: number;
  readonly #look: number;
  readonly #threads: boolean;
  readonly #counters = new Uint16Array(1 << COUNTER_BITS);

  constructor(cpu: Cpu, interpreter: Interpreter, translations: Translations) {
    this.#cpu = cpu;
    this.#interpreter = interpreter;
    this.#translations = translations;
    this.#hot = translations.hot;
    this.#look = this.#hot > LOOK ? LOOK : 0;
    this.#threads = translations.options.threaded > 0;
    publishLayout(cpu);
    interpreter.aborted = (op, fault, at) => keepAbort(cpu, op, fault, at);
  }

  /** Runs until S.REMAINING is used up or the core waits. */
  run(): void {
    const { s, sys } = this.#cpu;
    while ((s[S.REMAINING] as number) > 0) {
      if (s[S.ATTENTION] !== 0 && !this.#interpreter.attend()) return;
      if (s[S.WAIT] !== WAIT.running) return;
      this.#translations.tick();
      const key = (s[S.NEXT] as number) | (s[S.T] as number);
      // A watchpoint may be on a literal, which translated code does not load.
      if (s[S.E] !== 0 || s[S.IT] !== 0 || s[S.J] !== 0 || sys.debug.watching) this.#interpreter.step();
      else if (!this.#translations.ready(key)) this.#interpret(key, false);
      else if (!this.#enter()) this.#interpret(key, true);
    }
  }

  /** Runs translated code. False if there was none after all, for want of a page that may be executed. */
  #enter(): boolean {
    const { s, scratch, offset, mem } = this.#cpu;
    const from = s[S.REMAINING];
    leaveFlags(scratch, s, S.N, S.Z, S.C, S.V);
    scratch[VFP_OPEN] = isVfpOpen(this.#cpu) ? 1 : 0;
    publishLimits(this.#cpu);
    publishEntry(this.#cpu);
    this.#translations.outside = this.#outside;
    let left = this.#translations.dispatch(offset, mem.fastTables);
    let why = this.#why(left);
    while (why === WHY.interpret && left !== LEAVE.undone && (s[S.REMAINING] as number) > 0) {
      left = this.#translations.dispatch(offset, (scratch[PUBLISHED.tables] as number) + TRY);
      why = this.#why(left);
    }
    followMode(this.#cpu);
    readFlags(scratch, s, S.N, S.Z, S.C, S.V);
    this.#translations.exited(this.#cpu);
    if ((s[S.REMAINING] as number) <= 0) return true;
    if (why === WHY.interpret) this.#interpreter.step();
    else if (why === WHY.budget) this.#interpreter.run();
    else if (left === LEAVE.warm) {
      this.#translations.heated((s[S.NEXT] as number) | (s[S.T] as number), (va) => mem.executeDelta(va));
      return true;
    }
    return s[S.REMAINING] !== from;
  }

  #why(left: number): number | undefined {
    if (left === LEAVE.undone) return WHY.interpret;
    if (left === LEAVE.short) return WHY.budget;
    return (left & 1) === 0 || left === LEAVE.attend ? undefined : this.#exit(left);
  }

  /** Brings up to date what a region leaves to its exits. Returns one of `WHY`. */
  #exit(left: number): number {
    const { s, scratch } = this.#cpu;
    const exits = this.#translations.exitsOf(scratch[LEFT_REGION] as number);
    const at = exitOf(left);
    s[S.NEXT] = exits[at + EXIT.pc] as number;
    s[S.REMAINING] = (s[S.REMAINING] as number) - (exits[at + EXIT.count] as number);
    s[S.IT] = (exits[at + EXIT.why] as number) >> 8;
    scratch[SCRATCH.kind] =
      ((scratch[SCRATCH.kind] as number) & (exits[at + EXIT.kept] as number)) | (exits[at + EXIT.kinds] as number);
    return (exits[at + EXIT.why] as number) & 0xff;
  }

  /** An instruction within translated code. */
  readonly #outside = (expected: number): number => {
    const { s, scratch } = this.#cpu;
    const { made } = this.#translations;
    const { dropped } = made;
    followMode(this.#cpu);
    readFlags(scratch, s, S.N, S.Z, S.C, S.V);
    const before = packed(s);
    this.#interpreter.step();
    // Else the code that goes on knows how they are held.
    if (packed(s) !== before) leaveFlags(scratch, s, S.N, S.Z, S.C, S.V);
    publishCounters(this.#cpu);
    // A store may have changed the code that it would go on with.
    return s[S.ATTENTION] === 0 && s[S.NEXT] === expected && made.dropped === dropped ? 0 : LEAVE.attend;
  };

  /** Interprets up to the next branch, and translates what is hot. `ready`: the key has a region, but not with this page. */
  #interpret(key: number, ready: boolean): void {
    const { mem } = this.#cpu;
    const counter = Math.imul(key, HASH.factor) >>> (32 - COUNTER_BITS);
    const count = (this.#counters[counter] as number) + 1;
    this.#counters[counter] = count;
    if ((count & this.#look) === 0 || count === 1 || ready || (this.#threads && count < LOOK)) {
      const delta = mem.executeDelta(key & ~1);
      if (delta !== undefined && (this.#translations.find(key, delta) || this.#translations.recall(key, delta))) return;
      if (count >= this.#hot && delta !== undefined) {
        if (this.#translations.knows(key, delta)) this.#translations.missed(this.#look + 1);
        else {
          this.#counters[counter] = 0;
          this.#translations.add(key, (va) => mem.executeDelta(va));
        }
        this.#translations.tick();
        if (this.#translations.find(key, delta)) return;
      } else if (this.#threads && count >= TEPID && delta !== undefined && this.#translations.thread(key, delta)) return;
    }
    this.#interpreter.runBlock();
  }
}

const packed = (s: Int32Array): number =>
  ((s[S.N] as number) << 3) | ((s[S.Z] as number) << 2) | ((s[S.C] as number) << 1) | (s[S.V] as number);
