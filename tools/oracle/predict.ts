/**
 * Runs one case on a processor of ours with a made-up memory, straight from the definitions and without the run loop. It tells which cases are worth
 * running (none that is UNPREDICTABLE), steers their addresses into the window, and is a second opinion on what a machine of ours answers.
 */
import { Arena } from '../../core/bus/memory.ts';
import { conditionPassed } from '../../core/cpu/alu.ts';
import { SCTLR } from '../../core/cpu/controls.ts';
import { type Decoder, isWide, type Op } from '../../core/cpu/decode.ts';
import type { Field } from '../../core/cpu/insn.ts';
import type { CpuMemory } from '../../core/cpu/memory.ts';
import { makeModel } from '../../core/cpu/models.ts';
import * as S from '../../core/cpu/scalars.ts';
import { SLOT as SYSTEM_SLOT } from '../../core/cpu/slots.ts';
import { Cpu } from '../../core/cpu/state.ts';
import type { TimerPort } from '../../core/cpu/sysreg/timer.ts';
import { System, type SystemPorts } from '../../core/cpu/system.ts';
import type { Case } from './case.ts';
import { Abort, CaseMemory, check, Unsuitable } from './case-memory.ts';
import { CODE_PAGE, EDGE, KIND, RESULT, RESULT_WORDS, THREAD, THREAD_READ_ONLY, VFP_WORDS, WINDOW_WORDS } from './layout.ts';

class CaseCpu extends Cpu {
  override unpredictable(): never {
    throw new Unsuitable('values');
  }
}

class Call {
  readonly kind: number;
  constructor(kind: number) {
    this.kind = kind;
  }
}

/** Calls end the case. Of the rest only what reaches nothing outside the processor is asked for. */
class CaseSystem extends System {
  override supervisorCall(): void {
    throw new Call(KIND.supervisorCall);
  }
  override breakpoint(): void {
    throw new Call(KIND.prefetchAbort);
  }
}

/** Where the processor keeps the bits of CPSR, and their places there. */
const FLAGS: readonly (readonly [slot: number, bit: number])[] = [
  [S.N, 31],
  [S.Z, 30],
  [S.C, 29],
  [S.V, 28],
  [S.Q, 27],
  [S.E, 9],
  [S.A, 8],
  [S.I, 7],
  [S.F, 6],
  [S.T, 5],
];
const USER = 0x10;
/** Instructions that a case may take, its end included. */
const STEPS = 8;
/** Its controls let nothing through to User mode. */
const NO_TIMER: TimerPort = { readLow: () => 0, readHigh: () => 0, write: () => {} };
/** IFSR.FS of a debug event. */
const DEBUG_EVENT = 2;

/** The registers that a load of several was to load, but for its base: core registers by name, of the others all. */
function halfLoaded({ name, operands }: Op): readonly number[] {
  if (name.startsWith('V')) return Array.from({ length: VFP_WORDS - 1 }, (_, i) => RESULT_WORDS + 1 + i);
  const { list = 0, Rt, Rt2, Rn } = operands as Readonly<Record<string, number>>;
  const loaded = (n: number): boolean => n !== Rn && (((list >>> n) & 1) === 1 || n === Rt || n === Rt2);
  return Array.from({ length: 15 }, (_, n) => n).flatMap((n) => (loaded(n) ? [RESULT.registers + n] : []));
}

const advanceIT = (it: number): number => ((it & 7) === 0 ? 0 : (it & 0xe0) | ((it << 1) & 0x1f));

export interface Prediction {
  readonly result: Uint32Array;
  /** Words of the result that are UNKNOWN. */
  readonly unknown: readonly number[];
  /** The address of the first access to memory. */
  readonly first: number | undefined;
}

/** The first word of a doubleword of which the second could not be stored. */
function halfStored({ name }: Op, address: number): readonly number[] {
  const word = (address - EDGE) >>> 2;
  if (!name.startsWith('V')) return [];
  return [word - 1, word - 2].filter((i) => i >= 0 && i < WINDOW_WORDS).map((i) => RESULT.window + i);
}

const CPACR_ALL = 0xf0_0000;
const FPEXC_EN = 1 << 30;

export class Predictor {
  readonly #decoder: Decoder;
  readonly #cpu: CaseCpu;
  readonly #memory: CaseMemory;
  /** Whether the case has VFP state. */
  #vfp = false;
  #unknown: readonly number[] = [];

  constructor(decoder: Decoder) {
    this.#decoder = decoder;
    const model = makeModel('cortex-a15', { security: false, virtualization: false });
    this.#cpu = new CaseCpu(0, model, new Arena(new ArrayBuffer(0x10000)));
    this.#memory = new CaseMemory(this.#cpu);
    this.#cpu.mem = this.#memory as unknown as CpuMemory;
    this.#cpu.sys = new CaseSystem(this.#cpu, { timer: NO_TIMER } as unknown as SystemPorts);
    this.#cpu.system[SYSTEM_SLOT.SCTLR] = SCTLR.SW | SCTLR.CP15BEN;
    this.#cpu.system[SYSTEM_SLOT.CPACR] = CPACR_ALL;
    this.#cpu.system[SYSTEM_SLOT.FPEXC] = FPEXC_EN;
  }

  /** The address of the first access to memory in the last run, be it good or not. */
  get first(): number | undefined {
    return this.#memory.first;
  }

  /** The case's result, or `Unsuitable` thrown. */
  run(test: Case): Prediction {
    this.#reset(test);
    const { s } = this.#cpu;
    for (let step = 0; step < STEPS; step++) {
      const pc = s[S.NEXT] as number;
      const result = this.#step(pc);
      if (result !== undefined) return { result, first: this.#memory.first, unknown: this.#unknown };
    }
    // What has not ended does not: what loops in one instruction does so without change.
    const result = this.#result(KIND.limit, (s[S.NEXT] as number) + 4, 0, 0);
    return { result, first: this.#memory.first, unknown: [] };
  }

  #reset(test: Case): void {
    const { s, words, system } = this.#cpu;
    this.#memory.reset(test.code, test.memory);
    this.#unknown = [];
    s.fill(0);
    words.set(test.registers);
    s[S.M] = USER;
    system[SYSTEM_SLOT.TPIDRURW] = THREAD;
    system[SYSTEM_SLOT.TPIDRURO] = THREAD_READ_ONLY;
    this.#setVfp(test.vfp);
    this.#setCpsr(test.cpsr);
    s[S.NEXT] = test.at;
  }

  /** Executes one instruction; gives the result if it ended in an exception. */
  #step(pc: number): Uint32Array | undefined {
    const cpu = this.#cpu;
    const { s, words } = cpu;
    const status = check(pc, false, true);
    if (status !== 0) return this.#result(KIND.prefetchAbort, pc + 4, status, pc);
    const thumb = s[S.T] !== 0;
    const it = s[S.IT] as number;
    const op = this.#fetch(pc, thumb, it !== 0);
    try {
      words[15] = pc + (thumb ? 4 : 8);
      s[S.NEXT] = pc + op.size;
      const cond = it !== 0 && !op.definition.unconditional ? it >>> 4 : op.cond;
      s[S.IT] = advanceIT(it);
      if (conditionPassed(cpu, cond as Field)) op.execute(cpu, op.operands);
      return undefined;
    } catch (thrown) {
      if (thrown instanceof Call && thrown.kind === KIND.supervisorCall) return this.#result(thrown.kind, pc + op.size, 0, 0);
      s[S.IT] = it;
      return this.#exception(thrown, pc, op);
    }
  }

  #exception(thrown: unknown, pc: number, op: Op): Uint32Array {
    if (thrown instanceof Call) {
      this.#unknown = [RESULT.address];
      return this.#result(thrown.kind, pc + 4, DEBUG_EVENT, 0);
    }
    if (thrown instanceof Abort) {
      if (this.#memory.accesses > 0) this.#unknown = thrown.write ? halfStored(op, thrown.address) : halfLoaded(op);
      return this.#result(KIND.dataAbort, pc + 8, thrown.status, thrown.address);
    }
    if ((thrown as { kind?: unknown }).kind !== 'undefined') throw thrown;
    return this.#result(KIND.undefined, pc + (this.#cpu.s[S.T] !== 0 ? 2 : 4), 0, 0);
  }

  #fetch(pc: number, thumb: boolean, inIT: boolean): Op {
    const { code } = this.#memory;
    const offset = (pc >>> 0) - CODE_PAGE;
    if (!thumb) return this.#decoder.decode('A32', code.getInt32(offset, true), false, false);
    const first = code.getUint16(offset, true);
    const bits = isWide(first) ? (first << 16) | code.getUint16(offset + 2, true) : first;
    return this.#decoder.decode('T32', bits, !isWide(first), inIT);
  }

  #setVfp(state: readonly number[] | undefined): void {
    const { fp } = this.#cpu;
    this.#vfp = state !== undefined;
    fp.FPSCR = state?.[0] ?? 0;
    for (let i = 0; i < 64; i++) fp.w[i] = state?.[1 + i] ?? 0;
  }

  #setCpsr(cpsr: number): void {
    const { s } = this.#cpu;
    for (const [slot, bit] of FLAGS) s[slot] = (cpsr >>> bit) & 1;
    s[S.GE] = (cpsr >>> 16) & 15;
    s[S.IT] = ((cpsr >>> 8) & 0xfc) | ((cpsr >>> 25) & 3);
  }

  #cpsr(): number {
    const { s } = this.#cpu;
    let cpsr = USER | ((s[S.GE] as number) << 16) | (((s[S.IT] as number) & 0xfc) << 8) | (((s[S.IT] as number) & 3) << 25);
    for (const [slot, bit] of FLAGS) cpsr |= (s[slot] as number) << bit;
    return cpsr;
  }

  #result(kind: number, lr: number, status: number, address: number): Uint32Array {
    const { words, fp } = this.#cpu;
    const result = new Uint32Array(RESULT_WORDS + (this.#vfp ? VFP_WORDS : 0));
    result.set([kind, lr, this.#cpsr(), status, address]);
    for (let n = 0; n < 15; n++) result[RESULT.registers + n] = words[n] as number;
    result[RESULT.thread] = this.#cpu.system[SYSTEM_SLOT.TPIDRURW] as number;
    for (let i = 0; i < WINDOW_WORDS; i++) result[RESULT.window + i] = this.#memory.window.getUint32(4 * i, true);
    if (this.#vfp) result.set([fp.FPSCR, ...fp.w], RESULT_WORDS);
    return result;
  }
}
