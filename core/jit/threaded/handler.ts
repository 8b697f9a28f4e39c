/**
 * The function of a form: what the instructions of one form do, with their registers and immediate taken from a record. Its parameters are the
 * places in the arena of the processor, of the fast tables in use, and of the record.
 */
import type { Field, Operands } from '../../cpu/insn.ts';
import { CPU } from '../code.ts';
import { Emitter } from '../emitter.ts';
import { OUTERMOST } from '../leaving.ts';
import type { Staged } from '../translate.ts';
import { binary, constant, inLocal, select, type Value } from '../value.ts';
import { I32, OP, Writer } from '../wasm.ts';
import type { Form } from './form.ts';
import { NAMED, RECORD, STEP } from './record.ts';

const THE_RECORD = 2;
const ALWAYS = 14;
const PC = 15;
const BODY = new Writer();

/** What the code of a form may have made of the immediate by the time that it is written. */
const TRANSFORMED: readonly { readonly of: (immediate: number) => number; readonly write: (code: Writer) => void }[] = [
  { of: (immediate) => immediate, write: () => {} },
  { of: (immediate) => ~immediate, write: (code) => operation(code, -1, OP.i32_xor) },
  { of: (immediate) => immediate << 16, write: (code) => operation(code, 16, OP.i32_shl) },
  { of: (immediate) => -immediate | 0, write: (code) => complement(code, 1) },
  { of: (immediate) => 32 - immediate, write: (code) => complement(code, 33) },
  { of: (immediate) => immediate - 1, write: (code) => operation(code, -1, OP.i32_add) },
];

/** What is pushed from its complement's successor: a - x is ~x + (a + 1). */
function complement(code: Writer, number: number): void {
  operation(code, -1, OP.i32_xor);
  operation(code, number, OP.i32_add);
}

function operation(code: Writer, operand: number, op: number): void {
  code.byte(OP.i32_const);
  code.signed(operand);
  code.byte(op);
}

class Handler extends Emitter {
  /** Stands for the immediate of a record. */
  readonly #immediate: number | undefined;

  constructor(immediate: number | undefined) {
    super();
    this.#immediate = immediate;
  }

  override get parameters(): number {
    return 3;
  }

  override putNumber(number: number): void {
    const found = TRANSFORMED.find(({ of }) => this.#immediate !== undefined && of(this.#immediate) === number);
    if (found === undefined) return super.putNumber(number);
    this.#field(OP.i32_load, RECORD.immediate);
    found.write(this.code);
  }

  #field(op: number, offset: number): void {
    this.getLocal(THE_RECORD);
    this.memory(op, 0, offset);
  }

  /** Pushes the place of a register, but for the offset that is returned. */
  #place(register: number): number {
    this.getLocal(CPU);
    if (register < NAMED) return 4 * register;
    this.#field(OP.i32_load8_u, RECORD.registers + register - NAMED);
    this.code.byte(OP.i32_add);
    return 0;
  }

  /** The address of the instruction. */
  get #pc(): Value {
    const local = this.temporary(I32);
    this.#field(OP.i32_load, RECORD.pc);
    this.setLocal(local);
    return inLocal(I32, local);
  }

  override r(register: Field): Value {
    if ((register as number) === PC) return binary(OP.i32_add, this.#pc, constant(this.place.thumb ? 4 : 8));
    const local = this.temporary(I32);
    this.memory(OP.i32_load, 2, this.#place(register));
    this.setLocal(local);
    return inLocal(I32, local);
  }

  override setR(register: Field, value: Value): void {
    // What it is made of may be written only now, with loads of its own.
    const held = this.hold(value);
    const offset = this.#place(register);
    this.put(held);
    this.memory(OP.i32_store, 2, offset);
  }

  override leaveWhere(_why: number, push: () => void): void {
    push();
    this.open(OP.if);
    this.interpret();
    this.close();
  }

  /** Nothing has changed yet, but for how the flags are held. */
  override interpret(): void {
    this.#return(() => this.put(constant(STEP.leave)));
  }

  #return(push: () => void): void {
    const { held } = this.flags;
    this.flags.keepCompared();
    this.flags.store();
    push();
    this.br(OUTERMOST);
    this.flags.held = held;
  }

  write(form: Form, staged: Staged): void {
    const { name, operands, size, thumb } = form;
    this.begin({ pc: 0, size, thumb, it: 0, count: 0 });
    if (!form.branches) {
      staged(this, operands);
      this.flags.store();
      return this.put(constant(STEP.next));
    }
    const condition = this.#condition(form);
    const act = () => (name === 'CBZ' ? this.branch(this.#target(operands)) : staged(this, operands));
    if (condition === undefined) return this.#leap(act);
    this.put(condition);
    this.open(OP.if);
    this.#leap(act);
    this.close();
    this.flags.store();
    this.put(binary(OP.i32_add, this.#pc, constant(size)));
  }

  /** Passes over the next record unless a condition holds. */
  writeCondition(cond: number): void {
    this.begin({ pc: 0, size: 0, thumb: false, it: 0, count: 0 });
    const holds = this.hold(this.flags.condition(cond));
    this.flags.store();
    this.put(select(holds, constant(STEP.next), constant(STEP.skip)));
  }

  #condition({ name, operands, cond }: Form): Value | undefined {
    if (name === 'CBZ') {
      const value = this.r(operands['Rn'] as Field);
      return operands['nz'] ? value : binary(OP.i32_eq, value, constant(0));
    }
    return cond === ALWAYS ? undefined : this.flags.condition(cond);
  }

  #target(operands: Operands): Value {
    return binary(OP.i32_add, this.r(PC as Field), constant(operands['offset'] as number));
  }

  /** Branches, and returns where it leads. */
  #leap(act: () => void): void {
    act();
    const { target } = this;
    if (target === undefined) throw new Error('a branch leads nowhere');
    if (target.interworks) this.storeThumb();
    this.#return(() => this.put(target.address === undefined ? inLocal(I32, this.pc) : constant(target.address)));
  }

  end(out: Writer): void {
    const body = BODY;
    body.clear();
    this.putLocals(body);
    body.byte(OP.block);
    body.byte(I32);
    body.append(this.code.bytes);
    body.byte(OP.end);
    body.byte(OP.end);
    out.unsigned(body.length);
    out.append(body.bytes);
  }
}

/** Writes the function of a form, with its length in front. */
export function writeHandler(form: Form, staged: Staged, out: Writer): void {
  const handler = new Handler(form.any);
  handler.write(form, staged);
  handler.end(out);
}

/** Writes the function of the record before an instruction that is conditional. */
export function writeCondition(cond: number, out: Writer): void {
  const handler = new Handler(undefined);
  handler.writeCondition(cond);
  handler.end(out);
}
