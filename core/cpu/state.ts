/**
 * The state of one processor. Everything lives in typed arrays within the machine's arena, so that both engines work on the same bytes.
 * Reference: DDI 0406C B1.3 (modes, registers, program status registers).
 */
import type { State } from '../base/state.ts';
import type { Arena } from '../bus/memory.ts';
import type { Initiator } from '../bus/registers.ts';
import type { Exception } from './exception.ts';
import { FpRegisters } from './fp/registers.ts';
import type { Field, word } from './insn.ts';
import type { CpuMemory } from './memory.ts';
import type { CpuModel } from './models.ts';
import * as S from './scalars.ts';
import type { SystemOperations } from './system.ts';

/** Banked copies, as indices into `Cpu.banked`. The current mode's R8 to R14 and SPSR are in `r` and `banked` as `modes.ts` says. */
export const BANK = {
  R8_usr: 0,
  R12_usr: 4,
  R8_fiq: 5,
  R12_fiq: 9,
  SP_usr: 10,
  LR_usr: 11,
  SP_fiq: 12,
  LR_fiq: 13,
  SP_irq: 14,
  LR_irq: 15,
  SP_svc: 16,
  LR_svc: 17,
  SP_abt: 18,
  LR_abt: 19,
  SP_und: 20,
  LR_und: 21,
  SP_mon: 22,
  LR_mon: 23,
  SP_hyp: 24,
  ELR_hyp: 25,
  SPSR_fiq: 26,
  SPSR_irq: 27,
  SPSR_svc: 28,
  SPSR_abt: 29,
  SPSR_und: 30,
  SPSR_mon: 31,
  SPSR_hyp: 32,
  COUNT: 40,
} as const;

/** Words for CP15 and CP14 storage; `sysreg/` hands them out by name. */
export const SYSTEM_WORDS = 256;

/** Bytes from `Cpu.offset`: R0 comes first, then what `scalars.ts` numbers, the D registers, and `scratch`. */
export const SCALARS_OFFSET = 16 * 4;
export const FP_OFFSET = (16 + S.COUNT + BANK.COUNT + SYSTEM_WORDS) * 4;
export const SCRATCH_OFFSET = FP_OFFSET + FpRegisters.BYTES;
const SCRATCH_WORDS = 64;
/** Place in `scratch` of a number that changes whenever a translation of an address may be another one than before. */
export const GENERATION = 21;

export const WAIT = { running: 0, interrupt: 1, event: 2, off: 3 } as const;

/** General registers as instructions see them: R15 reads as the address of the instruction plus 8 (A32) or 4 (T32). */
type Registers = Record<Field, word>;

/** Who answers for the processor from outside. All are optional but the first. */
export interface CpuPorts {
  /** SEV: sets the event register of every core. */
  sendEvent: () => void;
  /** Whoever owns PL2 from outside: called by the run loop when the core is in Hyp mode. Without one, guest code at HVBAR owns it. */
  hypOwner?: { enter(cpu: Cpu): void };
  /** Firmware of a bare board: PSCI. Returns false for a call it does not know, which then is taken as the architecture says. */
  firmware?: { call(cpu: Cpu, conduit: 'hvc' | 'smc'): boolean };
  /** Semihosting calls (SVC, BKPT or HLT with their magic numbers): R0 operation, R1 parameter, result in R0. */
  semihosting?: { call(cpu: Cpu): void };
}

export class Cpu {
  static readonly BYTES = (16 + S.COUNT + BANK.COUNT + SYSTEM_WORDS) * 4 + FpRegisters.BYTES + 4 * SCRATCH_WORDS;

  readonly index: number;
  readonly model: CpuModel;
  readonly r: Registers;
  readonly words: Int32Array;
  /** What LDM or VLDM has loaded and not yet written, within one instruction. */
  readonly loaded: Registers = new Int32Array(32) as unknown as Registers;
  readonly s: Int32Array;
  readonly banked: Int32Array;
  readonly system: Int32Array;
  readonly fp: FpRegisters;
  /** Where translated code leaves what only the engine understands; no state. */
  readonly scratch: Int32Array;
  /** Where the registers stand in the arena. */
  readonly offset: number;
  /** Loads and stores, bound after construction because they need the system registers. */
  declare mem: CpuMemory;
  /** What is not arithmetic: exceptions, coprocessors, status registers, hints. */
  declare sys: SystemOperations;
  /** What lies outside the processor, plugged in by the machine. */
  readonly ports: CpuPorts = { sendEvent: () => {} };
  /** How the bus sees this core at the moment; `secure` follows the security state. */
  initiator: Initiator;

  constructor(index: number, model: CpuModel, arena: Arena) {
    const offset = arena.reserve(Cpu.BYTES);
    const words = (at: number, count: number) => new Int32Array(arena.buffer, offset + 4 * at, count);
    this.index = index;
    this.initiator = { core: index, secure: false };
    this.model = model;
    this.words = words(0, 16);
    this.r = this.words as unknown as Registers;
    this.s = words(16, S.COUNT);
    this.banked = words(16 + S.COUNT, BANK.COUNT);
    this.system = words(16 + S.COUNT + BANK.COUNT, SYSTEM_WORDS);
    this.fp = new FpRegisters(arena.buffer, offset + FP_OFFSET);
    this.scratch = new Int32Array(arena.buffer, offset + FP_OFFSET + FpRegisters.BYTES, SCRATCH_WORDS);
    this.offset = offset;
  }

  get N(): boolean {
    return this.s[S.N] !== 0;
  }
  set N(value: boolean) {
    this.s[S.N] = value ? 1 : 0;
  }
  get Z(): boolean {
    return this.s[S.Z] !== 0;
  }
  set Z(value: boolean) {
    this.s[S.Z] = value ? 1 : 0;
  }
  /** N and Z of a result, without branches: this is the interpreter's most frequent write. */
  setNZ(result: word): void {
    this.s[S.N] = result >>> 31;
    this.s[S.Z] = Math.clz32(result) >>> 5;
  }
  get C(): boolean {
    return this.s[S.C] !== 0;
  }
  set C(value: boolean) {
    this.s[S.C] = value ? 1 : 0;
  }
  get V(): boolean {
    return this.s[S.V] !== 0;
  }
  set V(value: boolean) {
    this.s[S.V] = value ? 1 : 0;
  }
  get Q(): boolean {
    return this.s[S.Q] !== 0;
  }
  set Q(value: boolean) {
    this.s[S.Q] = value ? 1 : 0;
  }
  /** Whether data is big-endian. */
  get E(): boolean {
    return this.s[S.E] !== 0;
  }
  /** APSR.GE<3:0>. */
  get GE(): word {
    return this.s[S.GE] as word;
  }
  set GE(value: word) {
    this.s[S.GE] = value;
  }

  /** Whether the processor executes Thumb. Changing it asks the engine to look up. */
  get T(): boolean {
    return this.s[S.T] !== 0;
  }
  set T(value: boolean) {
    if (this.T === value) return;
    this.s[S.T] = value ? 1 : 0;
    this.s[S.ATTENTION] = 1;
  }

  /** IT: the conditions of the next instructions, from their first on. The run loop advances them. */
  startIT(state: Field): void {
    this.s[S.IT] = state;
  }

  /** Sets where execution goes on. The last effect of an instruction. */
  branch(target: word): void {
    this.s[S.NEXT] = target;
  }

  /** Ends the instruction with an exception; it must have changed nothing yet. */
  raise(exception: Exception): never {
    throw exception;
  }

  /** The encoding is UNDEFINED. */
  undefined(): never {
    throw UNDEFINED;
  }

  /** The form is UNPREDICTABLE: we choose UNDEFINED, as it is the choice that hides no mistake. */
  unpredictable(): never {
    throw UNDEFINED;
  }

  save(): State {
    const { words, banked, system, fp } = this;
    const s = this.s.slice();
    s[S.ATTENTION] = 0; // whether the engine has yet to look is no state: after a load it always does
    const r = words.slice();
    r[15] = 0; // what instructions read there follows from their address
    return { r, s, banked: banked.slice(), system: system.slice(), fp: fp.save() };
  }

  load(state: State): void {
    this.words.set(state['r'] as Int32Array);
    this.s.set(state['s'] as Int32Array);
    this.s[S.ATTENTION] = 1;
    this.banked.set(state['banked'] as Int32Array);
    this.system.set(state['system'] as Int32Array);
    this.fp.load(state['fp'] as never);
  }
}

const UNDEFINED: Exception = { kind: 'undefined' };
