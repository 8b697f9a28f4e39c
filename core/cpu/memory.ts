/**
 * Loads and stores as instructions see them: MemU (unaligned allowed), MemA (aligned), unprivileged and exclusive forms.
 * Every one may raise a Data Abort, before which nothing has changed. Reference: DDI 0406C A3.2, A3.4, B2.4.
 */
import type { AddressMap, MemoryRegion } from '../bus/address-map.ts';
import { type Arena, CODE, PAGE, PAGE_BITS, WRITTEN } from '../bus/memory.ts';
import { Fault, type FaultType } from '../mmu/fault.ts';
import type { Mmu } from '../mmu/mmu.ts';
import type { AccessKind, Regime } from '../mmu/regime.ts';
import { RIGHT, type Translation } from '../mmu/translation.ts';
import { swap } from './byte-order.ts';
import { type ExclusiveSize, openMonitor, passMonitor } from './exclusive-monitor.ts';
import { FastTable, nextPage, slot, View } from './fast-table.ts';
import type { word } from './insn.ts';
import * as S from './scalars.ts';
import { type Cpu, GENERATION } from './state.ts';

type Size = 1 | 2 | 4;

const USER = 0x10;
const HYP = 0x1a;
/** SCTLR.A. */
const ALIGNMENT_CHECK = 1 << 1;

export class CpuMemory {
  /** What the constructor takes from the arena. */
  static readonly BYTES = 3 * View.BYTES + FastTable.BYTES + (8 << 10);
  /** Room for what the translator keeps of aborts. */
  static readonly ABORTS = 8 << 10;

  readonly #cpu: Cpu;
  readonly #mmu: Mmu;
  readonly #map: AddressMap;
  readonly #arena: Arena;
  readonly #u8: Uint8Array;
  readonly #u16: Uint16Array;
  readonly #i32: Int32Array;
  readonly #regimeOf: (cpu: Cpu) => Regime;
  readonly #user: View;
  readonly #privileged: View;
  readonly #hyp: View;
  /** What big-endian accesses use: it is never filled, so that all of them take the slow path. */
  readonly #never: FastTable;
  readonly aborts: Int32Array;
  /**
   * Asked before a data abort ends the instruction in hand: whether that one may run to its end, for it makes no other access and what it changes
   * can be put back. Unwinding costs the host more than all the rest of an abort.
   */
  defer: (fault: Fault) => boolean = () => false;
  #view: View;
  #reads: Int32Array;
  #writes: Int32Array;

  constructor(cpu: Cpu, mmu: Mmu, map: AddressMap, regimeOf: (cpu: Cpu) => Regime) {
    this.#cpu = cpu;
    this.#mmu = mmu;
    this.#map = map;
    this.#arena = map.arena;
    this.#u8 = map.arena.u8;
    this.#u16 = map.arena.u16;
    this.#i32 = map.arena.i32;
    this.#regimeOf = regimeOf;
    const { buffer } = map.arena;
    const offset = map.arena.reserve(CpuMemory.BYTES);
    this.#user = new View(buffer, offset);
    this.#privileged = new View(buffer, offset + View.BYTES);
    this.#hyp = new View(buffer, offset + 2 * View.BYTES);
    this.#never = new FastTable(buffer, offset + 3 * View.BYTES);
    this.aborts = new Int32Array(buffer, offset + CpuMemory.BYTES - CpuMemory.ABORTS, CpuMemory.ABORTS / 4);
    this.#view = this.#privileged;
    this.#reads = this.#never.pairs;
    this.#writes = this.#never.pairs;
    map.onRemapped(() => this.regimeChanged());
  }

  // MemU: unaligned addresses are allowed where SCTLR.A is 0 and the memory is Normal.

  readU8(va: word): word {
    const at = slot(va);
    if (this.#reads[at] === (va & 0xfffff000)) return this.#u8[(va + (this.#reads[at + 1] as number)) >>> 0] as word;
    return this.#read(va, 1, this.#privilege()) as word;
  }

  readU16(va: word): word {
    const at = slot(va);
    if (this.#reads[at] === (va & 0xfffff001)) return this.#u16[(va + (this.#reads[at + 1] as number)) >>> 1] as word;
    return this.#unaligned(va, 2, this.#privilege()) as word;
  }

  readU32(va: word): word {
    const at = slot(va);
    if (this.#reads[at] === (va & 0xfffff003)) return this.#i32[(va + (this.#reads[at + 1] as number)) >>> 2] as word;
    return this.#unaligned(va, 4, this.#privilege()) as word;
  }

  writeU8(va: word, value: word): void {
    const at = slot(va);
    if (this.#writes[at] === (va & 0xfffff000)) this.#u8[(va + (this.#writes[at + 1] as number)) >>> 0] = value;
    else this.#write(va, 1, value, this.#privilege());
  }

  writeU16(va: word, value: word): void {
    const at = slot(va);
    if (this.#writes[at] === (va & 0xfffff001)) this.#u16[(va + (this.#writes[at + 1] as number)) >>> 1] = value;
    else this.#unalignedWrite(va, 2, value, this.#privilege());
  }

  writeU32(va: word, value: word): void {
    const at = slot(va);
    if (this.#writes[at] === (va & 0xfffff003)) this.#i32[(va + (this.#writes[at + 1] as number)) >>> 2] = value;
    else this.#unalignedWrite(va, 4, value, this.#privilege());
  }

  // MemA: an address that is not a multiple of the size is an Alignment fault.

  readA16(va: word): word {
    if ((va & 1) !== 0) this.#fail('alignment', va, false);
    return this.readU16(va);
  }

  readA32(va: word): word {
    const at = slot(va);
    if (this.#reads[at] === (va & 0xfffff003)) return this.#i32[(va + (this.#reads[at + 1] as number)) >>> 2] as word;
    if ((va & 3) !== 0) this.#fail('alignment', va, false);
    return this.#read(va, 4, this.#privilege()) as word;
  }

  writeA16(va: word, value: word): void {
    if ((va & 1) !== 0) this.#fail('alignment', va, true);
    this.writeU16(va, value);
  }

  writeA32(va: word, value: word): void {
    const at = slot(va);
    if (this.#writes[at] === (va & 0xfffff003)) this.#i32[(va + (this.#writes[at + 1] as number)) >>> 2] = value;
    else if ((va & 3) !== 0) this.#fail('alignment', va, true);
    else this.#write(va, 4, value, this.#privilege());
  }

  /** What an instruction says of its address beyond the size of an access: an Alignment fault if it does not hold. */
  checkAlignment(va: word, bytes: number, write: boolean): void {
    if ((va & (bytes - 1)) !== 0) this.#fail('alignment', va, write);
  }

  /** MemU of eight bytes, which is done as two of four: what it asks of an address that is not a multiple of eight. */
  checkDoubleword(va: word, write: boolean): void {
    if ((va & 7) !== 0) this.#allowUnaligned(va, write ? 'write' : 'read', this.#privilege());
  }

  // MemU_unpriv: with the rights of User mode. UNPREDICTABLE in Hyp mode.

  #unprivileged(): boolean {
    return this.#cpu.s[S.M] === HYP ? this.#cpu.unpredictable() : false;
  }

  readUnprivileged8(va: word): word {
    return this.#read(va, 1, this.#unprivileged()) as word;
  }

  readUnprivileged16(va: word): word {
    return this.#unaligned(va, 2, this.#unprivileged()) as word;
  }

  readUnprivileged32(va: word): word {
    return this.#unaligned(va, 4, this.#unprivileged()) as word;
  }

  writeUnprivileged8(va: word, value: word): void {
    this.#write(va, 1, value, this.#unprivileged());
  }

  writeUnprivileged16(va: word, value: word): void {
    this.#unalignedWrite(va, 2, value, this.#unprivileged());
  }

  writeUnprivileged32(va: word, value: word): void {
    this.#unalignedWrite(va, 4, value, this.#unprivileged());
  }

  // Exclusives

  /** LDREX family: marks `size` bytes. The data is then read with readA32 and the like. */
  openExclusive(va: word, size: ExclusiveSize): void {
    if ((va & (size - 1)) !== 0) this.#fail('alignment', va, false);
    openMonitor(this.#cpu.s, this.#physical(va, 'read'), size);
  }

  /** STREX family: whether the store goes ahead. Closes the monitor. An address that would abort aborts, even if the monitor is closed. */
  passExclusive(va: word, size: ExclusiveSize): boolean {
    if ((va & (size - 1)) !== 0) this.#fail('alignment', va, true);
    return passMonitor(this.#cpu.s, this.#physical(va, 'write'), size);
  }

  clearExclusive(): void {
    this.#cpu.s[S.EXCLUSIVE] = 0;
  }

  // Instruction fetch, for the run loop.

  /** What to add to an address of the page at `va` for its place in the arena, if the fast table knows that it may be executed. */
  executeDelta(va: number): number | undefined {
    const { pairs } = this.#view.execute;
    const at = slot(va);
    return pairs[at] === (va & ~0xfff) ? pairs[at + 1] : undefined;
  }

  /** The arena offset of the page to execute at `va`, or -1 if the memory there can only be fetched word by word. */
  executePage(va: number): number {
    const pairs = this.#view.execute.pairs;
    const at = slot(va);
    if (pairs[at] === (va & ~0xfff)) return ((va & ~0xfff) + (pairs[at + 1] as number)) >>> 0;
    const page = this.#map.page(this.#translate(va, 'execute', this.#privilege()).pa, false);
    if (this.#cpu.s[S.J] !== 0 || this.#cpu.sys.debug.breaksIn(va)) return -1;
    if (page >= 0) this.#view.execute.set(va, page);
    return page;
  }

  /** Fetches a halfword from memory that is no RAM, or across a page. */
  fetch16(va: number): number {
    const { pa } = this.#translate(va, 'execute', this.#privilege());
    const value = this.#map.read(pa + (va & 0xffe), 2, this.#cpu.initiator);
    if (value === undefined) this.#abort(this.#fault('external abort', va, false), true);
    return value;
  }

  /** A page of the arena now has decoded code: stores to it must be seen. */
  codePageAdded(page: number): void {
    for (const view of [this.#user, this.#privileged, this.#hyp]) view.write.dropPlace(page);
  }

  get views(): { readonly user: number; readonly privileged: number; readonly hyp: number } {
    return { user: this.#user.offset, privileged: this.#privileged.offset, hyp: this.#hyp.offset };
  }

  get ram(): MemoryRegion | undefined {
    return this.#map.ram;
  }

  /** The words of the arena on which a fault depends, as pairs of index and content. */
  evidence(fault: Fault): Int32Array | undefined {
    return this.#mmu.evidence(fault);
  }

  /** The TLB has learned or forgotten something. */
  translationChanged(): void {
    const { scratch } = this.#cpu;
    scratch[GENERATION] = (scratch[GENERATION] as number) + 1;
  }

  /** Translation may have changed: forget everything. */
  regimeChanged(): void {
    this.translationChanged();
    this.#user.clear();
    this.#privileged.clear();
    this.#hyp.clear();
    this.privilegeChanged();
    this.#lookAgain();
  }

  /** The TLB gave up a page: what was cached of it goes too, so that a restored TLB and this one know the same. */
  pageDropped(va: number): void {
    this.translationChanged();
    for (const view of [this.#user, this.#privileged, this.#hyp]) view.drop(va);
    this.#lookAgain();
  }

  /** The page being executed must be in the TLB at every instruction, so that it never shows how an engine keeps its place. */
  #lookAgain(): void {
    this.#cpu.s[S.ATTENTION] = 1;
  }

  /** Offset in the arena of the tables that accesses use now: `FastTable`s for reads, writes, execution and unaligned accesses. */
  get fastTables(): number {
    return this.#view.offset;
  }

  /** Another mode or endianness, or SCTLR.A: choose the tables. */
  privilegeChanged(): void {
    const { s } = this.#cpu;
    const mode = s[S.M] as number;
    this.#view = mode === USER ? this.#user : mode === HYP ? this.#hyp : this.#privileged;
    const slow = s[S.E] !== 0;
    this.#reads = slow ? this.#never.pairs : this.#view.read.pairs;
    this.#writes = slow ? this.#never.pairs : this.#view.write.pairs;
  }

  #unaligned(va: number, size: 2 | 4, privileged: boolean): number {
    if ((va & (size - 1)) === 0) return this.#read(va, size, privileged);
    this.#allowUnaligned(va, 'read', privileged);
    if ((va & 0xfff) + size > PAGE) this.#allowUnaligned(nextPage(va), 'read', privileged);
    const big = this.#cpu.s[S.E] !== 0;
    let value = 0;
    for (let i = 0; i < size; i++) value |= this.#readByte((va + i) | 0, privileged) << (8 * (big ? size - 1 - i : i));
    return value;
  }

  #unalignedWrite(va: number, size: 2 | 4, value: number, privileged: boolean): void {
    if ((va & (size - 1)) === 0) return this.#write(va, size, value, privileged);
    this.#allowUnaligned(va, 'write', privileged);
    if ((va & 0xfff) + size > PAGE) this.#allowUnaligned(nextPage(va), 'write', privileged);
    const big = this.#cpu.s[S.E] !== 0;
    for (let i = 0; i < size; i++) this.#writeByte((va + i) | 0, (value >>> (8 * (big ? size - 1 - i : i))) & 0xff, privileged);
  }

  /** A byte of an unaligned access, whose page the fast table mostly knows since the first. */
  #readByte(va: number, privileged: boolean): number {
    return privileged === this.#privilege() ? this.readU8(va as word) : this.#read(va, 1, privileged);
  }

  #writeByte(va: number, value: number, privileged: boolean): void {
    if (privileged === this.#privilege()) this.writeU8(va as word, value as word);
    else this.#write(va, 1, value, privileged);
  }

  /** Checks a page of an unaligned access before any byte of it is accessed. */
  #allowUnaligned(va: number, kind: 'read' | 'write', privileged: boolean): void {
    if ((this.#regimeOf(this.#cpu).sctlr & ALIGNMENT_CHECK) !== 0) this.#fail('alignment', va, kind === 'write');
    const translation = this.#translate(va, kind, privileged);
    if (translation.type !== 'normal') this.#fail('alignment', va, kind === 'write');
    if (privileged === this.#privilege()) this.#view.unaligned.set(va, 0);
  }

  /** An aligned read. Returns it as a signed word (4 bytes) or zero-extended. */
  #read(va: number, size: Size, privileged: boolean): number {
    const translation = this.#look(va, 'read', privileged);
    if (translation instanceof Fault) return this.defer(translation) ? 0 : this.#abort(translation, false);
    this.#cpu.sys.debug.access(translation, va, size, false, privileged);
    const page = this.#map.page(translation.pa, false);
    const value = page < 0 ? this.#readDevice(va, translation.pa, size) : this.#arena.read(page + (va & 0xfff), size);
    if (page >= 0) this.#remember(va, translation, page, RIGHT.read, privileged);
    return this.#cpu.s[S.E] === 0 ? (size === 4 ? value | 0 : value) : swap(value, size);
  }

  #readDevice(va: number, page: number, size: Size): number {
    const value = this.#map.read(page + (va & 0xfff), size, this.#cpu.initiator);
    if (value === undefined) this.#abort(this.#fault('external abort', va, false), false);
    return value;
  }

  #write(va: number, size: Size, data: number, privileged: boolean): void {
    const translation = this.#look(va, 'write', privileged);
    if (translation instanceof Fault) {
      if (this.defer(translation)) return;
      this.#abort(translation, false);
    }
    const { pa } = translation;
    this.#cpu.sys.debug.access(translation, va, size, true, privileged);
    const value = this.#cpu.s[S.E] === 0 ? data : swap(data, size);
    const page = this.#map.page(pa, true);
    if (page < 0) {
      const masked = size === 4 ? value >>> 0 : value & (size === 1 ? 0xff : 0xffff);
      if (!this.#map.write(pa + (va & 0xfff), size, masked, this.#cpu.initiator))
        this.#abort(this.#fault('external abort', va, true), false);
      return;
    }
    this.#arena.write(page + (va & 0xfff), size, value);
    this.#remember(va, translation, page, RIGHT.write, privileged);
  }

  /** What an access has found out serves accesses of the other kind too, where the page's own rights allow them: domains only allow more. */
  #remember(va: number, translation: Translation, page: number, right: number, privileged: boolean): void {
    if (privileged !== this.#privilege() || this.#cpu.sys.debug.watchesIn(translation)) return;
    const rights = right | ((privileged ? translation.privileged : translation.user) & translation.stage2);
    if ((rights & RIGHT.read) !== 0 && this.#map.page(translation.pa, false) === page) this.#view.read.set(va, page);
    // The first store to a page is the one that marks it.
    const stored = ((this.#arena.marks[page >>> PAGE_BITS] as number) & (CODE | WRITTEN)) === WRITTEN;
    if ((rights & RIGHT.write) !== 0 && stored && this.#map.page(translation.pa, true) === page) this.#view.write.set(va, page);
  }

  #look(va: number, kind: AccessKind, privileged: boolean): Translation | Fault {
    return this.#mmu.translate(this.#regimeOf(this.#cpu), va >>> 0, kind, privileged);
  }

  #translate(va: number, kind: AccessKind, privileged: boolean): Translation {
    const found = this.#look(va, kind, privileged);
    if (found instanceof Fault) this.#abort(found, kind === 'execute');
    return found;
  }

  #physical(va: word, kind: 'read' | 'write'): number {
    return this.#translate(va, kind, this.#privilege()).pa + (va & 0xfff);
  }

  #privilege(): boolean {
    return this.#cpu.s[S.M] !== USER;
  }

  #fault(type: FaultType, va: number, write: boolean): Fault {
    return new Fault({ type, va: va >>> 0, write, long: this.#regimeOf(this.#cpu).long });
  }

  #fail(type: FaultType, va: number, write: boolean): never {
    return this.#abort(this.#fault(type, va, write), false);
  }

  #abort(fault: Fault, fetch: boolean): never {
    return this.#cpu.raise({ kind: fetch ? 'prefetch abort' : 'data abort', fault });
  }
}
