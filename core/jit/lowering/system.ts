/**
 * System instructions that translated code does by itself, where nothing about them is unusual: no Security Extensions, no trap, no interrupt that
 * waits for a mask to go. All else is left to the interpreter. Reference: Arm DDI 0406C, B3.17 (CP15), B8.1 (Generic Timer), B9.3.
 */
import { HCR, SCTLR } from '../../cpu/controls.ts';
import type { Operands } from '../../cpu/insn.ts';
import { MODE } from '../../cpu/modes.ts';
import * as S from '../../cpu/scalars.ts';
import { SLOT } from '../../cpu/slots.ts';
import { BANK, SCALARS_OFFSET, SCRATCH_OFFSET } from '../../cpu/state.ts';
import type { Emitter } from '../emitter.ts';
import { and, constant, eq, extendSigned, extendUnsigned, ne, not, or, shl, shr, sub, sub64, wide, wrap } from '../ops.ts';
import { COUNTERS, NATIVE, OPEN, PUBLISHED } from '../published.ts';
import type { Staged } from '../translate.ts';
import { inLocal, Value } from '../value.ts';
import { I32, I64, OP } from '../wasm.ts';

const BANKED_OFFSET = SCALARS_OFFSET + 4 * S.COUNT;
const SYSTEM_OFFSET = BANKED_OFFSET + 4 * BANK.COUNT;
const SUPPORTED_GE = 15;

const nothing = () => {};
const scratchAt = (index: number): number => SCRATCH_OFFSET + 4 * index;
const slot = (index: number): number => SYSTEM_OFFSET + 4 * index;
const scratch = (e: Emitter, type: typeof I32 | typeof I64, index: number): Value => e.stateAt(type, scratchAt(index));
const system = (e: Emitter, index: number): Value => e.stateAt(I32, slot(index));
const native = (e: Emitter): Value => ne(scratch(e, I32, PUBLISHED.native), constant(0));
const inMode = (e: Emitter, mode: number): Value => eq(e.scalar(S.M), constant(mode));

// Counters

/** CNTPCT or CNTVCT at the instruction in hand, which is counted already. */
function count(e: Emitter, virtual: boolean): Value {
  const left = sub(inLocal(I32, e.budget), constant(e.place.count + 1));
  const time = sub64(scratch(e, I64, COUNTERS.end), extendSigned(left));
  const scaled = new Value(I64, OP.i64_mul, time, extendUnsigned(scratch(e, I32, COUNTERS.numerator)));
  const ticks = new Value(I64, OP.i64_div_u, scaled, extendUnsigned(scratch(e, I32, COUNTERS.denominator)));
  return e.hold(virtual ? sub64(ticks, scratch(e, I64, COUNTERS.offset)) : ticks);
}

const MRRC: Staged = (e, { coproc, opc1, CRm, Rt, Rt2 }) => {
  if (coproc !== 15 || CRm !== 14 || (opc1 !== 0 && opc1 !== 1)) return e.fallback();
  const open = and(scratch(e, I32, COUNTERS.open), constant(opc1 === 0 ? OPEN.CNTPCT : OPEN.CNTVCT));
  e.usually(
    open,
    () => {
      const ticks = count(e, opc1 === 1);
      e.setR(Rt as never, wrap(ticks));
      e.setR(Rt2 as never, wrap(new Value(I64, OP.i64_shr_u, ticks, wide(32))));
    },
    () => {
      e.setStateAt(I32, scratchAt(COUNTERS.open), or(scratch(e, I32, COUNTERS.open), constant(OPEN.wanted)));
      e.fallback();
    },
  );
};

// Registers of CP15 that are mere words

interface Rights {
  readonly level?: 'user' | 'Hyp';
  /** Bits of HCR that trap it. */
  readonly hcr?: number;
}

interface Plain extends Rights {
  /** Where it lies in the state of the core. */
  readonly at: number;
  readonly writable?: boolean;
}

/** By opc1, CRn, CRm and opc2. */
const PLAIN: { readonly [encoding: string]: Plain } = {
  '0 0 0 1': { at: scratchAt(PUBLISHED.CTR), hcr: HCR.TID2 },
  '0 5 0 0': { at: slot(SLOT.DFSR) },
  '0 5 0 1': { at: slot(SLOT.IFSR) },
  '0 6 0 0': { at: slot(SLOT.DFAR) },
  '0 6 0 2': { at: slot(SLOT.IFAR) },
  '0 13 0 1': { at: slot(SLOT.CONTEXTIDR) },
  '0 13 0 2': { at: slot(SLOT.TPIDRURW), level: 'user', writable: true },
  '0 13 0 3': { at: slot(SLOT.TPIDRURO), level: 'user' },
  '0 13 0 4': { at: slot(SLOT.TPIDRPRW), writable: true },
  '4 5 2 0': { at: slot(SLOT.HSR), level: 'Hyp' },
  '4 6 0 0': { at: slot(SLOT.DFAR + 1), level: 'Hyp' },
  '4 6 0 2': { at: slot(SLOT.IFAR + 1), level: 'Hyp' },
  '4 6 0 4': { at: slot(SLOT.HPFAR), level: 'Hyp' },
  '4 13 0 2': { at: slot(SLOT.HTPIDR), level: 'Hyp', writable: true },
};

/**
 * Maintenance of caches and of branch predictors, of which there are none: what is left is that operations by address ask for a translation,
 * which is there if a load would find it.
 */
const MAINTENANCE: { readonly [encoding: string]: Rights & { readonly byAddress?: boolean } } = {
  '0 7 1 0': { hcr: HCR.TPU },
  '0 7 1 6': {},
  '0 7 5 0': { hcr: HCR.TPU },
  '0 7 5 1': { hcr: HCR.TPU, byAddress: true },
  '0 7 5 6': {},
  '0 7 5 7': {},
  '0 7 6 1': { hcr: HCR.TPC, byAddress: true },
  '0 7 6 2': { hcr: HCR.TSW },
  '0 7 10 1': { hcr: HCR.TPC, byAddress: true },
  '0 7 10 2': { hcr: HCR.TSW },
  '0 7 11 1': { hcr: HCR.TPU, byAddress: true },
  '0 7 14 1': { hcr: HCR.TPC, byAddress: true },
  '0 7 14 2': { hcr: HCR.TSW },
};

const encodingOf = ({ coproc, opc1, CRn, CRm, opc2 }: Operands): string => (coproc === 15 ? `${opc1} ${CRn} ${CRm} ${opc2}` : '');

/** The mode may access it, and neither HSTR nor HCR traps it. */
function isOpen(e: Emitter, { level, hcr = 0 }: Rights, CRn: number): Value {
  const hyp = inMode(e, MODE.hyp);
  if (level === 'Hyp') return and(native(e), hyp);
  const traps = or(and(system(e, SLOT.HSTR), constant(1 << CRn)), and(system(e, SLOT.HCR), constant(hcr)));
  const untrapped = or(hyp, eq(traps, constant(0)));
  const allowed = and(native(e), untrapped);
  return level === 'user' ? allowed : and(allowed, not(inMode(e, MODE.usr)));
}

const MRC: Staged = (e, operands) => {
  const found = PLAIN[encodingOf(operands)];
  if (found === undefined || operands['Rt'] === 15) return e.fallback();
  e.usually(
    isOpen(e, found, operands['CRn'] as number),
    () => e.setR(operands['Rt'] as never, e.stateAt(I32, found.at)),
    () => e.fallback(),
  );
};

const MCR: Staged = (e, operands) => {
  const encoding = encodingOf(operands);
  const operation = MAINTENANCE[encoding];
  if (operation !== undefined) {
    const open = isOpen(e, operation, operands['CRn'] as number);
    const done = operation.byAddress ? and(open, e.isReadable(e.r(operands['Rt'] as never))) : open;
    return e.usually(done, nothing, () => e.fallback());
  }
  const found = PLAIN[encoding];
  if (found?.writable !== true) return e.fallback();
  e.usually(
    isOpen(e, found, operands['CRn'] as number),
    () => e.setStateAt(I32, found.at, e.r(operands['Rt'] as never)),
    () => e.fallback(),
  );
};

// Status registers

/** What MRS shows in A32 and T32, little-endian. */
function visibleCpsr(e: Emitter): Value {
  const bit = (index: number, shift: number) => shl(e.scalar(index), constant(shift));
  const flags = or(
    or(shl(e.flags.N(), constant(31)), shl(e.flags.Z(), constant(30))),
    or(shl(e.flags.C(), constant(29)), shl(e.flags.V(), constant(28))),
  );
  const masks = or(or(bit(S.A, 8), bit(S.I, 7)), or(bit(S.F, 6), e.scalar(S.M)));
  return or(or(flags, or(bit(S.Q, 27), bit(S.GE, 16))), masks);
}

const MRS: Staged = (e, { R, Rd }) => {
  if (R) return e.fallback();
  e.setR(Rd as never, visibleCpsr(e));
};

const ELR_HYP = 0b11110;

const MRS_banked: Staged = (e, { R, SYSm, Rd }) => {
  if (R !== 0 || SYSm !== ELR_HYP) return e.fallback();
  e.usually(
    inMode(e, MODE.hyp),
    () => e.setR(Rd as never, e.stateAt(I32, BANKED_OFFSET + 4 * BANK.ELR_hyp)),
    () => e.fallback(),
  );
};

const MSR_banked: Staged = (e, { R, SYSm, Rn }) => {
  if (R !== 0 || SYSm !== ELR_HYP) return e.fallback();
  e.usually(
    inMode(e, MODE.hyp),
    () => e.setStateAt(I32, BANKED_OFFSET + 4 * BANK.ELR_hyp, e.r(Rn as never)),
    () => e.fallback(),
  );
};

/** No interrupt waits, so that no mask decides about one; and all masks of this mode are its own. */
function isQuiet(e: Emitter): Value {
  const lines = [S.IRQ, S.FIQ, S.ASYNC_ABORT, S.VIRQ, S.VFIQ].map((line) => e.scalar(line)).reduce(or);
  const virtual = and(system(e, SLOT.HCR), constant(HCR.VA | HCR.VI | HCR.VF));
  const unmaskOnly = and(or(system(e, SLOT.SCTLR), system(e, SLOT.HSCTLR)), constant(SCTLR.NMFI));
  return and(native(e), and(not(inMode(e, MODE.usr)), not(or(or(lines, virtual), unmaskOnly))));
}

const FLAGS = 8;
const GE = 4;
const CONTROL = 1;

/** MSR to CPSR: flags and GE, or the masks where the mode stays. */
function writeCpsr(e: Emitter, mask: number, source: Value): void {
  if ((mask & ~(FLAGS | GE)) === 0) {
    const value = e.hold(source);
    if ((mask & GE) !== 0) e.setScalar(S.GE, and(shr(value, constant(16)), constant(SUPPORTED_GE)));
    if ((mask & FLAGS) === 0) return;
    e.setScalar(S.Q, and(shr(value, constant(27)), constant(1)));
    return e.flags.setPacked(value);
  }
  if (mask !== CONTROL) return e.fallback();
  const value = e.hold(source);
  e.usually(
    and(isQuiet(e), eq(and(value, constant(0x1f)), e.scalar(S.M))),
    () => {
      e.setScalar(S.I, and(shr(value, constant(7)), constant(1)));
      e.setScalar(S.F, and(shr(value, constant(6)), constant(1)));
    },
    () => e.fallback(),
  );
}

const MSR_reg: Staged = (e, { R, mask, Rn }) => (R ? e.fallback() : writeCpsr(e, mask as number, e.r(Rn as never)));
const MSR_imm: Staged = (e, { R, mask, imm32 }) => (R ? e.fallback() : writeCpsr(e, mask as number, constant(imm32 as number)));

const CPS: Staged = (e, { imod, M, A, I, F }) => {
  if (M !== 0 || (imod !== 2 && imod !== 3)) return e.fallback();
  e.usually(
    isQuiet(e),
    () => {
      const value = constant(imod === 3 ? 1 : 0);
      if (A) e.setScalar(S.A, value);
      if (I) e.setScalar(S.I, value);
      if (F) e.setScalar(S.F, value);
    },
    () => e.fallback(),
  );
};

// Hints

/** Of several cores, the others hear it too. */
const SEV: Staged = (e) =>
  e.usually(
    and(scratch(e, I32, PUBLISHED.native), constant(NATIVE.alone)),
    () => e.setScalar(S.EVENT, constant(1)),
    () => e.fallback(),
  );

const CLREX: Staged = (e) => e.setScalar(S.EXCLUSIVE, constant(0));

export const SYSTEM: Readonly<Record<string, Staged>> = {
  MRRC,
  MRC,
  MCR,
  MRS,
  MRS_banked,
  MSR_banked,
  MSR_reg,
  MSR_imm,
  CPS,
  SEV,
  CLREX,
  ISB: nothing,
  YIELD: nothing,
};
