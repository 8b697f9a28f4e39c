/** The modules that the translator makes: the dispatcher, and batches of regions. */
import { FastTable } from '../cpu/fast-table.ts';
import * as S from '../cpu/scalars.ts';
import { SCALARS_OFFSET, SCRATCH_OFFSET } from '../cpu/state.ts';
import { Assembly, LOCAL, PARAMETERS, TYPE } from './assembly.ts';
import { EXECUTE, LEAVE } from './emitter.ts';
import { EXCEPTION, exceptionFunctions, RESULT } from './exceptions.ts';
import type { RegionCode } from './kept-entry.ts';
import { vfpFunctions } from './lowering/vfp-functions.ts';
import { LEFT_REGION, PUBLISHED } from './published.ts';
import { EMPTY, HASH, PROBES, SLOT, Slots } from './slots.ts';
import { runRecords } from './threaded/executor.ts';
import { FUNCREF, FUNCTION_TYPE, I32, KIND, MAGIC, NOTHING, name, OP, SECTION, section, vector, Writer } from './wasm.ts';

function signatures(out: Writer): void {
  section(out, SECTION.types, (types) =>
    vector(types, PARAMETERS.length, (i) => {
      types.byte(FUNCTION_TYPE);
      vector(types, PARAMETERS[i] as number, () => types.byte(I32));
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

const NO_FUNCTIONS: ReturnType<typeof vfpFunctions> = { count: 0, code: new Uint8Array(0) };

/** A batch: `code` has the functions of the regions, each with its length in front. They call functions that follow the import, if any. */
export function batchModule(code: Writer, regions: readonly Pick<RegionCode, 'hints' | 'callsFunctions'>[]): Uint8Array {
  const shared = regions.some(({ callsFunctions }) => callsFunctions) ? vfpFunctions() : NO_FUNCTIONS;
  const hints = regions.map((region) => region.hints);
  return moduleOf(code, regions.length, TYPE.region, shared, hints);
}

/** Functions of records. */
export const handlersModule = (code: Writer, count: number): Uint8Array => moduleOf(code, count, TYPE.handler, NO_FUNCTIONS, []);

function moduleOf(
  code: Writer,
  count: number,
  type: number,
  shared: typeof NO_FUNCTIONS,
  hints: readonly Int32Array[],
): Uint8Array {
  const out = new Writer();
  out.append(MAGIC);
  signatures(out);
  section(out, SECTION.imports, (imports) => {
    imports.unsigned(2);
    importMemory(imports);
    importOutside(imports);
  });
  section(out, SECTION.functions, (functions) =>
    vector(functions, shared.count + count, (i) => functions.unsigned(i < shared.count ? TYPE.region : type)),
  );
  section(out, SECTION.exports, (exports) =>
    vector(exports, count, (i) => {
      name(exports, `f${i}`);
      exports.byte(KIND.function);
      exports.unsigned(1 + shared.count + i);
    }),
  );
  if (hints.some(({ length }) => length > 0)) branchHints(out, 1 + shared.count, hints);
  section(out, SECTION.code, (body) => {
    body.unsigned(shared.count + count);
    body.append(shared.code);
    body.append(code.bytes);
  });
  return out.bytes.slice();
}

/**
 * Of functions from a number on, which way their branches usually go. What reads it keeps registers where they are on that way, though the other
 * calls functions; what does not, passes over it. Reference: WebAssembly's proposal "Branch Hinting".
 */
function branchHints(out: Writer, first: number, hints: readonly Int32Array[]): void {
  section(out, SECTION.custom, (content) => {
    name(content, 'metadata.code.branch_hint');
    vector(content, hints.length, (i) => {
      const own = hints[i] as Int32Array;
      content.unsigned(first + i);
      vector(content, own.length, (k) => {
        const hint = own[k] as number;
        content.unsigned(hint >>> 1);
        content.byte(1);
        content.byte(hint & 1);
      });
    });
  });
}

function importOutside(imports: Writer): void {
  name(imports, 'e');
  name(imports, 'o');
  imports.byte(KIND.function);
  imports.unsigned(TYPE.outside);
}

/** The host's function once more, as one of WebAssembly: each module that imports one of JavaScript would get a wrapper of its own. */
function outsideCode(): Writer {
  const code = new Writer();
  for (const byte of [0, OP.local_get, 0, OP.call, 0, OP.end]) code.byte(byte);
  return code;
}

const { CPU, TABLES, PC, KEY, DELTA, AT, LEFT, INDEX } = LOCAL;

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
  const own = new Writer();
  const count = functions.length + exceptionFunctions(own);
  section(out, SECTION.functions, (types) => vector(types, count, (i) => types.unsigned(i === 1 ? TYPE.outside : TYPE.region)));
  section(out, SECTION.exports, (exports) =>
    vector(exports, functions.length, (i) => {
      name(exports, functions[i] as string);
      exports.byte(KIND.function);
      exports.unsigned(i + 1);
    }),
  );
  section(out, SECTION.code, (body) => {
    body.unsigned(count);
    for (const code of [dispatcherCode(slots), outsideCode()]) {
      body.unsigned(code.length);
      body.append(code.bytes);
    }
    body.append(own.bytes);
  });
  return out.bytes.slice();
}

/** Added to the place of the tables: to try the instruction at NEXT first. */
export const TRY = 1;

function dispatcherCode(slots: number): Writer {
  const code = new Assembly();
  vector(code, 1, () => {
    code.unsigned(LOCAL.count - 2);
    code.byte(I32);
  });
  tryException(code);
  code.get(CPU);
  code.load(SCALARS_OFFSET + 4 * S.NEXT);
  code.set(PC);
  code.op(OP.loop, NOTHING);
  findPage(code);
  findSlot(code, slots);
  countEntry(code, slots);
  callIndex(code, slots);
  code.get(PC);
  code.number(1);
  code.op(OP.i32_and, OP.i32_eqz, OP.br_if);
  code.unsigned(0);
  tryUntranslated(code);
  code.get(CPU);
  code.get(INDEX);
  code.store(SCRATCH_OFFSET + 4 * LEFT_REGION);
  code.get(PC);
  code.op(OP.return, OP.end, OP.unreachable, OP.end);
  return code;
}

/** Calls the region of the slot, or executes its block of threaded code. */
function callIndex(code: Assembly, slots: number): void {
  code.get(AT);
  code.load(slots + SLOT.index);
  code.op(OP.local_tee);
  code.unsigned(INDEX);
  code.number(0);
  code.op(OP.i32_lt_s, OP.if, NOTHING);
  runRecords(code);
  code.op(OP.else);
  code.get(CPU);
  code.get(TABLES);
  code.get(INDEX);
  code.op(OP.call_indirect);
  code.unsigned(TYPE.region);
  code.unsigned(0);
  code.set(PC);
  code.op(OP.end);
}

/** If the place of the tables is odd, the instruction at NEXT is one that a region has left; after it the mode may be another. */
function tryException(code: Assembly): void {
  code.get(TABLES);
  code.number(TRY);
  code.op(OP.i32_and, OP.if, NOTHING);
  exceptionAtNext(code, () => {
    code.get(TABLES);
    code.number(TRY);
    code.op(OP.i32_xor);
  });
  code.op(OP.end);
}

/** If the region came to an instruction that none has, the loop goes on after it. */
function tryUntranslated(code: Assembly): void {
  code.get(PC);
  code.number(LEAVE.untranslated);
  code.op(OP.i32_eq, OP.if, NOTHING);
  exceptionAtNext(code, () => code.get(TABLES));
  code.get(CPU);
  code.load(SCALARS_OFFSET + 4 * S.NEXT);
  code.set(PC);
  code.op(OP.br);
  code.unsigned(1);
  code.op(OP.end);
}

/** Does the instruction at NEXT and takes the tables that are then good; returns if that is not for the dispatcher, or if the engine has to look up. */
function exceptionAtNext(code: Assembly, putTables: () => void): void {
  code.get(CPU);
  putTables();
  code.op(OP.call);
  code.unsigned(EXCEPTION);
  code.op(OP.local_tee);
  code.unsigned(PC);
  code.op(OP.if, NOTHING);
  code.number(LEAVE.attend);
  code.number(LEAVE.undone);
  code.get(PC);
  code.number(RESULT.attend);
  code.op(OP.i32_eq, OP.select, OP.return, OP.end);
  code.get(CPU);
  code.load(SCRATCH_OFFSET + 4 * PUBLISHED.tables);
  code.set(TABLES);
}

/** The key, and where the page is, which must be one that may be executed. */
function findPage(code: Assembly): void {
  code.get(PC);
  code.get(CPU);
  code.load(SCALARS_OFFSET + 4 * S.T);
  code.op(OP.i32_or);
  code.set(KEY);
  code.get(PC);
  code.number(9);
  code.op(OP.i32_shr_u);
  code.number(FastTable.BYTES - 8);
  code.op(OP.i32_and);
  code.get(TABLES);
  code.op(OP.i32_add);
  code.set(AT);
  code.get(AT);
  code.load(EXECUTE);
  code.get(PC);
  code.number(~0xfff);
  code.op(OP.i32_and, OP.i32_ne);
  code.leaveIf(LEAVE.miss);
  code.get(AT);
  code.load(EXECUTE + 4);
  code.set(DELTA);
}

/** The slot of the key and the page, as in `Slots`. */
function findSlot(code: Assembly, slots: number): void {
  code.get(KEY);
  code.number(HASH.factor);
  code.op(OP.i32_mul);
  code.number(HASH.shift);
  code.op(OP.i32_shr_u);
  code.number(Math.log2(SLOT.bytes));
  code.op(OP.i32_shl);
  code.set(AT);
  probe(code, slots);
}

/** From slot to slot, until it is the one. */
function probe(code: Assembly, slots: number): void {
  code.number(PROBES);
  code.set(LEFT);
  code.op(OP.block, NOTHING, OP.loop, NOTHING);
  code.get(AT);
  code.load(slots + SLOT.key);
  code.op(OP.local_tee);
  code.unsigned(INDEX);
  code.get(KEY);
  code.op(OP.i32_xor);
  code.get(AT);
  code.load(slots + SLOT.delta);
  code.get(DELTA);
  code.op(OP.i32_xor, OP.i32_or, OP.i32_eqz, OP.br_if);
  code.unsigned(1);
  code.get(LEFT);
  code.number(1);
  code.op(OP.i32_sub, OP.local_tee);
  code.unsigned(LEFT);
  code.op(OP.i32_eqz);
  code.get(INDEX);
  code.number(EMPTY);
  code.op(OP.i32_eq, OP.i32_or);
  code.leaveIf(LEAVE.miss);
  code.get(AT);
  code.number(SLOT.bytes);
  code.op(OP.i32_add);
  code.number(Slots.BYTES - SLOT.bytes);
  code.op(OP.i32_and);
  code.set(AT);
  code.op(OP.br);
  code.unsigned(0);
  code.op(OP.end, OP.end);
}

/** One entry less is left. */
function countEntry(code: Assembly, slots: number): void {
  code.get(AT);
  code.get(AT);
  code.load(slots + SLOT.entries);
  code.number(1);
  code.op(OP.i32_sub, OP.local_tee);
  code.unsigned(INDEX);
  code.store(slots + SLOT.entries);
  code.get(INDEX);
  code.number(0);
  code.op(OP.i32_lt_s);
  code.leaveIf(LEAVE.warm);
}
