/** Access to system registers: rights, then traps to Hyp mode, then the register. Reference: Arm DDI 0406C, B1.14, B3.15. */
import { HCR, SCR } from './controls.ts';
import { currentMode, isHyp, isSecure, isUnderHyp, isUser, MODE, scr } from './modes.ts';
import { bankWords, SLOT } from './slots.ts';
import type { Cpu } from './state.ts';
import { EC } from './syndrome.ts';
import type { Bank, SystemRegister, Trap, Wide } from './sysreg/register.ts';
import type { System } from './system.ts';
import { accessBank } from './translation-control.ts';

/** One access in progress: what a trap would report. */
export interface Access {
  readonly coproc: number;
  /** Coprocessor register that HSTR goes by: CRn, or CRm of a 64-bit access. */
  readonly number: number;
  readonly wide: boolean;
  readonly write: boolean;
  readonly iss: number;
  /** The exception class of a trap, where it does not follow from the rest. */
  readonly ec?: number;
}

const exceptionClass = ({ coproc, wide, ec }: Access): number =>
  ec ?? (coproc === 15 ? (wide ? EC.cp15Wide : EC.cp15) : wide ? EC.cp14Wide : EC.cp14);

export function trap(cpu: Cpu, access: Access): never {
  return cpu.raise({ kind: 'hyp trap', ec: exceptionClass(access), iss: access.iss });
}

/** CRn (or CRm) values that HSTR has a bit for. */
const HSTR_NUMBERS = 0xbfef;

/** HSTR, which in Non-secure PL1 goes before everything, registers that do not exist included. */
function trappedByNumber(cpu: Cpu, access: Access): boolean {
  if (access.coproc !== 15 || !isUnderHyp(cpu)) return false;
  return ((((cpu.system[SLOT.HSTR] as number) & HSTR_NUMBERS) >>> access.number) & 1) !== 0;
}

/** CRm values, by CRn, of the encodings that are IMPLEMENTATION DEFINED (HCR.TIDCP). */
const IMPLEMENTATION_DEFINED: { readonly [CRn: number]: number } = { 9: 0x01e7, 10: 0x0113, 11: 0x81ff };

/** HCR.TIDCP traps these in PL1; in User mode, where the manual leaves the choice, they are UNDEFINED if they are not there. */
export function checkImplementationDefined(cpu: Cpu, access: Access, CRn: number, CRm: number): void {
  if (!isUnderHyp(cpu) || isUser(cpu) || ((cpu.system[SLOT.HCR] as number) & HCR.TIDCP) === 0) return;
  if (access.coproc === 15 && (((IMPLEMENTATION_DEFINED[CRn] ?? 0) >>> CRm) & 1) !== 0) trap(cpu, access);
}

/** Whether the current mode has the right; says nothing of traps. */
function isAllowed(cpu: Cpu, row: SystemRegister, write: boolean): boolean {
  const rights = isUser(cpu) ? (row.user ?? 'none') : row.rights;
  if (rights === 'none' || rights === (write ? 'ro' : 'wo')) return false;
  if (row.level === 'secure') return isSecure(cpu);
  if (row.level !== 'PL2') return true;
  return isHyp(cpu) || (currentMode(cpu) === MODE.mon && (scr(cpu) & SCR.NS) !== 0);
}

function isTrapped(cpu: Cpu, { hcr = 0, hdcr = 0, hcptr = 0, hstr = 0, on }: Trap, write: boolean): boolean {
  if (on !== undefined && (on === 'write') !== write) return false;
  const has = (slot: number, bits: number): boolean => bits !== 0 && ((cpu.system[slot] as number) & bits) !== 0;
  return has(SLOT.HCR, hcr) || has(SLOT.HDCR, hdcr) || has(SLOT.HCPTR, hcptr) || has(SLOT.HSTR, hstr);
}

/** Everything that may stand between an instruction and the register. */
export function check(system: System, row: SystemRegister | undefined, access: Access): SystemRegister {
  const { cpu } = system;
  const byNumber = trappedByNumber(cpu, access);
  if (byNumber && !isUser(cpu)) trap(cpu, access);
  if (row === undefined || !isAllowed(cpu, row, access.write)) return cpu.undefined();
  row.permit?.(system, access.write);
  if (byNumber) trap(cpu, access);
  if (row.trap !== undefined && isUnderHyp(cpu) && isTrapped(cpu, row.trap, access.write)) trap(cpu, access);
  return row;
}

/** Where a row's value stands: the bank matters to registers that have two copies. */
export function slotOf(row: SystemRegister, bank: Bank): number | undefined {
  if (row.slot === undefined) return undefined;
  return SLOT[row.slot] + (row.index ?? bank * bankWords(row.slot));
}

export function read(system: System, row: SystemRegister): number {
  const bank = accessBank(system.cpu);
  if (row.read !== undefined) return row.read(system, bank);
  const slot = slotOf(row, bank);
  return slot === undefined ? 0 : (system.cpu.system[slot] as number);
}

export function readWide(system: System, row: SystemRegister): Wide {
  const bank = accessBank(system.cpu);
  if (row.readWide !== undefined) return row.readWide(system, bank);
  const slot = slotOf(row, bank);
  const { system: words } = system.cpu;
  return slot === undefined ? [0, 0] : [words[slot] as number, words[slot + 1] as number];
}

export function write(system: System, row: SystemRegister, value: number): void {
  const { cpu } = system;
  const bank = accessBank(cpu);
  const slot = slotOf(row, bank);
  const old = slot === undefined ? 0 : (cpu.system[slot] as number);
  if (row.write !== undefined) row.write(system, value, bank);
  else if (slot !== undefined) cpu.system[slot] = (old & ~(row.mask ?? -1)) | (value & (row.mask ?? -1));
  if (row.event !== undefined) system.monitors.event(row.event);
  if (row.regime && (slot === undefined || cpu.system[slot] !== old)) system.regimeChanged();
}

export function writeWide(system: System, row: SystemRegister, low: number, high: number): void {
  const { cpu } = system;
  const bank = accessBank(cpu);
  if (row.writeWide !== undefined) return row.writeWide(system, low, high, bank);
  const slot = slotOf(row, bank);
  if (slot === undefined) return;
  const same = cpu.system[slot] === low && cpu.system[slot + 1] === high;
  cpu.system[slot] = low;
  cpu.system[slot + 1] = high;
  if (row.event !== undefined) system.monitors.event(row.event);
  if (row.regime && !same) system.regimeChanged();
}

/** A coprocessor that does not exist: UNDEFINED. In Hyp mode HCPTR traps it, with a syndrome of its own. */
export function absent(cpu: Cpu, coproc: number): never {
  const trapped = isHyp(cpu) && coproc < 14 && (((cpu.system[SLOT.HCPTR] as number) >>> coproc) & 1) !== 0;
  if (trapped) return cpu.raise({ kind: 'hyp trap', ec: EC.coprocessor, iss: coproc });
  return cpu.undefined();
}
