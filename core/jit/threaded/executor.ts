/** The part of the dispatcher that executes a block of threaded code: record after record, up to one that branches or leaves. */
import * as S from '../../cpu/scalars.ts';
import { SCALARS_OFFSET } from '../../cpu/state.ts';
import { type Assembly, LOCAL, TYPE } from '../assembly.ts';
import { LEAVE } from '../leaving.ts';
import { NOTHING, OP } from '../wasm.ts';
import { RECORD, STEP } from './record.ts';

const { CPU, TABLES, PC, INDEX } = LOCAL;
const REMAINING = SCALARS_OFFSET + 4 * S.REMAINING;

/** The block's place is in INDEX. What the last function returns, or that the instruction at NEXT is for others, is in PC then. */
export function runRecords(code: Assembly): void {
  code.get(INDEX);
  code.number(-1);
  code.op(OP.i32_xor);
  code.number(Math.log2(RECORD.bytes));
  code.op(OP.i32_shl);
  code.set(LOCAL.RECORD);
  code.get(CPU);
  code.load(REMAINING);
  field(code, OP.i32_load8_u, RECORD.left);
  code.op(OP.i32_lt_s);
  code.leaveIf(LEAVE.short);
  addLeft(code, OP.i32_sub);
  code.op(OP.loop, NOTHING);
  step(code);
  code.get(PC);
  code.number(STEP.next);
  code.op(OP.i32_eq, OP.br_if);
  code.unsigned(0);
  code.get(PC);
  code.number(STEP.skip);
  code.op(OP.i32_eq, OP.if, NOTHING);
  move(code, RECORD.bytes);
  code.op(OP.br);
  code.unsigned(1);
  code.op(OP.end, OP.end);
  code.get(PC);
  code.number(STEP.leave);
  code.op(OP.i32_eq, OP.if, NOTHING);
  leave(code);
  code.op(OP.end);
}

/** Executes the record, and goes to the next. */
function step(code: Assembly): void {
  code.get(CPU);
  code.get(TABLES);
  code.get(LOCAL.RECORD);
  field(code, OP.i32_load16_u, RECORD.function);
  code.op(OP.call_indirect);
  code.unsigned(TYPE.handler);
  code.unsigned(0);
  code.set(PC);
  move(code, RECORD.bytes);
}

/** Before the last record's instruction, for which time was taken already. */
function leave(code: Assembly): void {
  move(code, -RECORD.bytes);
  addLeft(code, OP.i32_add);
  code.get(CPU);
  field(code, OP.i32_load8_u, RECORD.it);
  code.store(SCALARS_OFFSET + 4 * S.IT);
  code.get(CPU);
  field(code, OP.i32_load, RECORD.pc);
  code.store(SCALARS_OFFSET + 4 * S.NEXT);
  code.number(LEAVE.untranslated);
  code.set(PC);
}

function field(code: Assembly, op: number, offset: number): void {
  code.get(LOCAL.RECORD);
  code.op(op);
  code.unsigned(0);
  code.unsigned(offset);
}

function move(code: Assembly, bytes: number): void {
  code.get(LOCAL.RECORD);
  code.number(bytes);
  code.op(OP.i32_add);
  code.set(LOCAL.RECORD);
}

/** Adds to the time that is left what the record says, or takes it. */
function addLeft(code: Assembly, op: number): void {
  code.get(CPU);
  code.get(CPU);
  code.load(REMAINING);
  field(code, OP.i32_load8_u, RECORD.left);
  code.op(op);
  code.store(REMAINING);
}
