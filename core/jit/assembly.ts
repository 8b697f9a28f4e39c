/** What the dispatcher is written with: the types of the functions that it calls, its locals, and words for its instructions. */
import * as S from '../cpu/scalars.ts';
import { SCALARS_OFFSET } from '../cpu/state.ts';
import { NOTHING, OP, Writer } from './wasm.ts';

/** The types of a region, (cpu, tables) → where to go on or LEAVE; of `Outside`; and of a record's function, (cpu, tables, record) → STEP. */
export const TYPE = { region: 0, outside: 1, handler: 2 } as const;
export const PARAMETERS = [2, 1, 3] as const;

/** Parameters and locals of the dispatcher. */
export const LOCAL = { CPU: 0, TABLES: 1, PC: 2, KEY: 3, DELTA: 4, AT: 5, LEFT: 6, INDEX: 7, RECORD: 8, count: 9 } as const;
const { CPU, PC } = LOCAL;

/** A writer with words for what it is made of. */
export class Assembly extends Writer {
  get(local: number): void {
    this.op(OP.local_get);
    this.unsigned(local);
  }
  set(local: number): void {
    this.op(OP.local_set);
    this.unsigned(local);
  }
  number(value: number): void {
    this.op(OP.i32_const);
    this.signed(value);
  }
  load(offset: number): void {
    this.op(OP.i32_load);
    this.unsigned(2);
    this.unsigned(offset);
  }
  op(...ops: number[]): void {
    for (const one of ops) this.byte(one);
  }
  store(offset: number): void {
    this.op(OP.i32_store);
    this.unsigned(2);
    this.unsigned(offset);
  }
  /** Returns before a region is entered. */
  leaveIf(why: number): void {
    this.op(OP.if, NOTHING);
    this.get(CPU);
    this.get(PC);
    this.store(SCALARS_OFFSET + 4 * S.NEXT);
    this.number(why);
    this.op(OP.return, OP.end);
  }
}
