/** The modules that the translator makes: the dispatcher, and batches of regions. */
import { FastTable } from '../cpu/fast-table.ts';
import * as S from '../cpu/scalars.ts';
import { SCALARS_OFFSET } from '../cpu/state.ts';
import { EXECUTE, LEAVE } from './emitter.ts';
import { vfpFunctions } from './lowering/vfp-functions.ts';
import { FUNCREF, FUNCTION_TYPE, I32, KIND, MAGIC, NOTHING, name, OP, SECTION, section, vector, Writer } from './wasm.ts';

/** Entries of the table by which the dispatcher finds regions, and bytes of each: key, function, what to add to the address. */
export const SLOTS = 1 << 14;
export const SLOT_BYTES = 16;

/** Where a key, the address with the instruction set in bit 0, is in the table. */
export const slotOf = (key: number): number => ((key >>> 1) ^ (key >>> 13)) & (SLOTS - 1);

/** The types of a region, (cpu, tables) → LEAVE, and of `Outside`. */
function signatures(out: Writer): void {
  section(out, SECTION.types, (types) =>
    vector(types, 2, (i) => {
      types.byte(FUNCTION_TYPE);
      vector(types, i === 0 ? 2 : 1, () => types.byte(I32));
      vector(types, 1, () => types.byte(I32));
    }),
  );
}

function importMemory(imports: Writer): void {
  name(imports, 'e');
  name(imports, 'm');
  imports.byte(KIND.memory);
  imports.byte(0);
  imports.unsigned(0);
}

/** A batch: `code` has its functions, each with its length in front. */
export function batchModule(code: Uint8Array, count: number): Uint8Array {
  const out = new Writer();
  out.append(MAGIC);
  signatures(out);
  section(out, SECTION.imports, (imports) => {
    imports.unsigned(2);
    importMemory(imports);
    importOutside(imports);
  });
  // The functions that regions call come first, so that their numbers are known.
  const shared = vfpFunctions();
  section(out, SECTION.functions, (functions) => vector(functions, shared.count + count, () => functions.unsigned(0)));
  section(out, SECTION.exports, (exports) =>
    vector(exports, count, (i) => {
      name(exports, `f${i}`);
      exports.byte(KIND.function);
      exports.unsigned(1 + shared.count + i);
    }),
  );
  section(out, SECTION.code, (body) => {
    body.unsigned(shared.count + count);
    body.append(shared.code);
    body.append(code);
  });
  return out.bytes.slice();
}

function importOutside(imports: Writer): void {
  name(imports, 'e');
  name(imports, 'o');
  imports.byte(KIND.function);
  imports.unsigned(1);
}

/** The host's function once more, as one of WebAssembly: each module that imports one of JavaScript would get a wrapper of its own. */
function outsideCode(): Writer {
  const code = new Writer();
  for (const byte of [0, OP.local_get, 0, OP.call, 0, OP.end]) code.byte(byte);
  return code;
}

const CPU = 0;
const TABLES = 1;
const PC = 2;
const SLOT = 3;
const WHY = 4;

/**
 * Calls region after region: that of NEXT, as long as there is one, its page is where it was, and it returns to go on. `slots` is the place of
 * the table in the arena.
 */
export function dispatcherModule(slots: number): Uint8Array {
  const out = new Writer();
  out.append(MAGIC);
  signatures(out);
  section(out, SECTION.imports, (imports) => {
    imports.unsigned(3);
    importMemory(imports);
    name(imports, 'e');
    name(imports, 't');
    imports.byte(KIND.table);
    imports.byte(FUNCREF);
    imports.byte(0);
    imports.unsigned(0);
    importOutside(imports);
  });
  const functions = ['run', 'outside'];
  section(out, SECTION.functions, (types) => vector(types, functions.length, (i) => types.unsigned(i)));
  section(out, SECTION.exports, (exports) =>
    vector(exports, functions.length, (i) => {
      name(exports, functions[i] as string);
      exports.byte(KIND.function);
      exports.unsigned(i + 1);
    }),
  );
  section(out, SECTION.code, (body) =>
    vector(body, functions.length, (i) => {
      const code = i === 0 ? dispatcherCode(slots) : outsideCode();
      body.unsigned(code.length);
      body.append(code.bytes);
    }),
  );
  return out.bytes.slice();
}

function dispatcherCode(slots: number): Writer {
  const code = new Writer();
  const get = (local: number) => {
    code.byte(OP.local_get);
    code.unsigned(local);
  };
  const set = (local: number) => {
    code.byte(OP.local_set);
    code.unsigned(local);
  };
  const number = (value: number) => {
    code.byte(OP.i32_const);
    code.signed(value);
  };
  const load = (offset: number) => {
    code.byte(OP.i32_load);
    code.unsigned(2);
    code.unsigned(offset);
  };
  const op = (...ops: number[]) => {
    for (const one of ops) code.byte(one);
  };
  const leaveIf = (why: number) => {
    op(OP.if, NOTHING);
    number(why);
    op(OP.return, OP.end);
  };
  vector(code, 1, () => {
    code.unsigned(3);
    code.byte(I32);
  });
  op(OP.loop, NOTHING);
  get(CPU);
  load(SCALARS_OFFSET + 4 * S.NEXT);
  set(PC);
  // slotOf(key)
  get(PC);
  number(1);
  op(OP.i32_shr_u);
  get(PC);
  number(13);
  op(OP.i32_shr_u, OP.i32_xor);
  number(SLOTS - 1);
  op(OP.i32_and);
  number(Math.log2(SLOT_BYTES));
  op(OP.i32_shl);
  set(SLOT);
  // The region's key, and the page that may be executed there.
  get(SLOT);
  load(slots);
  get(PC);
  get(CPU);
  load(SCALARS_OFFSET + 4 * S.T);
  op(OP.i32_or, OP.i32_ne);
  leaveIf(LEAVE.miss);
  get(PC);
  number(9);
  op(OP.i32_shr_u);
  number(FastTable.BYTES - 8);
  op(OP.i32_and);
  get(TABLES);
  op(OP.i32_add);
  set(WHY);
  get(WHY);
  load(EXECUTE);
  get(PC);
  number(~0xfff);
  op(OP.i32_and, OP.i32_ne);
  get(WHY);
  load(EXECUTE + 4);
  get(SLOT);
  load(slots + 8);
  op(OP.i32_ne, OP.i32_or);
  leaveIf(LEAVE.miss);
  get(CPU);
  get(TABLES);
  get(SLOT);
  load(slots + 4);
  op(OP.call_indirect);
  code.unsigned(0);
  code.unsigned(0);
  op(OP.local_tee);
  code.unsigned(WHY);
  op(OP.i32_eqz, OP.br_if);
  code.unsigned(0);
  get(WHY);
  op(OP.return, OP.end, OP.unreachable, OP.end);
  return code;
}
