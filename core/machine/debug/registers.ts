/**
 * Registers of a core, or of a virtual processor wherever they are: in its core, in its core while the hypervisor runs there, or put away.
 * Reference: Arm DDI 0406C, B1.3 (banked registers), B9.2.3.
 */

import {
  changeMode,
  currentMode,
  isBadMode,
  MODE,
  type ModeName,
  readModeRegister,
  spsrIndex,
  viewChanged,
  writeModeRegister,
} from '../../cpu/modes.ts';
import * as S from '../../cpu/scalars.ts';
import { BANK, type Cpu } from '../../cpu/state.ts';
import { cpsr, writeFlags } from '../../cpu/status.ts';
import { activeBank } from '../../cpu/translation-control.ts';
import { AT, CONTEXT_PLACES } from '../../hyp/context.ts';
import type { Vcpu } from '../../hyp/vcpu.ts';
import { SYSTEM_PLACES } from './register-names.ts';

/** Words of a register, low first. Undefined: there is none of that name here; false: it cannot be written. */
export interface RegisterView {
  read(name: string): readonly number[] | undefined;
  write(name: string, words: readonly number[]): boolean;
}

/** What the views differ in. */
interface Source {
  pc: number;
  cpsr: number;
  fpscr: number;
  /** D0 to D31. */
  readonly vfp: Int32Array;
  /** R0 to R12 of User mode, and banked registers, by the manual's names. */
  banked(name: string): number | undefined;
  setBanked(name: string, value: number): boolean;
  system(name: string): readonly number[] | undefined;
  setSystem(name: string, words: readonly number[]): boolean;
}

const modeNames = new Map<number, ModeName>((Object.keys(MODE) as ModeName[]).map((name) => [MODE[name], name]));

/** The name of a register of the current mode among the banked ones. */
function bankedName(name: string, mode: number): string {
  const suffix = modeNames.get(mode) ?? 'usr';
  const own = suffix === 'sys' ? 'usr' : suffix;
  if (name === 'sp') return `SP_${own}`;
  if (name === 'lr') return own === 'hyp' ? 'LR_usr' : `LR_${own}`;
  const n = Number(name.slice(1));
  return n < 8 ? `R${n}` : `R${n}_${own === 'fiq' ? 'fiq' : 'usr'}`;
}

const one = (value: number | undefined): readonly number[] | undefined => (value === undefined ? undefined : [value | 0]);

export class Registers implements RegisterView {
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  get pc(): number {
    return this.#source.pc >>> 0;
  }

  read(name: string): readonly number[] | undefined {
    const source = this.#source;
    if (name === 'pc' || name === 'cpsr' || name === 'fpscr') return one(source[name]);
    const d = vfpNumber(name);
    if (d !== undefined) return [...source.vfp.subarray(2 * d, 2 * d + 2)];
    if (GENERAL.test(name)) return one(source.banked(bankedName(name, source.cpsr & 31)));
    return one(source.banked(name)) ?? source.system(name);
  }

  write(name: string, words: readonly number[]): boolean {
    const source = this.#source;
    const value = words[0] ?? 0;
    const d = vfpNumber(name);
    if (name === 'cpsr') return this.#writeCpsr(value | 0);
    if (name === 'pc' || name === 'fpscr') source[name] = value | 0;
    else if (d !== undefined) source.vfp.set(words, 2 * d);
    else if (GENERAL.test(name)) return source.setBanked(bankedName(name, source.cpsr & 31), value | 0);
    else return source.setBanked(name, value | 0) || source.setSystem(name, words);
    return true;
  }

  /** Hyp and Monitor mode are entered by exceptions, and left by their return. */
  #writeCpsr(value: number): boolean {
    const [from, to] = [this.#source.cpsr & 31, value & 31];
    const guarded = ([MODE.hyp, MODE.mon] as readonly number[]).some((mode) => mode === from || mode === to);
    if (from !== to && (guarded || !modeNames.has(to))) return false;
    this.#source.cpsr = value;
    return true;
  }
}

const GENERAL = /^(?:r\d+|sp|lr)$/;

function vfpNumber(name: string): number | undefined {
  const [, digits] = /^d(\d+)$/.exec(name) ?? [];
  return digits === undefined || Number(digits) > 31 ? undefined : Number(digits);
}

/** A register of `cpu` by its banked name, as what `modes.ts` knows of it; undefined if this processor has none such. */
function placeIn(cpu: Cpu, name: string): { readonly n: number; readonly mode: number } | { readonly index: number } | undefined {
  const [, kind = '', digits, suffix = 'usr'] = /^(R(\d+)|SP|LR|SPSR|ELR)(?:_(\w+))?$/.exec(name) ?? [];
  const mode = MODE[suffix as ModeName];
  if (kind === '' || mode === undefined || isBadMode(cpu, mode)) return undefined;
  if (kind === 'ELR') return { index: BANK.ELR_hyp };
  if (kind === 'SPSR') {
    const index = spsrIndex(mode);
    return index === undefined ? undefined : { index };
  }
  return { n: kind === 'SP' ? 13 : kind === 'LR' ? 14 : Number(digits), mode };
}

/** What the processor has, as it is. */
class CoreSource implements Source {
  readonly cpu: Cpu;

  constructor(cpu: Cpu) {
    this.cpu = cpu;
  }

  get pc(): number {
    return this.cpu.s[S.NEXT] as number;
  }
  set pc(value: number) {
    this.cpu.s[S.NEXT] = value & (this.cpu.s[S.T] === 0 ? ~3 : ~1);
    this.cpu.s[S.ATTENTION] = 1;
  }
  get cpsr(): number {
    return cpsr(this.cpu);
  }
  set cpsr(value: number) {
    const { cpu } = this;
    const { s } = cpu;
    changeMode(cpu, value & 31);
    writeFlags(cpu, value);
    s[S.GE] = (value >>> 16) & 15;
    s[S.IT] = ((value >>> 25) & 3) | ((value >>> 8) & 0xfc);
    for (const [index, bit] of STATUS_BITS) s[index] = (value >>> bit) & 1;
    viewChanged(cpu);
  }
  get fpscr(): number {
    return this.cpu.fp.FPSCR;
  }
  set fpscr(value: number) {
    this.cpu.fp.FPSCR = value;
  }
  get vfp(): Int32Array {
    return this.cpu.fp.w;
  }

  banked(name: string): number | undefined {
    const place = placeIn(this.cpu, name);
    if (place === undefined) return undefined;
    return 'index' in place ? this.cpu.banked[place.index] : readModeRegister(this.cpu, place.n, place.mode);
  }

  setBanked(name: string, value: number): boolean {
    const place = placeIn(this.cpu, name);
    if (place === undefined) return false;
    if ('index' in place) this.cpu.banked[place.index] = value;
    else writeModeRegister(this.cpu, place.n, place.mode, value);
    return true;
  }

  system(name: string): readonly number[] | undefined {
    const place = this.#place(name);
    return place && [...this.cpu.system.subarray(place.at, place.at + place.words)];
  }

  /** The security state is left as it is. */
  setSystem(name: string, words: readonly number[]): boolean {
    const place = this.#place(name);
    if (place === undefined || name === 'SCR') return false;
    this.cpu.system.set(words, place.at);
    this.cpu.sys.regimeChanged();
    return true;
  }

  #place(name: string): { readonly at: number; readonly words: number } | undefined {
    const place = SYSTEM_PLACES.get(name);
    return place && { at: place.slot + activeBank(this.cpu) * place.bankWords, words: place.words };
  }
}

const STATUS_BITS = [
  [S.E, 9],
  [S.A, 8],
  [S.I, 7],
  [S.F, 6],
  [S.T, 5],
] as const;

/** A guest's registers in its core. While that is in Hyp mode, the guest's PC and CPSR are where it will return to. */
class GuestSource extends CoreSource {
  override get pc(): number {
    return this.#away ? (this.cpu.banked[BANK.ELR_hyp] as number) : super.pc;
  }
  override set pc(value: number) {
    if (this.#away) this.cpu.banked[BANK.ELR_hyp] = value;
    else super.pc = value;
  }
  override get cpsr(): number {
    return this.#away ? (this.cpu.banked[BANK.SPSR_hyp] as number) : super.cpsr;
  }
  override set cpsr(value: number) {
    if (this.#away) this.cpu.banked[BANK.SPSR_hyp] = value;
    else super.cpsr = value;
  }
  override banked(name: string): number | undefined {
    return isGuests(name) ? super.banked(name) : undefined;
  }
  override setBanked(name: string, value: number): boolean {
    return isGuests(name) && super.setBanked(name, value);
  }
  override system(name: string): readonly number[] | undefined {
    return CONTEXT_PLACES.has(name) ? super.system(name) : undefined;
  }
  override setSystem(name: string, words: readonly number[]): boolean {
    return CONTEXT_PLACES.has(name) && super.setSystem(name, words);
  }

  get #away(): boolean {
    return currentMode(this.cpu) === MODE.hyp;
  }
}

const isGuests = (name: string): boolean => !name.endsWith('_hyp') && !name.endsWith('_mon');

/** A guest's registers that the hypervisor has put away. */
class ContextSource implements Source {
  readonly #vcpu: Vcpu;

  constructor(vcpu: Vcpu) {
    this.#vcpu = vcpu;
  }

  get pc(): number {
    return this.#vcpu.context[AT.ELR_hyp] as number;
  }
  set pc(value: number) {
    this.#vcpu.context[AT.ELR_hyp] = value;
  }
  get cpsr(): number {
    return this.#vcpu.context[AT.SPSR_hyp] as number;
  }
  set cpsr(value: number) {
    this.#vcpu.context[AT.SPSR_hyp] = value;
  }
  get fpscr(): number {
    return this.#vcpu.context[AT.FPSCR] as number;
  }
  set fpscr(value: number) {
    this.#vcpu.context[AT.FPSCR] = value;
  }
  get vfp(): Int32Array {
    return this.#vcpu.fp;
  }

  banked(name: string): number | undefined {
    return isGuests(name) ? this.#words(name)?.[0] : undefined;
  }
  setBanked(name: string, value: number): boolean {
    return isGuests(name) && this.#set(name, [value]);
  }
  system(name: string): readonly number[] | undefined {
    const words = SYSTEM_PLACES.has(name) ? this.#words(name) : undefined;
    return words && [...words];
  }
  setSystem(name: string, words: readonly number[]): boolean {
    return SYSTEM_PLACES.has(name) && this.#set(name, words);
  }

  #set(name: string, values: readonly number[]): boolean {
    const words = this.#words(name);
    words?.set(values);
    return words !== undefined;
  }

  #words(name: string): Int32Array | undefined {
    const [, low] = /^R(\d|1[0-2])(?:_usr)?$/.exec(name) ?? [];
    const place = low === undefined ? CONTEXT_PLACES.get(name) : { at: AT.R0 + Number(low), words: 1 };
    return place && this.#vcpu.context.subarray(place.at, place.at + place.words);
  }
}

export const coreRegisters = (cpu: Cpu): Registers => new Registers(new CoreSource(cpu));
/** `cpu`: the core that holds them, if one does. */
export const guestRegisters = (vcpu: Vcpu, cpu: Cpu | undefined): Registers =>
  new Registers(cpu === undefined ? new ContextSource(vcpu) : new GuestSource(cpu));
