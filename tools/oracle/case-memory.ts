/**
 * The memory of one case, as the harness's tables have it, without any of our memory system: a page to execute, a page of data of which the
 * last words are recorded, and faults everywhere else.
 */
import type { word } from '../../core/cpu/insn.ts';
import type { CpuMemory } from '../../core/cpu/memory.ts';
import * as S from '../../core/cpu/scalars.ts';
import type { Cpu } from '../../core/cpu/state.ts';
import type { OutcomeReason } from './exclusions.ts';
import { CODE_PAGE, DATA_PAGE, EDGE, MEMORIES, PAGES, PAGES_END, RAM, SLOT, TRAP, WINDOW_WORDS } from './layout.ts';

/** Why a case is of no use. */
export class Unsuitable {
  readonly why: OutcomeReason;
  constructor(why: OutcomeReason) {
    this.why = why;
  }
}

export class Abort {
  readonly status: number;
  readonly address: number;
  constructor(status: number, address: number) {
    this.status = status;
    this.address = address >>> 0;
  }

  get write(): boolean {
    return (this.status & WRITE) !== 0;
  }
}

const FAULT = { alignment: 0x01, section: 0x05, page: 0x07, sectionPermission: 0x0d, pagePermission: 0x0f } as const;
const WRITE = 1 << 11;

/** What the harness's tables say of an address: 0 if the access may go ahead, else the fault status. */
export function check(address: number, write: boolean, execute: boolean): number {
  const page = (address & ~0xfff) >>> 0;
  if (page === DATA_PAGE) return execute ? FAULT.pagePermission : 0;
  if (page === CODE_PAGE) return write ? FAULT.pagePermission : 0;
  if (address >>> 0 >= PAGES && address >>> 0 < PAGES_END) return FAULT.page;
  if (address >>> 0 >= RAM && address >>> 0 < PAGES) return FAULT.sectionPermission;
  return FAULT.section;
}

/** Of our memory system, what instructions ask for; the rest is the engine's. */
type Engine =
  | 'executePage'
  | 'executeDelta'
  | 'fastTables'
  | 'fetch16'
  | 'codePageAdded'
  | 'regimeChanged'
  | 'pageDropped'
  | 'defer'
  | 'aborts'
  | 'views'
  | 'ram'
  | 'evidence'
  | 'translationChanged';
type Loads = Omit<CpuMemory, Engine>;

export class CaseMemory implements Loads {
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

  reset(words: readonly number[], memory: number): void {
    for (let i = 0; i < 0x1000; i += 4) this.code.setUint32(i, TRAP, true);
    for (const [i, value] of words.entries()) this.code.setUint32(SLOT - CODE_PAGE + 4 * i, value, true);
    for (const [i, value] of (MEMORIES[memory] as readonly number[]).entries()) this.window.setUint32(4 * i, value, true);
    this.first = undefined;
    this.accesses = 0;
    this.#exclusive = undefined;
  }

  /** Where an access goes; one of two pages is checked in both first. */
  #at(address: number, bytes: number, write: boolean): { view: DataView; offset: number } {
    this.first ??= address >>> 0;
    const start = address >>> 0;
    const end = (start + bytes - 1) >>> 0;
    this.#check(start, write);
    if ((start ^ end) >>> 12 !== 0) this.#check(end & ~0xfff, write);
    this.accesses++;
    if (start >= CODE_PAGE && end < CODE_PAGE + 0x1000) return { view: this.code, offset: start - CODE_PAGE };
    if (start < EDGE || end >= EDGE + 4 * WINDOW_WORDS) throw new Unsuitable('window');
    return { view: this.window, offset: start - EDGE };
  }

  #check(address: number, write: boolean): void {
    const status = check(address, write, false);
    if (status !== 0) throw new Abort(status | (write ? WRITE : 0), address);
  }

  #align(address: number, bytes: number, write: boolean): void {
    this.first ??= address >>> 0;
    if ((address & (bytes - 1)) !== 0) throw new Abort(FAULT.alignment | (write ? WRITE : 0), address);
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
  checkAlignment(address: word, bytes: number, write: boolean): void {
    this.#align(address, bytes, write);
  }
  /** SCTLR.A is clear and the memory Normal: any address will do. */
  checkDoubleword(): void {}
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
    if (!open && ((address & (size - 1)) !== 0 || check(address, true, false) !== 0)) throw new Unsuitable('closed-monitor');
    if (open) this.#align(address, size, true);
    this.#exclusive = undefined;
    return open;
  }
  /** The endianness is asked for at each access. */
  privilegeChanged(): void {}

  clearExclusive(): void {
    this.#exclusive = undefined;
  }
}
