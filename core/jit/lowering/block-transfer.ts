/**
 * Transfers of several words, with one look at the fast table for all of them. They do what their definitions say, for registers whose words
 * lie in one page; else the interpreter does it. Reference: Arm DDI 0406C, A4.7, A7.6.
 */
import type { Operands } from '../../cpu/insn.ts';
import type { Emitter } from '../emitter.ts';
import { add, and, constant, numbersIn } from '../ops.ts';
import { writeLoaded } from '../staged/alu.ts';
import type { Staged } from '../translate.ts';
import type { Value } from '../value.ts';
import { I32 } from '../wasm.ts';
import { DOUBLE, read, SINGLE, write } from './vfp-format.ts';

const field = (operands: Operands, name: string) => operands[name] as NonNullable<Operands[string]>;

const LDM: Staged = (e, operands) => {
  const registers = numbersIn(field(operands, 'list'));
  const Rn = field(operands, 'Rn');
  const base = e.keep(e.r(Rn));
  const window = e.window(add(base, constant(field(operands, 'first'))), 4 * registers.length, false);
  const values = registers.map((_, i) => e.loadAt(I32, window, 4 * i));
  if (field(operands, 'W')) e.setR(Rn, add(base, constant(field(operands, 'end'))));
  for (const [i, register] of registers.entries()) writeLoaded(e, register as never, values[i] as Value);
};

const STM: Staged = (e, operands) => {
  const registers = numbersIn(field(operands, 'list'));
  const Rn = field(operands, 'Rn');
  const base = e.keep(e.r(Rn));
  const window = e.window(add(base, constant(field(operands, 'first'))), 4 * registers.length, true);
  for (const [i, register] of registers.entries()) e.storeAt(I32, window, 4 * i, e.r(register as never));
  if (field(operands, 'W')) e.setR(Rn, add(base, constant(field(operands, 'end'))));
};

/** Two words of the stack or a structure: base, then the address, as the definitions of LDRD and STRD have them. */
function pairAddress(e: Emitter, operands: Operands, offset: Value): { readonly indexed: Value; readonly address: Value } {
  const base = e.keep(e.r(field(operands, 'Rn')));
  const indexed = e.keep(add(base, field(operands, 'U') ? offset : negate(offset)));
  return { indexed, address: field(operands, 'P') ? indexed : base };
}
const negate = (offset: Value): Value => constant(-offset.constant);

const LDRD_imm: Staged = (e, operands) => {
  const { indexed, address } = pairAddress(e, operands, constant(field(operands, 'imm')));
  const window = e.window(address, 8, false);
  const [first, second] = [e.loadAt(I32, window, 0), e.loadAt(I32, window, 4)];
  if (field(operands, 'W')) e.setR(field(operands, 'Rn'), indexed);
  e.setR(field(operands, 'Rt'), first);
  e.setR(field(operands, 'Rt2'), second);
};

const STRD_imm: Staged = (e, operands) => {
  const { indexed, address } = pairAddress(e, operands, constant(field(operands, 'imm')));
  const window = e.window(address, 8, true);
  e.storeAt(I32, window, 0, e.r(field(operands, 'Rt')));
  e.storeAt(I32, window, 4, e.r(field(operands, 'Rt2')));
  if (field(operands, 'W')) e.setR(field(operands, 'Rn'), indexed);
};

// Extension registers, doublewords at a time where they are.

function copyIn(e: Emitter, window: Value, { sz, d }: Operands, count: number): void {
  const format = sz ? DOUBLE : SINGLE;
  const values = Array.from({ length: count }, (_, i) => e.loadAt(format.type, window, format.bytes * i));
  for (const [i, value] of values.entries()) write(e, format, (d as number) + i, value);
}

function copyOut(e: Emitter, window: Value, { sz, d }: Operands, count: number): void {
  const format = sz ? DOUBLE : SINGLE;
  for (let i = 0; i < count; i++) e.storeAt(format.type, window, format.bytes * i, read(e, format, (d as number) + i));
}

const address = (e: Emitter, operands: Operands): Value => {
  const base = e.r(field(operands, 'Rn'));
  const aligned = field(operands, 'Rn') === 15 ? and(base, constant(~3)) : base;
  return add(aligned, constant(field(operands, 'offset')));
};

const VLDR: Staged = (e, operands) => {
  e.checkVfp();
  copyIn(e, e.window(address(e, operands), operands['sz'] ? 8 : 4, false), operands, 1);
};

const VSTR: Staged = (e, operands) => {
  e.checkVfp();
  copyOut(e, e.window(address(e, operands), operands['sz'] ? 8 : 4, true), operands, 1);
};

const many =
  (write: boolean): Staged =>
  (e, operands) => {
    e.checkVfp();
    const Rn = field(operands, 'Rn');
    const count = field(operands, 'regs');
    const base = e.keep(e.r(Rn));
    const window = e.window(add(base, constant(field(operands, 'first'))), count * (operands['sz'] ? 8 : 4), write);
    if (write) copyOut(e, window, operands, count);
    else copyIn(e, window, operands, count);
    if (field(operands, 'W')) e.setR(Rn, add(base, constant(field(operands, 'end'))));
  };

export const BLOCK_TRANSFER: Readonly<Record<string, Staged>> = {
  LDM,
  STM,
  LDRD_imm,
  STRD_imm,
  VLDR,
  VSTR,
  VLDM: many(false),
  VSTM: many(true),
};
