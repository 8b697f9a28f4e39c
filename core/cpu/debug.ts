/**
 * Breakpoints and watchpoints in monitor debug-mode, v7.1 Debug. Reference: Arm DDI 0406C, C3.2 (breakpoints), C3.3 (watchpoints), C4 (debug
 * exceptions).
 *
 * They cost nothing where there are none: a page with a breakpoint is never executed from decoded code, one with a watchpoint never accessed
 * by the fast tables, so `memory.ts` sees every fetch and access there and asks. All debug is authenticated (DBGEN and SPIDEN are high). In Hyp
 * mode and with the OS lock nothing matches. Not modelled: vector catch, whose register is storage, and Halting debug-mode.
 */
import { Fault } from '../mmu/fault.ts';
import type { Translation } from '../mmu/translation.ts';
import { currentMode, isHyp, isSecure, isUser, MODE } from './modes.ts';
import { SLOT } from './slots.ts';
import type { Cpu } from './state.ts';
import { activeBank } from './translation-control.ts';

/** DBGDSCR. */
export const DSCR = {
  UDCCdis: 1 << 12,
  HDBGen: 1 << 14,
  MDBGen: 1 << 15,
  RXfull: 1 << 30,
  TXfull: 1 << 29,
  MOE: 0xf << 2,
} as const;

/** DBGDSCR.MOE: how debug was last entered. */
export const MOE = { breakpoint: 0b0001, BKPT: 0b0011, watchpoint: 0b1010 } as const;

/** DBGOSLSR. */
export const OSLK = 1 << 1;

/** DBGBCR.BT; those not named match on contexts or are reserved. */
const BT = {
  address: 0,
  linkedAddress: 1,
  context: 2,
  linkedContext: 3,
  mismatch: 4,
  linkedMismatch: 5,
  vmid: 8,
  linkedVmid: 9,
} as const;
const BT_BOTH = { unlinked: 10, linked: 11 } as const;

const BREAKPOINTS = 6;
/** The last two breakpoints compare contexts. */
const FIRST_CONTEXT = 4;
const WATCHPOINTS = 4;
const PAGE_MASK = ~0xfff;

/**
 * Who looks on from outside the machine, and stops it by throwing what is no `Exception`: before an instruction is fetched, or at an access of
 * one, which then has changed nothing but what happens once more when it is executed again. Nothing of it is state.
 */
export interface Onlooker {
  /** Whether code of the page at `va` must be fetched one by one. */
  breaksIn(va: number): boolean;
  fetch(pc: number): void;
  /** Whether accesses to the page must all be looked at. */
  watchesIn(page: Translation): boolean;
  access(page: Translation, va: number, size: number, write: boolean): void;
}

/** The fields that breakpoints and watchpoints control alike. */
interface Control {
  readonly E: number;
  /** PMC of a breakpoint, PAC of a watchpoint. */
  readonly privilege: number;
  readonly HMC: number;
  readonly SSC: number;
  readonly LBN: number;
}

const decode = (control: number): Control => ({
  E: control & 1,
  privilege: (control >>> 1) & 3,
  HMC: (control >>> 13) & 1,
  SSC: (control >>> 14) & 3,
  LBN: (control >>> 16) & 15,
});
const typeOf = (control: number): number => (control >>> 20) & 15;
const isAddress = (type: number): boolean => type === BT.address || type === BT.linkedAddress;
const isMismatch = (type: number): boolean => type === BT.mismatch || type === BT.linkedMismatch;
const isUnlinkedContext = (type: number): boolean => type === BT.context || type === BT.vmid || type === BT_BOTH.unlinked;

export class DebugEvents {
  onlooker: Onlooker | undefined;
  readonly #cpu: Cpu;
  /** Pages with a breakpoint; `#everywhere` if one matches all but an address, or whole contexts. All follow from the registers. */
  #breakPages: readonly number[] = [];
  #everywhere = false;
  /** Watchpoints that are on: register number, first byte, and how many bytes. */
  #watched: readonly { readonly n: number; readonly first: number; readonly bytes: number }[] = [];

  constructor(cpu: Cpu) {
    this.#cpu = cpu;
  }

  get breaking(): boolean {
    return this.#everywhere || this.#breakPages.length > 0;
  }

  get watching(): boolean {
    return this.#watched.length > 0;
  }

  /** To be called when a debug register has changed, and after loading a state. */
  update(): void {
    const before = this.breaking || this.watching;
    const on = this.#enabled();
    const active = on ? numbers(BREAKPOINTS).filter((n) => (this.#get(SLOT.DBGBCR + n) & 1) !== 0) : [];
    const types = active.map((n) => typeOf(this.#get(SLOT.DBGBCR + n)));
    this.#everywhere = types.some((type) => isMismatch(type) || isUnlinkedContext(type));
    this.#breakPages = active
      .filter((n) => isAddress(typeOf(this.#get(SLOT.DBGBCR + n))))
      .map((n) => this.#get(SLOT.DBGBVR + n) & PAGE_MASK);
    this.#watched = on ? numbers(WATCHPOINTS).flatMap((n) => this.#range(n)) : [];
    if (before || this.breaking || this.watching) this.#cpu.mem.regimeChanged();
  }

  /** Whether code of this page must be fetched one by one. */
  breaksIn(va: number): boolean {
    return this.#everywhere || this.#breakPages.includes(va & PAGE_MASK) || this.onlooker?.breaksIn(va) === true;
  }

  /** Whether accesses to this page must all be looked at. */
  watchesIn(translation: Translation): boolean {
    const page = translation.va;
    if (this.onlooker?.watchesIn(translation) === true) return true;
    return this.#watched.some(({ first, bytes }) => first < page + 0x1000 && first + bytes > page);
  }

  /** An instruction is about to be fetched: a Prefetch Abort if a breakpoint matches. */
  fetch(pc: number): void {
    this.onlooker?.fetch(pc);
    if (!this.breaking || isHyp(this.#cpu)) return;
    if (numbers(BREAKPOINTS).some((n) => this.#breaks(n, pc)))
      this.#cpu.raise({ kind: 'prefetch abort', fault: debugFault(0, false) });
  }

  /** An access is about to be made: a Data Abort if a watchpoint matches. */
  access(page: Translation, va: number, size: number, write: boolean, privileged: boolean): void {
    this.onlooker?.access(page, va, size, write);
    if (!this.watching || isHyp(this.#cpu)) return;
    const at = va >>> 0;
    const hit = this.#watched.some(
      ({ n, first, bytes }) => at < first + bytes && at + size > first && this.#watches(n, at, size, write, privileged),
    );
    if (hit) this.#cpu.raise({ kind: 'data abort', fault: debugFault(va, write) });
  }

  /** Monitor debug-mode is chosen, and neither lock is closed. */
  #enabled(): boolean {
    const locked = (this.#get(SLOT.DBGOSLSR) & OSLK) !== 0 || (this.#get(SLOT.DBGOSDLR) & 1) !== 0;
    return (this.#get(SLOT.DBGDSCR) & DSCR.MDBGen) !== 0 && !locked;
  }

  /** What a watchpoint covers: up to eight bytes by BAS, or a power of two by MASK. */
  #range(n: number): { n: number; first: number; bytes: number }[] {
    const control = this.#get(SLOT.DBGWCR + n);
    if ((control & 1) === 0) return [];
    const value = this.#get(SLOT.DBGWVR + n) >>> 0;
    const bits = (control >>> 24) & 31;
    // 1 and 2 are reserved: we choose that they mask nothing.
    if (bits < 3) return [{ n, first: value, bytes: (value & 4) !== 0 ? 4 : 8 }];
    const bytes = 2 ** bits;
    return [{ n, first: Math.floor(value / bytes) * bytes, bytes }];
  }

  #breaks(n: number, pc: number): boolean {
    const control = this.#get(SLOT.DBGBCR + n);
    const type = typeOf(control);
    const { E, privilege, HMC, SSC, LBN } = decode(control);
    if (E === 0 || !this.#inState(privilege, SSC, HMC, isUser(this.#cpu) ? 'user' : 'privileged', true)) return false;
    // Those would meet their own handler: UNPREDICTABLE in PL1, we choose that they match in User mode alone.
    if ((isUnlinkedContext(type) || isMismatch(type)) && !isUser(this.#cpu)) return false;
    if (isUnlinkedContext(type)) return n >= FIRST_CONTEXT && this.#inContext(n, type);
    if (!isAddress(type) && !isMismatch(type)) return false;
    const same = ((this.#get(SLOT.DBGBVR + n) ^ pc) & ~3) === 0 && ((control >>> (5 + (pc & 3))) & 1) !== 0;
    const linked = type === BT.linkedAddress || type === BT.linkedMismatch;
    return same !== isMismatch(type) && (!linked || this.#linked(LBN));
  }

  #watches(n: number, at: number, size: number, write: boolean, privileged: boolean): boolean {
    const control = this.#get(SLOT.DBGWCR + n);
    const { privilege, HMC, SSC, LBN } = decode(control);
    const direction = (control >>> 3) & 3;
    if ((direction & (write ? 2 : 1)) === 0) return false;
    if (!this.#inState(privilege, SSC, HMC, privileged ? 'privileged' : 'user', false)) return false;
    const linked = ((control >>> 20) & 1) !== 0;
    return this.#selects(n, control, at, size) && (!linked || this.#linked(LBN));
  }

  /** DBGWCR.BAS: a bit for each byte from the address on. With a mask it does not count. */
  #selects(n: number, control: number, at: number, size: number): boolean {
    if ((control >>> 24) % 32 >= 3) return true;
    const value = this.#get(SLOT.DBGWVR + n) >>> 0;
    const selected = (control >>> 5) & ((value & 4) !== 0 ? 0xf : 0xff);
    for (let byte = 0; byte < size; byte++) {
      const offset = at + byte - value;
      if (offset >= 0 && offset < 8 && ((selected >>> offset) & 1) !== 0) return true;
    }
    return false;
  }

  /** SSC, HMC and the privilege field. HMC concerns Hyp mode, where nothing matches, and with SSC = 3 that mode alone. */
  #inState(privilege: number, SSC: number, HMC: number, level: 'user' | 'privileged', breakpoint: boolean): boolean {
    const cpu = this.#cpu;
    const secure = cpu.model.security && isSecure(cpu);
    if ((SSC === 1 && secure) || (SSC === 2 && !secure) || (SSC === 3 && (HMC !== 0 || secure))) return false;
    if (level === 'user') return (privilege & 2) !== 0 || (breakpoint && privilege === 0);
    // PMC = 0 of a breakpoint: User, System and Supervisor mode.
    const mode = currentMode(cpu);
    return (privilege & 1) !== 0 || (breakpoint && privilege === 0 && (mode === MODE.svc || mode === MODE.sys));
  }

  /** The breakpoint that another one, or a watchpoint, is linked to: it must be one for contexts, and match. */
  #linked(LBN: number): boolean {
    if (LBN < FIRST_CONTEXT || LBN >= BREAKPOINTS) return false;
    const control = this.#get(SLOT.DBGBCR + LBN);
    const type = typeOf(control);
    const links = type === BT.linkedContext || type === BT.linkedVmid || type === BT_BOTH.linked;
    return (control & 1) !== 0 && links && this.#inContext(LBN, type);
  }

  #inContext(n: number, type: number): boolean {
    const cpu = this.#cpu;
    const byVmid = type >= BT.vmid;
    const byContext = type === BT.context || type === BT.linkedContext || type >= BT_BOTH.unlinked;
    const vmid = (this.#get(SLOT.VTTBR + 1) >>> 16) & 0xff;
    const guest = cpu.model.virtualization && !isSecure(cpu) && !isHyp(cpu);
    if (byVmid && (!guest || vmid !== (this.#get(SLOT.DBGBXVR + n - FIRST_CONTEXT) & 0xff))) return false;
    return !byContext || this.#get(SLOT.CONTEXTIDR + activeBank(cpu)) === this.#get(SLOT.DBGBVR + n);
  }

  #get(slot: number): number {
    return this.#cpu.system[slot] as number;
  }
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

const debugFault = (va: number, write: boolean): Fault => new Fault({ type: 'debug', va: va >>> 0, write, long: false });
