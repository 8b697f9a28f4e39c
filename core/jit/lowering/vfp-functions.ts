/**
 * Functions that each batch has, for what is too long to be written at every instruction: arithmetic whose exceptions are still to be found.
 * They take the processor and the places of their registers, and return 1, or 0 if they have changed nothing because only core/cpu/fp can tell.
 */
import { FP_OFFSET } from '../../cpu/state.ts';
import { Emitter } from '../emitter.ts';
import { add, and, constant, shl, shr } from '../ops.ts';
import { inLocal, Value } from '../value.ts';
import { I32, OP, type ValueType, vector, Writer } from '../wasm.ts';
import { FOREIGN, STATUS_OFFSET, status } from './vfp-format.ts';
import { updateLimits } from './vfp-limits.ts';

/** Places of registers as bytes from the first, and what else a function wants to know. */
export const pack = (d: number, n: number, m: number, more = 0): number => d | (n << 8) | (m << 16) | (more << 24);

/** What writes the body of a function. */
export type Body = (f: FunctionBody) => void;

export class FunctionBody {
  readonly e = new Emitter();
  readonly #packed = inLocal(I32, 1);
  readonly d = this.#place(0);
  readonly n = this.#place(8);
  readonly m = this.#place(16);
  readonly more = this.e.hold(shr(this.#packed, constant(24)));

  #place(shift: number): Value {
    const bytes = and(shr(this.#packed, constant(shift)), constant(0xff));
    return this.e.hold(add(inLocal(I32, 0), bytes));
  }

  read(type: ValueType, place: Value): Value {
    return this.e.loadAt(type, place, FP_OFFSET);
  }

  write(type: ValueType, place: Value, value: Value): void {
    this.e.storeAt(type, place, FP_OFFSET, value);
  }

  /** Returns 0 unless a condition holds. */
  require(condition: Value): void {
    const { e } = this;
    e.put(new Value(I32, OP.i32_eqz, condition));
    e.open(OP.if);
    e.put(constant(0));
    e.code.byte(OP.return);
    e.close();
  }

  /** Goes no further in modes that round otherwise. */
  requireNative(more = 0): void {
    this.require(new Value(I32, OP.i32_eqz, and(status(this.e), constant(FOREIGN | more))));
  }

  /** Records Inexact where a condition, which is 0 or 1, holds. */
  record(inexact: Value): void {
    const { e } = this;
    const flag = e.hold(shl(inexact, constant(4)));
    e.setStateAt(I32, STATUS_OFFSET, new Value(I32, OP.i32_or, status(e), flag));
    updateLimits(e);
  }

  finish(out: Writer): void {
    const { e } = this;
    e.put(constant(1));
    e.code.byte(OP.end);
    const body = new Writer();
    vector(body, e.types.length, (i) => {
      body.unsigned(1);
      body.byte(e.types[i] as number);
    });
    body.append(e.code.bytes);
    out.unsigned(body.length);
    out.append(body.bytes);
  }
}

const bodies: Body[] = [];
let code: Uint8Array | undefined;

/** Adds a function, while the modules are loaded; returns its number. */
export function defineFunction(body: Body): number {
  bodies.push(body);
  return bodies.length - 1;
}

/** All of them as they stand in a module's code, made once. */
export function vfpFunctions(): { readonly count: number; readonly code: Uint8Array } {
  if (code === undefined) {
    const out = new Writer();
    for (const body of bodies) {
      const f = new FunctionBody();
      body(f);
      f.finish(out);
    }
    code = out.bytes.slice();
  }
  return { count: bodies.length, code };
}

/** Does it by a function, or else by the interpreter; what either writes the caller has to make known. */
export function callOr(e: Emitter, index: number, packed: number): void {
  const { known } = e.fp;
  for (const shift of [0, 8, 16]) e.homes.store(FP_OFFSET + ((packed >> shift) & 0xff), 1);
  e.callFunction(index, packed);
  e.code.byte(OP.i32_eqz);
  e.open(OP.if);
  e.fallbackFloat();
  e.close();
  e.fp.known = known;
}
