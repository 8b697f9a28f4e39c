/**
 * A debugger's hold on a machine, of no particular protocol: threads, breakpoints, stops and stepping. It keeps everything on its own side, so that
 * a machine that was only looked at stays on its course, to the state hash.
 */
import { MODE } from '../../cpu/modes.ts';
import * as S from '../../cpu/scalars.ts';
import type { Partition } from '../../hyp/partition.ts';
import type { Machine } from '../machine.ts';
import type { Processor } from '../processor.ts';
import { type BreakpointKind, Breakpoints, type Watchpoint } from './breakpoints.ts';
import { DebugEngine, type DebugPort, type Step } from './debug-engine.ts';
import { Halt, type Stop } from './halt.ts';
import { MemoryView } from './memory-view.ts';
import { coreRegisters, guestRegisters, type Registers } from './registers.ts';
import { describe, holds, makeSpaces, type Space, type Thread } from './threads.ts';

/** What a thread is to do before it stops; all others run as they would. */
export interface StepRequest {
  readonly thread: Thread;
  readonly range?: { readonly start: number; readonly end: number };
}

export class Debugger implements DebugPort {
  readonly machine: Machine;
  readonly spaces: readonly Space[];
  readonly memory: MemoryView;
  readonly breakpoints = new Breakpoints();
  #watchpoints: readonly Watchpoint[] = [];
  #engines: readonly DebugEngine[] = [];
  #stop: Stop | undefined;
  /** Takes the hypervisor's place back, once attached. */
  #release: () => void = () => {};

  constructor(machine: Machine, partitions: readonly Partition[] = []) {
    this.machine = machine;
    this.spaces = makeSpaces(machine, partitions);
    this.memory = new MemoryView(machine);
  }

  /** Why the machine stands still; undefined while it may run. */
  get stop(): Stop | undefined {
    return this.#stop;
  }

  get watchpoints(): readonly Watchpoint[] {
    return this.#watchpoints;
  }

  get attached(): boolean {
    return this.#engines.length > 0;
  }

  /** Gets a hand on every core. */
  attach(): void {
    if (this.attached) return;
    this.#engines = this.machine.processors.map((processor) => new DebugEngine(processor, this));
    const owners = this.machine.processors.map((processor, i) => this.#takeOver(processor, this.#engines[i] as DebugEngine));
    this.#release = () => {
      for (const release of owners) release();
    };
  }

  /** Leaves the machine as if nobody had been there. */
  detach(): void {
    this.breakpoints.clear();
    this.#watchpoints = [];
    this.#stop = undefined;
    this.#release();
    this.#release = () => {};
    this.#engines = [];
  }

  /** Stops a machine that is not within `run`. */
  halt(thread: Thread, kind: 'halt' | 'idle' = 'halt'): Stop {
    this.#stop ??= { thread, cause: { kind } };
    return this.#stop;
  }

  /** Lets it run, until something is met or a step is done. */
  resume(requests: readonly StepRequest[] = []): void {
    const stopped = this.#stop?.thread;
    this.#stop = undefined;
    for (const [core, engine] of this.#engines.entries()) {
      const own = requests.filter(({ thread }) => thread.core === core);
      const steps: Step[] = own.map(({ thread, range }) => ({ thread, from: this.registers(thread).pc, range }));
      const passing = stopped?.core === core && (stopped.vcpu === undefined || this.guestOn(core) === stopped);
      engine.prepare(steps, passing);
    }
  }

  addBreakpoint(space: Space, address: number, kind: BreakpointKind): void {
    this.breakpoints.add(space, address, kind);
    this.#forget();
  }

  removeBreakpoint(space: Space, address: number, kind: BreakpointKind): void {
    this.breakpoints.remove(space, address, kind);
    this.#forget();
  }

  addWatchpoint(watchpoint: Watchpoint): void {
    if (this.#watchpoints.some((known) => same(known, watchpoint))) return;
    this.#watchpoints = [...this.#watchpoints, watchpoint];
    this.#forget();
  }

  removeWatchpoint(watchpoint: Watchpoint): boolean {
    const left = this.#watchpoints.filter((known) => !same(known, watchpoint));
    const found = left.length < this.#watchpoints.length;
    this.#watchpoints = left;
    this.#forget();
    return found;
  }

  /** What stops anything in a space goes. */
  clear(space: Space): void {
    this.breakpoints.clear(space);
    this.#watchpoints = this.#watchpoints.filter((watchpoint) => watchpoint.space !== space);
    this.#forget();
  }

  registers(thread: Thread): Registers {
    const { vcpu, space, core } = thread;
    const { cpu } = this.#processor(core);
    if (vcpu === undefined || space.partition === undefined) return coreRegisters(cpu);
    return guestRegisters(vcpu, holds(cpu, vcpu, space.partition) ? cpu : undefined);
  }

  describe(thread: Thread): string {
    return describe(thread, this.#processor(thread.core).cpu);
  }

  // DebugPort

  meets(core: number, pc: number): void {
    const guest = this.guestOn(core);
    for (const thread of [guest, this.spaces[0]?.threads[core]]) {
      const by = thread && this.breakpoints.at(thread.space, pc);
      if (thread !== undefined && by !== undefined) throw new Halt(thread, { kind: 'breakpoint', by });
    }
  }

  accessing(core: number, { by, space }: Watchpoint): Thread | undefined {
    const guest = this.guestOn(core);
    if (guest?.space === space || (guest !== undefined && by === 'pa')) return guest;
    return space.partition === undefined ? this.spaces[0]?.threads[core] : undefined;
  }

  guestOn(core: number): Thread | undefined {
    const { cpu } = this.#processor(core);
    if (this.spaces.length === 1 || cpu.s[S.M] === MODE.hyp) return undefined;
    for (const { threads, partition } of this.spaces) {
      if (partition === undefined) continue;
      const found = threads.find(({ vcpu }) => vcpu?.core === core && holds(cpu, vcpu, partition));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  halted({ stop }: Halt): void {
    this.#stop = stop;
    this.machine.loop.pause();
  }

  #processor(core: number): Processor {
    return this.machine.processors[core] as Processor;
  }

  /** Pages that are not to be executed or accessed without asking any more, or that may be again. */
  #forget(): void {
    for (const { cpu } of this.machine.processors) cpu.mem.regimeChanged();
  }

  #takeOver(processor: Processor, engine: DebugEngine): () => void {
    const { ports, sys } = processor.cpu;
    const owner = ports.hypOwner;
    processor.engine = engine;
    sys.debug.onlooker = engine;
    if (owner !== undefined) {
      ports.hypOwner = {
        enter(cpu) {
          engine.entersHyp();
          owner.enter(cpu);
        },
      };
    }
    return () => {
      processor.engine = engine.inner;
      sys.debug.onlooker = undefined;
      if (owner !== undefined) ports.hypOwner = owner;
      processor.cpu.mem.regimeChanged();
    };
  }
}

const same = (a: Watchpoint, b: Watchpoint): boolean =>
  a.by === b.by && a.space === b.space && a.address === b.address && a.length === b.length && a.access === b.access;
