/** Random system cases: the state of all system registers, a mode, and a few instructions that end in an event. */
import type { Random } from './random.ts';
import { type Context, events, ignoredInHyp } from './system-events.ts';
import type { Slot } from './system-image.ts';
import {
  BANKED_CORE,
  BIG_ENDIAN_TABLES,
  CALLING_BLOCKS,
  HCR_EVENTS,
  INPUT,
  type Input,
  LANDING,
  MODES,
  MONITOR_BLOCK,
  OTHER_MONITOR_BLOCK,
  SCR,
  SLOT_BYTES,
  SLOTS,
  SPECIAL,
  SPECIAL_SIZE,
  TABLE,
  TABLES,
  TGE,
  UNMASKING_BLOCKS,
  WINDOW,
  WINDOWS,
} from './system-layout.ts';
import { MAIR, REMAP, SPECIALS } from './system-tables.ts';

export interface SystemCase {
  readonly slot: Slot;
  readonly input: Input;
  /** What happens, for people and for statistics. */
  readonly event: string;
}

const M = 1;
const A = 2;
const V = 1 << 13;
const WXN = 1 << 19;
const UWXN = 1 << 20;
const EE = 1 << 25;
const TRE = 1 << 28;
const AFE = 1 << 29;
const TE = 1 << 30;
const EAE = 0x8000_0000;

const DC = 1 << 12;
const SCTLR = 0x00c5_0078;
const HSCTLR = 0x30c5_0830;
const THUMB = 0x20;

const bit = (r: Random, percent: number, mask: number): number => (r.below(100) < percent ? mask : 0);

/**
 * HCR. Not put to QEMU 7.2: TGE in a Non-secure PL1 mode (it goes by ARMv8, where there is no such thing), with interrupts, or with
 * SCTLR.M (it leaves stage 1 on); PTW without stage 2; FMO and IMO in Hyp mode, whose masks it then ignores for what goes to Monitor mode.
 */
function hcr(r: Random, { mode, secure }: Start, control: number, lines: number): number {
  const general = lines === 0 && (control & SCR.SCD) === 0 && (mode === MODES.usr || (secure && mode !== MODES.mon));
  const value = anyHcr(r) & ~ignoredInHyp(mode, control) & ~(lines === 0 ? 0 : VIRTUAL);
  return general ? value : value & ~TGE;
}

/** VF, VI or VA: which of several interrupts comes first is IMPLEMENTATION DEFINED. */
const pending = (r: Random): number => (r.once(4) ? r.pick([0x40, 0x80, 0x100]) : 0);
const VIRTUAL = 0x1c0;

function anyHcr(r: Random): number {
  const routes = bit(r, 30, 8) | bit(r, 30, 16) | bit(r, 30, 32) | pending(r);
  const traps = r.once(2) ? 0 : r.word() & HCR_EVENTS & ~0x1f8;
  const stage2 = bit(r, 45, M) | bit(r, 6, DC);
  return stage2 | 2 | (stage2 !== 0 ? bit(r, 20, 4) : 0) | routes | traps | bit(r, 15, TGE);
}

function scr(r: Random, secure: boolean, monitor: boolean): number {
  const forbids = secure || monitor ? 0 : bit(r, 6, SCR.SCD | SCR.FIQ | SCR.FW);
  // Without SCR.EA, which QEMU 7.2 does not know for synchronous aborts.
  const routes = bit(r, 30, SCR.IRQ) | bit(r, 30, SCR.FIQ) | bit(r, 50, SCR.FW) | bit(r, 50, 0x20);
  return (secure ? 0 : SCR.NS) | routes | forbids | bit(r, 80, SCR.HCE) | bit(r, 10, SCR.SIF);
}

/** A status register for `mode`; reserved bits are zero, and Thumb has no ITSTATE. */
export function psr(r: Random, mode: number): number {
  const flags = r.word() & 0xf80f_0000;
  return (flags | bit(r, 20, 0x200) | bit(r, 40, 0x100) | bit(r, 40, 0x80) | bit(r, 40, 0x40) | bit(r, 40, THUMB) | mode) >>> 0;
}

/** Where an exception return goes that makes this the CPSR. */
export const landing = (spsr: number): number => (spsr & THUMB ? LANDING.thumb : LANDING.arm) + 0x10;

/** Mostly a mode that exists. */
export const anyMode = (r: Random): number => (r.once(8) ? 0x10 | r.below(16) : r.pick(Object.values(MODES)));

/** SCTLR and the translation registers of one security state. `flat`: stage 1 may be off whatever SCTLR.M says; `off`: it must be. */
function stage1(r: Random, suffix: string, flat: boolean, off = false): Input {
  const on = off ? 0 : bit(r, 75, M);
  const long = r.once(2);
  const big = bit(r, 20, EE);
  const high = on !== 0 && !flat ? bit(r, 12, V) : 0;
  const wxn = long ? bit(r, 6, WXN) | bit(r, 6, UWXN) : 0;
  const shape = bit(r, 25, TE) | (long ? 0 : bit(r, 30, AFE) | bit(r, 30, TRE));
  const base = TABLES + (big ? BIG_ENDIAN_TABLES : 0) + (long ? TABLE.first : TABLE.short);
  const values: Input = {
    SCTLR: SCTLR | on | bit(r, 20, A) | high | wxn | big | shape,
    TTBCR: long ? EAE : 0,
    TTBR0: base,
    TTBR1: base,
    // Domain 0 is the code's.
    DACR: 1 | (r.below(4) << 2) | (r.below(4) << 4),
    DFSR: 0,
    IFSR: 0,
    DFAR: 0,
    IFAR: 0,
    MAIR0: long ? MAIR : REMAP.PRRR,
    MAIR1: long ? 0 : REMAP.NMRR,
    CONTEXTIDR: r.below(256),
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name + suffix, value]));
}

function hypRegisters(r: Random): Input {
  const big = bit(r, 20, EE);
  const tables = TABLES + (big ? BIG_ENDIAN_TABLES : 0);
  return {
    CPACR: r.pick([0, 0xf0_0000, 0xf0_0000, 0x50_0000]),
    NSACR: r.once(6) ? 0 : 0xc00,
    MVBAR: MONITOR_BLOCK,
    HCPTR: bit(r, 10, 0xc00) | 0x33ff,
    HTCR: 0x8080_0000,
    VTCR: 0x8000_0040,
    HSR: 0,
    HPFAR: 0,
    HMAIR0: MAIR,
    HMAIR1: 0,
    HSCTLR: HSCTLR | bit(r, 70, M) | bit(r, 20, A) | bit(r, 5, WXN) | big | bit(r, 25, TE),
    HTTBR: tables + TABLE.first,
    VTTBR: tables + TABLE.stage2First,
  };
}

/** Stack pointers point into the window; each LR goes with its SPSR. */
function coreRegisters(r: Random): Input {
  const values: Input = {};
  for (const name of BANKED_CORE) if (name.startsWith('SPSR')) values[name] = psr(r, anyMode(r));
  for (const name of BANKED_CORE) {
    if (name.startsWith('SPSR')) continue;
    if (name.startsWith('SP_')) values[name] = WINDOW + 0x20;
    else if (name.startsWith('r')) values[name] = r.value();
    else values[name] = landing(values[`SPSR_${name.slice(name.indexOf('_') + 1)}`] ?? 0);
  }
  return values;
}

/** Anywhere in a peculiar region, or in the flat window; sometimes not aligned, sometimes at the very end of a page or region. */
function dataAddress(r: Random): number {
  const base = r.once(6) ? WINDOWS : SPECIAL + SPECIAL_SIZE * r.below(SPECIALS.length);
  const place = r.pick([0xf000, 0xf000, 0, SPECIAL_SIZE - 64]) + 4 * r.below(16);
  return (base + place + (r.once(5) ? r.below(4) : 0)) >>> 0;
}

/** A call to Monitor mode in any of the regions, with the instruction set in bit 0. */
function codeAddress(r: Random): number {
  const base = r.once(6) ? WINDOWS : SPECIAL + SPECIAL_SIZE * r.below(SPECIALS.length);
  const thumb = r.below(2);
  return base + thumb * 0x10_0000 + 0x2000 + 0x1000 * r.below(10) + 4 * r.below(256) + thumb;
}

interface Start {
  readonly mode: number;
  readonly secure: boolean;
}

function mode(r: Random): Start {
  const secure = r.once(3);
  const names = Object.values(MODES).filter((m) => (secure ? m !== MODES.hyp : m !== MODES.mon));
  // Hyp and Monitor mode and User mode a little more often than the others.
  const favourite = r.once(4);
  return { mode: favourite ? (secure ? MODES.mon : MODES.hyp) : r.once(4) ? MODES.usr : r.pick(names), secure };
}

/** The registers that vary on their own, and the vectors. */
function registers(r: Random, { control, hcr: HCR, blocks, scd }: Context): Input {
  const flat = (HCR & (TGE | DC)) !== 0;
  return {
    ...stage1(r, '_s', scd),
    ...stage1(r, '_ns', flat || scd, (HCR & TGE) !== 0),
    ...hypRegisters(r),
    ...coreRegisters(r),
    HCR,
    // With TGE, TDE must be set too.
    HDCR: 6 | (HCR & TGE ? 0x100 : bit(r, 10, 0x100)),
    VBAR_s: r.pick(blocks),
    VBAR_ns: r.pick(blocks),
    HVBAR: r.pick(blocks),
    MVBAR: r.pick([MONITOR_BLOCK, OTHER_MONITOR_BLOCK]),
    SCR: control,
    ...Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`r${i}`, r.value()])),
  };
}

export function systemCase(r: Random, index: number): SystemCase {
  const start = mode(r);
  // Monitor mode is Secure whatever SCR.NS.
  const secure = start.mode === MODES.mon ? r.once(2) : start.secure;
  const control = scr(r, secure, start.mode === MODES.mon);
  const scd = (control & SCR.SCD) !== 0;
  const lines = (r.once(3) ? r.below(4) : 0) | (scd ? 1 : 0);
  const HCR = hcr(r, start, control, lines);
  const blocks = scd ? UNMASKING_BLOCKS : CALLING_BLOCKS;
  const thumb = r.once(3);
  const cpsr = ((psr(r, start.mode) & ~THUMB) | (thumb ? THUMB : 0) | (scd ? 0x40 : 0)) >>> 0;
  const returnPsr = psr(r, anyMode(r));
  const big = (cpsr & 0x200) !== 0;
  const context: Context = { ...start, thumb, control, hcr: HCR, lines, blocks, scd };
  const base: Input = {
    lines,
    window0: big ? swap(landing(returnPsr)) : landing(returnPsr),
    window1: big ? swap(returnPsr) : returnPsr,
    ...registers(r, context),
    CPSR: cpsr,
    pc: SLOTS + SLOT_BYTES * index,
    r1: dataAddress(r),
    r2: codeAddress(r),
    r3: WINDOW,
    r4: psr(r, anyMode(r)),
  };
  // In Secure User mode QEMU 7.2 asks the Non-secure SCTLR.A.
  if (secure && start.mode === MODES.usr) base['SCTLR_ns'] = (base['SCTLR_ns']! & ~A) | (base['SCTLR_s']! & A);
  const { name, code, values } = events(r, context, base);
  return { slot: { thumb, code }, input: { ...base, ...values }, event: name };
}

const swap = (w: number): number => ((w << 24) | ((w & 0xff00) << 8) | ((w >>> 8) & 0xff00) | (w >>> 24)) >>> 0;

/** A case as the image reads it. */
export const words = ({ input }: SystemCase): number[] => INPUT.map((name) => (input[name] as number) >>> 0);
