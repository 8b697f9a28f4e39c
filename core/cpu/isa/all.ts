/** Every instruction, by name. The decoder, the disassembler and the tests start from this record. */
import type { Instruction } from '../insn.ts';
import * as arithmeticImmediate from './arithmetic-immediate.ts';
import * as arithmeticRegister from './arithmetic-register.ts';
import * as arithmeticShifted from './arithmetic-shifted.ts';
import * as bitField from './bit-field.ts';
import * as branch from './branch.ts';
import * as calls from './calls.ts';
import * as coprocessor from './coprocessor.ts';
import * as divide from './divide.ts';
import * as exceptionReturn from './exception-return.ts';
import * as exclusive from './exclusive.ts';
import * as extend from './extend.ts';
import * as hints from './hints.ts';
import * as loadLiteral from './load-literal.ts';
import * as loadStoreDual from './load-store-dual.ts';
import * as loadStoreImmediate from './load-store-immediate.ts';
import * as loadStoreMultiple from './load-store-multiple.ts';
import * as loadStoreRegister from './load-store-register.ts';
import * as loadStoreUnprivileged from './load-store-unprivileged.ts';
import * as logicalImmediate from './logical-immediate.ts';
import * as logicalRegister from './logical-register.ts';
import * as logicalShifted from './logical-shifted.ts';
import * as move from './move.ts';
import * as multiply from './multiply.ts';
import * as multiplyHalfword from './multiply-halfword.ts';
import * as neonBitwise from './neon-bitwise.ts';
import * as neonCompare from './neon-compare.ts';
import * as neonConvert from './neon-convert.ts';
import * as neonFloat from './neon-float.ts';
import * as neonImmediate from './neon-immediate.ts';
import * as neonInteger from './neon-integer.ts';
import * as neonLoad from './neon-load.ts';
import * as neonLong from './neon-long.ts';
import * as neonMisc from './neon-misc.ts';
import * as neonNarrow from './neon-narrow.ts';
import * as neonPermute from './neon-permute.ts';
import * as neonScalar from './neon-scalar.ts';
import * as neonShift from './neon-shift.ts';
import * as neonStore from './neon-store.ts';
import * as pack from './pack.ts';
import * as parallel from './parallel.ts';
import * as preload from './preload.ts';
import * as saturating from './saturating.ts';
import * as statusRegisters from './status-registers.ts';
import * as thumbEeState from './thumb-ee-state.ts';
import * as vfpArithmetic from './vfp-arithmetic.ts';
import * as vfpCompare from './vfp-compare.ts';
import * as vfpConvert from './vfp-convert.ts';
import * as vfpLoadStore from './vfp-load-store.ts';
import * as vfpMove from './vfp-move.ts';
import * as vfpMultiply from './vfp-multiply.ts';
import * as vfpScalar from './vfp-scalar.ts';
import * as vfpSystem from './vfp-system.ts';

/** Files also export the functions that their instructions share. */
type Group = Readonly<Record<string, Instruction | ((...args: never[]) => unknown)>>;

/** The instructions by file. */
export const GROUPS = {
  arithmeticImmediate,
  arithmeticRegister,
  arithmeticShifted,
  bitField,
  branch,
  calls,
  coprocessor,
  divide,
  exceptionReturn,
  exclusive,
  extend,
  hints,
  loadLiteral,
  loadStoreDual,
  loadStoreImmediate,
  loadStoreMultiple,
  loadStoreRegister,
  loadStoreUnprivileged,
  logicalImmediate,
  logicalRegister,
  logicalShifted,
  move,
  multiply,
  multiplyHalfword,
  neonBitwise,
  neonCompare,
  neonConvert,
  neonFloat,
  neonImmediate,
  neonInteger,
  neonLoad,
  neonLong,
  neonMisc,
  neonNarrow,
  neonPermute,
  neonScalar,
  neonShift,
  neonStore,
  pack,
  parallel,
  preload,
  saturating,
  statusRegisters,
  thumbEeState,
  vfpArithmetic,
  vfpCompare,
  vfpConvert,
  vfpLoadStore,
  vfpMove,
  vfpMultiply,
  vfpScalar,
  vfpSystem,
} as const satisfies Readonly<Record<string, Group>>;

export const INSTRUCTIONS: Readonly<Record<string, Instruction>> = Object.fromEntries(
  Object.values<Group>(GROUPS)
    .flatMap((group) => Object.entries(group))
    .filter((entry): entry is [string, Instruction] => typeof entry[1] !== 'function'),
);
