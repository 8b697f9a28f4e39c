/**
 * An engine that a debugger can stop between two instructions. The engine within runs until it would fetch from a page with a breakpoint; there, and
 * for steps and watchpoints, the interpreter goes one by one. What was stopped goes on as if it never had been, at the same virtual time.
 */
import type { Onlooker } from '../../cpu/debug.ts';
import * as S from '../../cpu/scalars.ts';
import { WAIT } from '../../cpu/state.ts';
import type { Translation } from '../../mmu/translation.ts';
import type { Processor } from '../processor.ts';
import type { Core } from '../run-loop.ts';
import { type Breakpoints, type Watchpoint, watches, watchesPage } from './breakpoints.ts';
import { Halt } from './halt.ts';
import type { Thread } from './threads.ts';

/** To stop a thread after one instruction, or after those of a range of addresses. */
export interface Step {
  readonly thread: Thread;
  /** Where it was. */
  readonly from: number;
  readonly range: { readonly start: number; readonly end: number } | undefined;
}

/** What the engine asks of the debugger. */
export interface DebugPort {
  readonly watchpoints: readonly Watchpoint[];
  readonly breakpoints: Breakpoints;
  /** Throws a `Halt` if the breakpoint at `pc` is one for what the core executes. */
  meets(core: number, pc: number): void;
  /** The thread that is to be told of a watchpoint's access by the core; undefined if it is not the watchpoint's concern. */
  accessing(core: number, watchpoint: Watchpoint): Thread | undefined;
  /** The virtual processor whose instructions the core executes. */
  guestOn(core: number): Thread | undefined;
  halted(halt: Halt): void;
}

/** Thrown where the engine within comes to a page with a breakpoint. */
const TAKE_OVER = {};

export class DebugEngine implements Onlooker {
  readonly #processor: Processor;
  readonly #inner: Core['engine'];
  readonly #port: DebugPort;
  #steps: readonly Step[] = [];
  /** Those whose thread has executed something. */
  readonly #moved = new Set<Step>();
  /** The address where the core was stopped: the debugger has seen what it would stop for there. */
  #passing: number | undefined;
  #blind = false;
  /** This looks for breakpoints, and pages may be executed from as ever. */
  #looking = false;

  constructor(processor: Processor, port: DebugPort) {
    this.#processor = processor;
    this.#inner = processor.engine;
    this.#port = port;
  }

  /** The engine as it was before. */
  get inner(): Core['engine'] {
    return this.#inner;
  }

  /** Before the machine goes on. `passing`: the core was stopped before its next instruction, and is to execute that one. */
  prepare(steps: readonly Step[], passing: boolean): void {
    this.#steps = steps;
    this.#moved.clear();
    this.#passing = passing ? this.#next : undefined;
  }

  run(): void {
    try {
      while (this.#goesOn());
    } catch (halt) {
      if (!(halt instanceof Halt)) throw halt;
      this.#processor.cpu.s[S.ATTENTION] = 1;
      this.#port.halted(halt);
    }
  }

  breaksIn(va: number): boolean {
    return !this.#looking && this.#port.breakpoints.inPage(va);
  }

  fetch(pc: number): void {
    if (this.breaksIn(pc)) throw TAKE_OVER;
  }

  watchesIn(page: Translation): boolean {
    return this.#port.watchpoints.some((watchpoint) => watchesPage(watchpoint, page));
  }

  access(page: Translation, va: number, size: number, write: boolean): void {
    if (this.#blind) return;
    for (const watchpoint of this.#port.watchpoints) {
      if (!watches(watchpoint, page, va, size, write)) continue;
      const thread = this.#port.accessing(this.#core, watchpoint);
      if (thread !== undefined) throw new Halt(thread, { kind: 'watchpoint', watchpoint, va: va >>> 0, size, write });
    }
  }

  /** The core is about to give the processor to the owner of PL2, as if to code at its vector. */
  entersHyp(): void {
    if (this.#passing === this.#next) this.#passing = undefined;
    else this.#meet();
  }

  get #core(): number {
    return this.#processor.cpu.index;
  }

  get #next(): number {
    return (this.#processor.cpu.s[S.NEXT] as number) >>> 0;
  }

  get #singly(): boolean {
    return this.#passing !== undefined || this.#steps.length > 0 || this.#port.watchpoints.length > 0;
  }

  /** False: the time is up, or the core waits. */
  #goesOn(): boolean {
    if (!this.#single()) return false;
    try {
      this.#inner.run();
      return false;
    } catch (thrown) {
      if (thrown !== TAKE_OVER) throw thrown;
      return true;
    }
  }

  /** One by one, for as long as that is needed. False: the time is up, or the core waits. */
  #single(): boolean {
    if (!this.#needed) return true;
    const { cpu, interpreter } = this.#processor;
    const { s } = cpu;
    this.#looking = true;
    try {
      while (this.#needed) {
        const before = s[S.REMAINING];
        if ((before as number) <= 0) return false;
        const on = s[S.ATTENTION] === 0 ? s[S.WAIT] === WAIT.running : interpreter.attend();
        this.#looked(s[S.REMAINING] !== before);
        if (!on) return false;
        this.#instruction();
      }
      return true;
    } finally {
      this.#looking = false;
      for (const page of this.#port.breakpoints.pages) cpu.mem.pageDropped(page);
    }
  }

  get #needed(): boolean {
    return this.#singly || this.#port.breakpoints.inPage(this.#next);
  }

  #meet(): void {
    const next = this.#next;
    if (this.#port.breakpoints.anyAt(next)) this.#port.meets(this.#core, next);
  }

  /** One instruction. If it stops at an access, it is as if it had not begun. */
  #instruction(): void {
    const { cpu, interpreter } = this.#processor;
    const { s } = cpu;
    const [next, remaining, exclusive] = [s[S.NEXT] as number, s[S.REMAINING] as number, s[S.EXCLUSIVE] as number];
    const guest = this.#steps.length > 0 ? this.#port.guestOn(this.#core) : undefined;
    this.#blind = this.#passing === next >>> 0;
    try {
      if (!this.#blind) this.#meet();
      interpreter.step();
    } catch (halt) {
      if (halt instanceof Halt) [s[S.NEXT], s[S.REMAINING], s[S.EXCLUSIVE]] = [next, remaining, exclusive];
      throw halt;
    } finally {
      this.#blind = false;
    }
    this.#passing = undefined;
    for (const step of this.#steps) if (step.thread.vcpu === undefined || step.thread === guest) this.#moved.add(step);
    this.#arrive();
  }

  /** The engine has looked up; `spent`: it took an exception, or the hypervisor was at work. */
  #looked(spent: boolean): void {
    if (this.#steps.length === 0) return;
    if (spent) for (const step of this.#steps) if (step.thread.vcpu === undefined) this.#moved.add(step);
    this.#arrive();
  }

  /** Ends a step whose thread is somewhere else now, or has been round. */
  #arrive(): void {
    const next = this.#next;
    for (const step of this.#steps) {
      const { thread, from, range } = step;
      const here = thread.vcpu === undefined || this.#port.guestOn(this.#core) === thread;
      const moved = this.#moved.has(step) || (thread.vcpu !== undefined && next !== from);
      const within = range !== undefined && next >= range.start && next < range.end;
      if (here && moved && !within) throw new Halt(thread, { kind: 'step' });
    }
  }
}
