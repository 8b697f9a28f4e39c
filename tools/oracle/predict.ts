/**
 * Runs one case on a processor of ours with a made-up memory, straight from the definitions and without the run loop. It tells which cases are worth
 * running (none that is UNPREDICTABLE), steers their addresses into the window, and is a second opinion on what a machine of ours answers.
 */
import { Arena } from '../../core/bus/memory.ts';
import { conditionPassed } from '../../core/cpu/alu.ts';
import { SCTLR } from '../../core/cpu/controls.ts';
import { type Decoder, isWide, type Op } from '../../core/cpu/decode.ts';
import type { Field, word } from '../../core/cpu/insn.ts';
import type { CpuMemory } from '../../core/cpu/memory.ts';
import { makeModel } from '../../core/cpu/models.ts';
import * as S from '../../core/cpu/scalars.ts';
import { SLOT as SYSTEM_SLOT } from '../../core/cpu/slots.ts';
import { Cpu } from '../../core/cpu/state.ts';
import { System, type SystemPorts } from '../../core/cpu/system.ts';
import type { Case } from './cases.ts';
import {
  CODE_PAGE,
  DATA_PAGE,
  KIND,
  PAGES,
  PAGES_END,
  RAM,
  RESULT_WORDS,
  SLOT,
  TRAP,
  VFP_WORDS,
  WINDOW,
  WINDOW_PATTERN,
  WINDOW_WORDS,
} from './layout.ts';

/** Why a case is of no use. */
export class Unsuitable {
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}

class Abort {
  readonly status: number;
  readonly address: number;
  constructor(status: number, address: number) {
    this.status = status;
    this.address = address >>> 0;
  }
}

const FAULT = { alignment: 0x01, section: 0x05, page: 0x07, sectionPermission: 0x0d, pagePermission: 0x0f } as const;
const WRITE = 1 << 11;

/** What the harness's tables say of an address: 0 if the access may go ahead, else the fault status. */
function check(address: number, write: boolean, execute: boolean): number {
  const page = (address & ~0xfff) >>> 0;
  if (page === DATA_PAGE) return execute ? FAULT.pagePermission : 0;
  if (page === CODE_PAGE) return write ? FAULT.pagePermission : 0;
  if (address >>> 0 >= PAGES && address >>> 0 < PAGES_END) return FAULT.page;
  if (address >>> 0 >= RAM && address >>> 0 < PAGES) return FAULT.sectionPermission;
  return FAULT.section;
}

class OracleCpu extends Cpu {
  override unpredictable(): never {
    throw new Unsuitable('UNPREDICTABLE');
  }
}

class OracleMemory {
  readonly window = new DataView(new ArrayBuffer(4 * WINDOW_WORDS));
  readonly code = new DataView(new ArrayBuffer(0x1000));
  readonly #cpu: Cpu;
  /** The address of the first access, which the generator steers. */
  first: number | undefined;
  accesses = 0;
  #exclusive: number | undefined;

  constructor(cpu: Cpu) {
    this.#cpu = cpu;
  }

  reset(words: readonly number[]): void {
    for (let i = 0; i < 0x1000; i += 4) this.code.setUint32(i, TRAP, true);
    for (const [i, value] of words.entries()) this.code.setUint32(SLOT - CODE_PAGE + 4 * i, value, true);
    for (const [i, value] of WINDOW_PATTERN.entries()) this.window.setUint32(4 * i, value, true);
    this.first = undefined;
    this.accesses = 0;
    this.#exclusive = undefined;
  }

  /** Where an access goes. Those that touch the mapped page outside the window, or fail half-way, cannot be compared. */
  #at(address: number, bytes: number, write: boolean): { view: DataView; offset: number } {
    this.first ??= address >>> 0;
    const start = address >>> 0;
    const end = (start + bytes - 1) >>> 0;
    const status = check(start, write, false);
    if (check(end, write, false) !== status || (start ^ end) >>> 12 !== 0) throw new Unsuitable('crosses a page');
    if (status !== 0) {
      if (this.accesses > 0) throw new Unsuitable('aborts after an access');
      throw new Abort(status | (write ? WRITE : 0), start);
    }
    this.accesses++;
    if (start >= CODE_PAGE && end < CODE_PAGE + 0x1000) return { view: this.code, offset: start - CODE_PAGE };
    if (start < WINDOW || end >= WINDOW + 4 * WINDOW_WORDS) throw new Unsuitable('outside the window');
    return { view: this.window, offset: start - WINDOW };
  }

  #align(address: number, bytes: number, write: boolean): void {
    this.first ??= address >>> 0;
    if ((address & (bytes - 1)) === 0) return;
    if (this.accesses > 0) throw new Unsuitable('aborts after an access');
    throw new Abort(FAULT.alignment | (write ? WRITE : 0), address);
  }

  get #little(): boolean {
    return this.#cpu.s[S.E] === 0;
  }

  readU8(address: word): word {
    const { view, offset } = this.#at(address, 1, false);
    return view.getUint8(offset) as word;
  }
  readU16(address: word): word {
    const { view, offset } = this.#at(address, 2, false);
    return view.getUint16(offset, this.#little) as word;
  }
  readU32(address: word): word {
    const { view, offset } = this.#at(address, 4, false);
    return view.getInt32(offset, this.#little) as word;
  }
  writeU8(address: word, value: word): void {
    const { view, offset } = this.#at(address, 1, true);
    view.setUint8(offset, value);
  }
  writeU16(address: word, value: word): void {
    const { view, offset } = this.#at(address, 2, true);
    view.setUint16(offset, value, this.#little);
  }
  writeU32(address: word, value: word): void {
    const { view, offset } = this.#at(address, 4, true);
    view.setInt32(offset, value, this.#little);
  }
  readA16(address: word): word {
    this.#align(address, 2, false);
    return this.readU16(address);
  }
  readA32(address: word): word {
    this.#align(address, 4, false);
    return this.readU32(address);
  }
  writeA16(address: word, value: word): void {
    this.#align(address, 2, true);
    this.writeU16(address, value);
  }
  writeA32(address: word, value: word): void {
    this.#align(address, 4, true);
    this.writeU32(address, value);
  }
  /** QEMU checks no more than 16 bytes of the 32 that an instruction may ask for. */
  checkAlignment(address: word, bytes: number, write: boolean): void {
    this.first ??= address >>> 0;
    if (bytes === 32 && (address & 31) === 16) throw new Unsuitable('aligned to 16 of 32 bytes');
    this.#align(address, bytes, write);
  }
  readUnprivileged8 = (address: word): word => this.readU8(address);
  readUnprivileged16 = (address: word): word => this.readU16(address);
  readUnprivileged32 = (address: word): word => this.readU32(address);
  writeUnprivileged8 = (address: word, value: word): void => this.writeU8(address, value);
  writeUnprivileged16 = (address: word, value: word): void => this.writeU16(address, value);
  writeUnprivileged32 = (address: word, value: word): void => this.writeU32(address, value);

  openExclusive(address: word, size: 1 | 2 | 4 | 8): void {
    this.#align(address, size, false);
    this.#exclusive = address >>> 0;
  }
  /** Whether a store that would fail anyway also aborts is IMPLEMENTATION DEFINED. */
  passExclusive(address: word, size: 1 | 2 | 4 | 8): boolean {
    const open = this.#exclusive === address >>> 0;
    if (!open && ((address & (size - 1)) !== 0 || check(address, true, false) !== 0)) throw new Unsuitable('fails or aborts');
    if (open) this.#align(address, size, true);
    this.#exclusive = undefined;
    return open;
  }
  clearExclusive(): void {
    this.#exclusive = undefined;
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

const advanceIT = (it: number): number => ((it & 7) === 0 ? 0 : (it & 0xe0) | ((it << 1) & 0x1f));

export interface Prediction {
  readonly result: Uint32Array;
  /** The address of the first access to memory. */
  readonly first: number | undefined;
}

const CPACR_ALL = 0xf0_0000;
const FPEXC_EN = 1 << 30;

export class Predictor {
  readonly #decoder: Decoder;
  readonly #cpu: OracleCpu;
  readonly #memory: OracleMemory;
  /** Whether the case has VFP state. */
  #vfp = false;

  constructor(decoder: Decoder) {
    this.#decoder = decoder;
    const model = makeModel('cortex-a15', { security: false, virtualization: false });
    this.#cpu = new OracleCpu(0, model, new Arena(new ArrayBuffer(0x10000)));
    this.#memory = new OracleMemory(this.#cpu);
    this.#cpu.mem = this.#memory as unknown as CpuMemory;
    // Of the system side, only VFP's registers and what is UNDEFINED are asked for, which reach nothing outside the processor.
    this.#cpu.sys = new System(this.#cpu, {} as SystemPorts);
    this.#cpu.system[SYSTEM_SLOT.SCTLR] = SCTLR.SW;
    this.#cpu.system[SYSTEM_SLOT.CPACR] = CPACR_ALL;
    this.#cpu.system[SYSTEM_SLOT.FPEXC] = FPEXC_EN;
  }

  /** The address of the first access to memory in the last run, be it good or not. */
  get first(): number | undefined {
    return this.#memory.first;
  }

  /** The case's result, or `Unsuitable` thrown. */
  run(test: Case): Prediction {
    const { s, words } = this.#cpu;
    this.#memory.reset(test.code);
    s.fill(0);
    words.set(test.registers);
    s[S.M] = 0x10;
    this.#setVfp(test.vfp);
    this.#setCpsr(test.cpsr);
    s[S.NEXT] = test.at;
    for (let step = 0; step < 5; step++) {
      const pc = s[S.NEXT] as number;
      const result = this.#step(pc);
      if (result !== undefined) return { result, first: this.#memory.first };
      const next = (s[S.NEXT] as number) >>> 0;
      if (next >= SLOT && next < SLOT + 16 && next <= pc >>> 0) throw new Unsuitable('loops');
    }
    throw new Unsuitable('does not end');
  }

  /** Executes one instruction; gives the result if it ended in an exception. */
  #step(pc: number): Uint32Array | undefined {
    const cpu = this.#cpu;
    const { s, words } = cpu;
    const status = check(pc, false, true);
    if (status !== 0) return this.#result(KIND.prefetchAbort, pc + 4, status, pc);
    const thumb = s[S.T] !== 0;
    const it = s[S.IT] as number;
    try {
      const op = this.#fetch(pc, thumb, it !== 0);
      words[15] = pc + (thumb ? 4 : 8);
      s[S.NEXT] = pc + op.size;
      const cond = it !== 0 ? it >>> 4 : op.cond;
      s[S.IT] = advanceIT(it);
      if (conditionPassed(cpu, cond as Field)) op.execute(cpu, op.operands);
      return undefined;
    } catch (thrown) {
      s[S.IT] = it;
      if (thrown instanceof Abort) return this.#result(KIND.dataAbort, pc + 8, thrown.status, thrown.address);
      if ((thrown as { kind?: unknown }).kind !== 'undefined') throw thrown;
      return this.#result(KIND.undefined, pc + (thumb ? 2 : 4), 0, 0);
    }
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
    for (let n = 0; n < 15; n++) result[5 + n] = words[n] as number;
    for (let i = 0; i < WINDOW_WORDS; i++) result[20 + i] = this.#memory.window.getUint32(4 * i, true);
    if (this.#vfp) result.set([fp.FPSCR, ...fp.w], RESULT_WORDS);
    return result;
  }
}
