/**
 * Exceptions without the engine: the dispatcher tries these functions, if it is asked to, on an instruction that a region has left to the interpreter. SVC, HVC, the
 * returns, and aborts that `Aborts` has seen before are done here, if nothing about them is unusual; else nothing has changed.
 * Reference: Arm DDI 0406C, B1.8.3 (exception entry), B1.9 (exceptions), B9.3 (ERET, HVC, SUBS PC, LR).
 */
import { HCR, SCTLR } from '../cpu/controls.ts';
import { VECTOR } from '../cpu/exception-entry.ts';
import { FastTable } from '../cpu/fast-table.ts';
import { MODE } from '../cpu/modes.ts';
import * as S from '../cpu/scalars.ts';
import { SLOT } from '../cpu/slots.ts';
import { BANK, SCALARS_OFFSET, SCRATCH_OFFSET } from '../cpu/state.ts';
import { EC } from '../cpu/syndrome.ts';
import { ABORT, ENTRY_SHIFT, TABLE_MASK } from './aborts.ts';
import { Emitter, EXECUTE, VFP_OPEN } from './emitter.ts';
import { add, and, constant, eq, gtS, ne, not, or, select, shl, shr, sub } from './ops.ts';
import { COUNTERS, NATIVE, PUBLISHED } from './published.ts';
import { inLocal, type Value } from './value.ts';
import { I32, OP, Writer } from './wasm.ts';

const BANKED_OFFSET = SCALARS_OFFSET + 4 * S.COUNT;
const SYSTEM_OFFSET = BANKED_OFFSET + 4 * BANK.COUNT;
const [SP, LR] = [4 * 13, 4 * 14];
const IL = 1 << 25;
const HIGH_VECTORS = 0xffff_0000 | 0;
const PSR = { A: 1 << 8, I: 1 << 7, F: 1 << 6, T: 1 << 5, M: 0x1f } as const;
/** J, E and IT. */
const UNUSUAL = (1 << 24) | (1 << 9) | 0x0600_fc00;

/** What came of it: translated code goes on, the engine has to look up, or nothing was done. */
export const RESULT = { done: 0, attend: 1, undone: 2 } as const;

/** Numbers of the functions in the dispatcher's module; each takes the processor and one more, and returns one of `RESULT`. */
const NUMBER = { nzcv: 3, changeMode: 4, enterHyp: 5, restore: 6, abort: 7, exception: 8 } as const;
export const EXCEPTION = NUMBER.exception;

/** A function in the making. The processor is its first parameter. */
class Body extends Emitter {
  readonly cpu = inLocal(I32, 0);
  readonly second = inLocal(I32, 1);

  override scalar(index: number): Value {
    return this.stateAt(I32, SCALARS_OFFSET + 4 * index);
  }
  system(slot: number): Value {
    return this.stateAt(I32, SYSTEM_OFFSET + 4 * slot);
  }
  setSystem(slot: number, value: Value): void {
    this.setStateAt(I32, SYSTEM_OFFSET + 4 * slot, value);
  }
  setBanked(index: number, value: Value): void {
    this.setStateAt(I32, BANKED_OFFSET + 4 * index, value);
  }
  published(at: number): Value {
    return this.stateAt(I32, SCRATCH_OFFSET + 4 * at);
  }
  setPublished(at: number, value: Value): void {
    this.setStateAt(I32, SCRATCH_OFFSET + 4 * at, value);
  }
  /** Where the banked registers of a mode stand, as `PUBLISHED.modes` has it; 0 for a mode that is not for us. */
  banksOf(mode: Value): Value {
    return this.loadAt(I32, add(this.cpu, shl(and(mode, constant(15)), constant(2))), SCRATCH_OFFSET + 4 * PUBLISHED.modes);
  }
  /** The place of a banked register, whose number is a byte of what `banksOf` gave. */
  bankPlace(banks: Value, shift: number): Value {
    return this.hold(add(this.cpu, shl(and(shr(banks, constant(shift)), constant(0xff)), constant(2))));
  }

  returns(value: Value): void {
    this.put(value);
    this.code.byte(OP.return);
  }
  /** Returns `why`, by default to have the interpreter do it, if a condition holds. */
  unless(condition: Value, why: number = RESULT.undone): void {
    this.given(not(condition), () => this.returns(constant(why)));
  }
  given(condition: Value, then: () => void): void {
    this.put(condition);
    this.open(OP.if);
    then();
    this.close();
  }
  callNumber(number: number, argument: Value): Value {
    const result = this.temporary(I32);
    this.put(this.cpu);
    this.put(argument);
    this.code.byte(OP.call);
    this.code.unsigned(number);
    this.setLocal(result);
    return inLocal(I32, result);
  }

  /** What is interrupted must be looked at by the engine. */
  unlessQuiet(): void {
    const lines = [S.IRQ, S.FIQ, S.ASYNC_ABORT, S.VIRQ, S.VFIQ].map((line) => this.scalar(line)).reduce(or);
    const virtual = and(this.system(SLOT.HCR), constant(HCR.VA | HCR.VI | HCR.VF));
    this.given(or(lines, virtual), () => {
      this.setScalar(S.ATTENTION, constant(1));
      this.returns(constant(RESULT.attend));
    });
  }
  spendOne(): void {
    this.setScalar(S.REMAINING, sub(this.scalar(S.REMAINING), constant(1)));
  }
  /** What was published of the old mode is not for the new one. */
  forget(): void {
    this.setPublished(VFP_OPEN, constant(0));
    this.setPublished(COUNTERS.open, constant(0));
  }
  /** CPSR of an instruction in A32 or T32 outside an IT block, little-endian. */
  cpsr(): Value {
    const bit = (index: number, shift: number) => shl(this.scalar(index), constant(shift));
    const masks = [bit(S.A, 8), bit(S.I, 7), bit(S.F, 6), bit(S.T, 5), this.scalar(S.M)].reduce(or);
    return this.hold(or(or(this.callNumber(NUMBER.nzcv, constant(0)), or(bit(S.Q, 27), bit(S.GE, 16))), masks));
  }
  /** The end of an entry: execution state from SCTLR or HSCTLR, and the vector. */
  go(control: Value, target: Value): void {
    this.setScalar(S.T, and(shr(control, constant(30)), constant(1)));
    this.setScalar(S.NEXT, target);
    this.spendOne();
    this.forget();
  }

  write(out: Writer): void {
    this.code.byte(OP.unreachable);
    this.code.byte(OP.end);
    const body = new Writer();
    this.putLocals(body);
    body.append(this.code.bytes);
    out.unsigned(body.length);
    out.append(body.bytes);
  }
}

/** The flags as bits 31 to 28. */
function nzcv(b: Body): void {
  const [n, z, c, v] = [b.flags.N(), b.flags.Z(), b.flags.C(), b.flags.V()];
  const high = or(shl(n, constant(31)), shl(z, constant(30)));
  b.returns(or(high, or(shl(c, constant(29)), shl(v, constant(28)))));
}

/** Neither the mode nor the new one is FIQ mode, which has more registers of its own. */
function changeMode(b: Body): void {
  const mode = b.second;
  const from = b.banksOf(b.scalar(S.M));
  const to = b.banksOf(mode);
  // Both are put away before either is brought in: User and Hyp mode have one LR.
  const [sp, lr] = [b.stateAt(I32, SP), b.stateAt(I32, LR)];
  b.storeAt(I32, b.bankPlace(from, 0), BANKED_OFFSET, sp);
  b.storeAt(I32, b.bankPlace(from, 8), BANKED_OFFSET, lr);
  b.setStateAt(I32, SP, b.loadAt(I32, b.bankPlace(to, 0), BANKED_OFFSET));
  b.setStateAt(I32, LR, b.loadAt(I32, b.bankPlace(to, 8), BANKED_OFFSET));
  b.setScalar(S.M, mode);
  const privileged = select(eq(mode, constant(MODE.hyp)), b.published(PUBLISHED.hyp), b.published(PUBLISHED.privileged));
  b.setPublished(PUBLISHED.tables, select(eq(mode, constant(MODE.usr)), b.published(PUBLISHED.user), privileged));
  b.returns(constant(0));
}

/** An exception to Hyp mode's trap vector; the syndrome is written. `second` is the return address. */
function enterHyp(b: Body): void {
  const spsr = b.cpsr();
  b.callNumber(NUMBER.changeMode, constant(MODE.hyp));
  b.setBanked(BANK.SPSR_hyp, spsr);
  b.setBanked(BANK.ELR_hyp, b.second);
  for (const mask of [S.A, S.I, S.F]) b.setScalar(mask, constant(1));
  b.go(b.system(SLOT.HSCTLR), add(b.system(SLOT.HVBAR), constant(VECTOR.hypTrap)));
  b.given(and(b.published(PUBLISHED.native), constant(NATIVE.owned)), () => {
    b.setScalar(S.ATTENTION, constant(1));
    b.returns(constant(RESULT.attend));
  });
  b.returns(constant(RESULT.done));
}

/** A return to `second` with the SPSR of the mode. */
function restore(b: Body): void {
  const mode = b.scalar(S.M);
  const banks = b.banksOf(mode);
  b.unless(and(shr(banks, constant(16)), constant(0xff)));
  const spsr = b.loadAt(I32, b.bankPlace(banks, 16), BANKED_OFFSET);
  const next = b.hold(and(spsr, constant(PSR.M)));
  const control = b.hold(select(eq(mode, constant(MODE.hyp)), b.system(SLOT.HSCTLR), b.system(SLOT.SCTLR)));
  const usual = and(ne(b.banksOf(next), constant(0)), and(shr(next, constant(4)), ne(next, constant(MODE.hyp))));
  b.unless(and(usual, not(or(and(spsr, constant(UNUSUAL)), and(control, constant(SCTLR.NMFI))))));
  b.flags.setPacked(spsr);
  b.flags.store();
  const bit = (index: number, shift: number, mask = 1) => b.setScalar(index, and(shr(spsr, constant(shift)), constant(mask)));
  bit(S.Q, 27);
  bit(S.GE, 16, 15);
  bit(S.A, 8);
  bit(S.I, 7);
  bit(S.F, 6);
  bit(S.T, 5);
  const thumb = b.scalar(S.T);
  b.setScalar(S.NEXT, and(b.second, select(thumb, constant(~1), constant(~3))));
  b.given(ne(next, mode), () => {
    b.callNumber(NUMBER.changeMode, next);
  });
  b.spendOne();
  b.forget();
  b.unlessQuiet();
  b.returns(constant(RESULT.done));
}

/** An abort of stage 2 that was met before, at NEXT: in the table of `second` the walk that led to it, which still has to be the same. */
function abort(b: Body): void {
  const pc = b.scalar(S.NEXT);
  const at = b.hold(add(b.second, and(shl(pc, constant(ENTRY_SHIFT)), constant(TABLE_MASK))));
  const word = (name: keyof typeof ABORT) => b.loadAt(I32, at, 4 * ABORT[name]);
  const base = b.loadAt(I32, add(b.cpu, word('base')), 0);
  const va = b.hold(add(base, word('offset')));
  const here = and(eq(word('key'), or(pc, b.scalar(S.T))), eq(word('mode'), b.scalar(S.M)));
  b.unless(and(here, eq(word('generation'), b.published(PUBLISHED.generation))));
  b.unless(eq(and(va, word('mask')), word('page')));
  const pair = b.temporary(I32);
  const end = b.temporary(I32);
  b.put(add(at, constant(4 * ABORT.pairs)));
  b.setLocal(pair);
  b.put(add(inLocal(I32, pair), word('bytes')));
  b.setLocal(end);
  b.open(OP.block);
  b.open(OP.loop);
  b.put(eq(inLocal(I32, pair), inLocal(I32, end)));
  b.code.byte(OP.br_if);
  b.code.unsigned(1);
  const place = b.loadAt(I32, inLocal(I32, pair), 0);
  b.unless(eq(b.loadAt(I32, place, 0), b.loadAt(I32, inLocal(I32, pair), 4)));
  b.put(add(inLocal(I32, pair), constant(8)));
  b.setLocal(pair);
  b.code.byte(OP.br);
  b.code.unsigned(0);
  b.close();
  b.close();
  b.setSystem(SLOT.HSR, word('HSR'));
  b.setSystem(SLOT.HPFAR, word('HPFAR'));
  b.setSystem(SLOT.DFAR + 1, va);
  b.returns(b.callNumber(NUMBER.enterHyp, pc));
}

function call(b: Body, returnAddress: Value): void {
  const control = b.system(SLOT.SCTLR);
  const user = eq(b.scalar(S.M), constant(MODE.usr));
  const trapped = and(user, ne(and(b.system(SLOT.HCR), constant(HCR.TGE)), constant(0)));
  const hyp = eq(b.scalar(S.M), constant(MODE.hyp));
  const open = and(b.published(PUBLISHED.native), constant(NATIVE.SVC));
  // From FIQ mode there are more registers to put away.
  const banks = b.banksOf(b.scalar(S.M));
  b.unless(and(ne(open, constant(0)), and(ne(banks, constant(0)), not(or(or(trapped, hyp), and(control, constant(SCTLR.EE)))))));
  const spsr = b.cpsr();
  b.given(ne(b.scalar(S.M), constant(MODE.svc)), () => {
    b.callNumber(NUMBER.changeMode, constant(MODE.svc));
  });
  b.setBanked(BANK.SPSR_svc, spsr);
  b.setStateAt(I32, LR, returnAddress);
  b.setScalar(S.I, constant(1));
  const low = b.system(SLOT.VBAR);
  const vectors = select(and(control, constant(SCTLR.V)), constant(HIGH_VECTORS), low);
  b.go(control, add(vectors, constant(VECTOR.call)));
  b.unlessQuiet();
  b.returns(constant(RESULT.done));
}

/** HVC from PL1 of a guest. */
function hypervisorCall(b: Body, immediate: Value, pc: Value): void {
  const mode = b.scalar(S.M);
  const from = and(ne(b.banksOf(mode), constant(0)), and(ne(mode, constant(MODE.usr)), ne(mode, constant(MODE.hyp))));
  b.unless(and(ne(and(b.published(PUBLISHED.native), constant(NATIVE.HVC)), constant(0)), from));
  b.unless(not(and(b.system(SLOT.HSCTLR), constant(SCTLR.EE))));
  b.setSystem(SLOT.HSR, or(constant((EC.hvc << 26) | IL), immediate));
  b.returns(b.callNumber(NUMBER.enterHyp, add(pc, constant(4))));
}

function exceptionReturn(b: Body): void {
  const elr = b.stateAt(I32, BANKED_OFFSET + 4 * BANK.ELR_hyp);
  const target = select(eq(b.scalar(S.M), constant(MODE.hyp)), elr, b.stateAt(I32, LR));
  b.returns(b.callNumber(NUMBER.restore, target));
}

/** SUBS PC, LR: UNDEFINED in Hyp mode. */
function subtract(b: Body, immediate: Value): void {
  b.unless(ne(b.scalar(S.M), constant(MODE.hyp)));
  b.returns(b.callNumber(NUMBER.restore, sub(b.stateAt(I32, LR), immediate)));
}

const is = (word: Value, mask: number, value: number): Value => eq(and(word, constant(mask)), constant(value));

function halfword(b: Body, code: Value, offset: number): Value {
  const local = b.temporary(I32);
  b.put(code);
  b.memory(OP.i32_load16_u, 1, offset);
  b.setLocal(local);
  return inLocal(I32, local);
}

function thumb(b: Body, code: Value, pc: Value): void {
  const first = halfword(b, code, 0);
  b.given(is(first, 0xff00, 0xdf00), () => call(b, add(pc, constant(2))));
  b.given(ne(and(pc, constant(0xffe)), constant(0xffe)), () => {
    const second = halfword(b, code, 2);
    const immediate = or(shl(and(first, constant(15)), constant(12)), and(second, constant(0xfff)));
    b.given(and(is(first, 0xfff0, 0xf7e0), is(second, 0xf000, 0x8000)), () => hypervisorCall(b, immediate, pc));
    b.given(and(is(first, 0xffff, 0xf3de), is(second, 0xffff, 0x8f00)), () => exceptionReturn(b));
    b.given(and(is(first, 0xffff, 0xf3de), is(second, 0xff00, 0x8f00)), () => subtract(b, and(second, constant(0xff))));
  });
}

function arm(b: Body, code: Value, pc: Value): void {
  const word = b.loadAt(I32, code, 0);
  b.given(is(word, -1, 0xe160_006e | 0), () => exceptionReturn(b));
  b.given(is(word, 0xfff0_00f0 | 0, 0xe140_0070 | 0), () => {
    hypervisorCall(b, or(and(shr(word, constant(4)), constant(0xfff0)), and(word, constant(15))), pc);
  });
  b.given(is(word, 0xff00_0000 | 0, 0xef00_0000 | 0), () => call(b, add(pc, constant(4))));
  // MOVS PC, LR and SUBS PC, LR, #imm.
  b.given(is(word, -1, 0xe1b0_f00e | 0), () => subtract(b, constant(0)));
  b.given(is(word, 0xffff_ff00 | 0, 0xe25e_f000 | 0), () => subtract(b, and(word, constant(0xff))));
}

/** The instruction at NEXT. `second` are the fast tables. */
function exception(b: Body): void {
  const pc = b.scalar(S.NEXT);
  const counting = or(b.system(SLOT.PM_ENABLED), b.system(SLOT.PM_COUNTING));
  b.unless(not(or(counting, or(b.scalar(S.IT), not(b.published(PUBLISHED.native))))));
  b.unless(gtS(b.scalar(S.REMAINING), constant(0)));
  const pair = b.hold(add(b.second, and(shr(pc, constant(9)), constant(FastTable.BYTES - 8))));
  b.unless(eq(b.loadAt(I32, pair, EXECUTE), and(pc, constant(~0xfff))));
  const code = b.hold(add(pc, b.loadAt(I32, pair, EXECUTE + 4)));
  b.put(b.scalar(S.T));
  b.open(OP.if);
  thumb(b, code, pc);
  b.code.byte(OP.else);
  arm(b, code, pc);
  b.close();
  b.returns(b.callNumber(NUMBER.abort, b.published(PUBLISHED.aborts)));
}

/** The functions as they stand in the dispatcher's module, each with its length in front. */
export function exceptionFunctions(out: Writer): number {
  const bodies = [nzcv, changeMode, enterHyp, restore, abort, exception];
  for (const write of bodies) {
    const body = new Body();
    write(body);
    body.write(out);
  }
  return bodies.length;
}
