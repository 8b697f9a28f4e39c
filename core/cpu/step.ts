/**
 * The interpreter's run loop. Each instruction takes one unit of time, and so does each exception entry and each stay of a hosted
 * hypervisor in Hyp mode, so that nothing makes the host loop without time passing. Reference: DDI 0406C A2.5 (ITSTATE), B1.8 (exceptions).
 */

import type { Fault } from '../mmu/fault.ts';
import { conditionPassed } from './alu.ts';
import type { CodeCache, CodePage } from './code-cache.ts';
import { isWide, type Op } from './decode.ts';
import type { Exception } from './exception.ts';
import { takeException, takePendingInterrupt } from './exceptions.ts';
import type { Field } from './insn.ts';
import * as S from './scalars.ts';
import { type Cpu, WAIT } from './state.ts';
import { decodeThumbEE } from './thumb-ee.ts';

const HYP = 0x1a;
const ALWAYS = 14;
const NONE: (Op | undefined)[] = [];
/** How far to run. */
const [TO_THE_END, TO_A_BRANCH, ONE] = [0, 1, 2];
/** No address of a page: the first instruction finds its own. */
const NO_PAGE = 1;

/** ITAdvance(). */
const advanceIT = (it: number): number => ((it & 7) === 0 ? 0 : (it & 0xe0) | ((it << 1) & 0x1f));

export class Interpreter {
  readonly #cpu: Cpu;
  readonly #cache: CodeCache;
  /** The data abort that the instruction in hand ends with, its register and what that held. */
  #deferred: Fault | undefined;
  #Rt = 0;
  #held = 0;
  /** Where the instruction lies in the arena. */
  #at = 0;
  /** Told of each such abort when it has been taken. */
  aborted: (op: Op, fault: Fault, at: number) => void = () => {};

  constructor(cpu: Cpu, cache: CodeCache) {
    this.#cpu = cpu;
    this.#cache = cache;
    cache.onPageAdded((page) => cpu.mem.codePageAdded(page));
    cache.onPageGone(() => {
      cpu.s[S.ATTENTION] = 1;
    });
    cpu.mem.defer = (fault) => this.#defer(fault);
  }

  /** Runs until S.REMAINING is used up or the core waits. */
  run(): void {
    const { s } = this.#cpu;
    while ((s[S.REMAINING] as number) > 0 && this.attend()) this.#go(TO_THE_END);
  }

  /** Runs up to the first branch that is taken, or where the engine must look up; for an engine that has looked. */
  runBlock(): void {
    this.#go(TO_A_BRANCH);
  }

  /** Runs one instruction; for an engine that has looked up. */
  step(): void {
    this.#go(ONE);
  }

  #go(how: number): void {
    if (this.#cpu.s[S.T] === 0) this.#runArm(how);
    else this.#runThumb(how);
  }

  /** Looks at what changed. False: the core waits, or its time is up. */
  attend(): boolean {
    const cpu = this.#cpu;
    const { s } = cpu;
    while (s[S.ATTENTION] !== 0) {
      s[S.ATTENTION] = 0;
      if (s[S.WAIT] !== WAIT.running) return false;
      if (s[S.M] === HYP && cpu.ports.hypOwner !== undefined) {
        cpu.ports.hypOwner.enter(cpu);
        this.#spend();
        s[S.ATTENTION] = 1;
      } else if (takePendingInterrupt(cpu)) this.#spend();
      if ((s[S.REMAINING] as number) <= 0) return false;
    }
    return s[S.WAIT] === WAIT.running;
  }

  #spend(): void {
    const { s } = this.#cpu;
    s[S.REMAINING] = (s[S.REMAINING] as number) - 1;
  }

  #runArm(how: number): void {
    const cpu = this.#cpu;
    const { s, words } = cpu;
    let op: Op | undefined;
    let page: CodePage | undefined;
    let ops = NONE;
    let base = NO_PAGE;
    let pc = s[S.NEXT] as number;
    let left = s[S.REMAINING] as number;
    try {
      do {
        if ((pc & ~0xfff) !== base) {
          op = undefined;
          page = this.#page(pc);
          ops = page?.a32 ?? NONE;
          base = pc & ~0xfff;
        }
        op = ops[(pc & 0xfff) >>> 2] ?? this.#decodeArm(page, pc);
        left = (left - 1) | 0;
        s[S.REMAINING] = left;
        words[15] = pc + 8;
        s[S.NEXT] = pc + 4;
        if (op.cond === ALWAYS || conditionPassed(cpu, op.cond as Field)) op.execute(cpu, op.operands);
        pc = s[S.NEXT] as number;
      } while (s[S.ATTENTION] === 0 && left > 0 && (how === TO_THE_END || (how !== ONE && pc === (words[15] as number) - 4)));
      if (this.#deferred !== undefined) this.#abort(op);
    } catch (exception) {
      this.#except(exception as Exception, op);
    }
  }

  #runThumb(how: number): void {
    const cpu = this.#cpu;
    const { s, words } = cpu;
    let op: Op | undefined;
    let page: CodePage | undefined;
    let base = NO_PAGE;
    let it = s[S.IT] as number;
    let pc = s[S.NEXT] as number;
    try {
      do {
        it = s[S.IT] as number;
        if ((pc & ~0xfff) !== base) {
          op = undefined;
          page = this.#page(pc);
          base = pc & ~0xfff;
        }
        const ops = it === 0 ? page?.t32 : page?.t32IT;
        op = ops?.[(pc & 0xfff) >>> 1] ?? this.#decodeThumb(page, pc, it !== 0);
        s[S.REMAINING] = (s[S.REMAINING] as number) - 1;
        words[15] = pc + 4;
        s[S.NEXT] = pc + op.size;
        if (it !== 0) s[S.IT] = advanceIT(it);
        const cond = it === 0 ? op.cond : op.definition.unconditional ? ALWAYS : it >>> 4;
        if (cond === ALWAYS || conditionPassed(cpu, cond as Field)) op.execute(cpu, op.operands);
        pc = s[S.NEXT] as number;
      } while (
        s[S.ATTENTION] === 0 &&
        (s[S.REMAINING] as number) > 0 &&
        (how === TO_THE_END || (how !== ONE && pc === (words[15] as number) - 4 + op.size))
      );
      if (this.#deferred !== undefined) {
        s[S.IT] = it;
        this.#abort(op);
      }
    } catch (exception) {
      s[S.IT] = it;
      this.#except(exception as Exception, op);
    }
  }

  /** The decoded page at `pc`; undefined where instructions must be fetched one by one. */
  #page(pc: number): CodePage | undefined {
    const offset = this.#cpu.mem.executePage(pc);
    return offset < 0 ? undefined : this.#cache.page(offset);
  }

  #decodeArm(page: CodePage | undefined, pc: number): Op {
    if (page === undefined) this.#cpu.sys.debug.fetch(pc);
    const bits = this.#halfword(page, pc) | (this.#halfword(page, pc + 2) << 16) | 0;
    const op = this.#cache.decoder.decode('A32', bits, false, false);
    if (page !== undefined) this.#keep(page.a32, (pc & 0xfff) >>> 2, op);
    return op;
  }

  #decodeThumb(page: CodePage | undefined, pc: number, inIT: boolean): Op {
    if (page === undefined) this.#cpu.sys.debug.fetch(pc);
    const first = this.#halfword(page, pc);
    const wide = isWide(first);
    const crosses = wide && (pc & 0xfff) === 0xffe;
    const bits = wide ? (first << 16) | this.#halfword(crosses ? undefined : page, pc + 2) : first;
    if (page === undefined && this.#cpu.s[S.J] !== 0) return decodeThumbEE(this.#cache.decoder, bits, !wide, inIT);
    const op = this.#cache.decoder.decode('T32', bits, !wide, inIT);
    if (page !== undefined && !crosses) this.#keep(inIT ? page.t32IT : page.t32, (pc & 0xfff) >>> 1, op);
    return op;
  }

  #keep(ops: (Op | undefined)[], index: number, op: Op): void {
    ops[index] = op;
    if (this.#cache.kept()) this.#cpu.s[S.ATTENTION] = 1;
  }

  #halfword(page: CodePage | undefined, pc: number): number {
    return page === undefined ? this.#cpu.mem.fetch16(pc) : this.#cache.halfword(page, pc);
  }

  /** Loads and stores of one register without writeback, which Hyp mode's syndrome describes: of what they do, only a load's register shows. */
  #defer(fault: Fault): boolean {
    const { s, words } = this.#cpu;
    const Rt = this.#inHand()?.register ?? -1;
    if (Rt < 0) return false;
    this.#deferred = fault;
    this.#Rt = Rt;
    this.#held = words[Rt] as number;
    s[S.ATTENTION] = 1;
    return true;
  }

  /** The instruction that R15 belongs to, if its page is at hand. */
  #inHand(): Op | undefined {
    const { s, words, mem } = this.#cpu;
    const thumb = s[S.T] !== 0;
    const pc = ((words[15] as number) - (thumb ? 4 : 8)) | 0;
    const delta = mem.executeDelta(pc);
    if (delta === undefined) return undefined;
    this.#at = (pc + delta) >>> 0;
    const page = this.#cache.page(this.#at);
    const at = pc & 0xfff;
    return thumb ? (page.t32[at >>> 1] ?? page.t32IT[at >>> 1]) : page.a32[at >>> 2];
  }

  #abort(op: Op | undefined): void {
    const fault = this.#deferred as Fault;
    this.#deferred = undefined;
    this.#cpu.words[this.#Rt] = this.#held;
    this.#except({ kind: 'data abort', fault }, op);
    if (op !== undefined) this.aborted(op, fault, this.#at);
  }

  #except(exception: Exception, op: Op | undefined): void {
    if (exception.kind === undefined) throw exception;
    if (exception.kind === 'prefetch abort') this.#spend();
    takeException(this.#cpu, exception, op);
    this.#cpu.s[S.ATTENTION] = 1;
  }
}
