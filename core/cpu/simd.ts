/**
 * The arithmetic of Advanced SIMD, on register numbers of an `FpRegisters`. Reference: Arm DDI 0406C, A7.4, A8.8.
 *
 * The tables INTEGER, SHIFT, FLOAT and so on have what is done to one element; the functions below say which elements meet. `U` is 1 for
 * unsigned elements, `size` the logarithm of an element's bytes, `Q` 1 for quadwords; `d`, `n` and `m` are numbers of D registers.
 */
import { elementType, firstElement } from './fp/elements.ts';
import type { FpRegisters } from './fp/registers.ts';
import { mapConstant, mapLanes, mapLongPairs, mapPairs, type Operation } from './simd/lanes.ts';

export * from './simd/bitwise.ts';
export { CONVERT } from './simd/convert.ts';
export { ESTIMATE } from './simd/estimate.ts';
export { FLOAT } from './simd/float.ts';
export { INTEGER } from './simd/integer.ts';
export * from './simd/permute.ts';
export { SHIFT } from './simd/shift.ts';

const lanes = (size: number, Q: number): number => (Q ? 16 : 8) >> size;

/** Elements of one type throughout. */
export function simdSame(
  fp: FpRegisters,
  operation: Operation,
  U: number,
  size: number,
  Q: number,
  d: number,
  n: number,
  m: number,
): void {
  const type = elementType(size, U);
  mapLanes(fp, operation, type, [type, type], d, n, m, lanes(size, Q));
}

/** Results of twice the size of the operands: Q = D op D. */
export function simdLong(fp: FpRegisters, operation: Operation, U: number, size: number, d: number, n: number, m: number): void {
  const type = elementType(size, U);
  mapLanes(fp, operation, elementType(size + 1, U), [type, type], d, n, m, lanes(size, 0));
}

/** The second operand is half the size: Q = Q op D. */
export function simdWide(fp: FpRegisters, operation: Operation, U: number, size: number, d: number, n: number, m: number): void {
  const type = elementType(size + 1, U);
  mapLanes(fp, operation, type, [type, elementType(size, U)], d, n, m, lanes(size, 0));
}

/** Results of half the size of the operands: D = Q op Q. `size` is that of the result. */
export function simdNarrow(fp: FpRegisters, operation: Operation, size: number, d: number, n: number, m: number): void {
  const type = elementType(size + 1, 1);
  mapLanes(fp, operation, elementType(size, 1), [type, type], d, n, m, lanes(size, 0));
}

const scalar = (fp: FpRegisters, U: number, size: number, m: number, x: number): number => {
  const type = elementType(size, U);
  return fp.elements.numbers[type.index]![firstElement(type, m) + x]!;
};

/** Each element with the scalar Dm[x]. */
export function simdScalar(
  fp: FpRegisters,
  operation: Operation,
  U: number,
  size: number,
  Q: number,
  d: number,
  n: number,
  m: number,
  x: number,
): void {
  const type = elementType(size, U);
  mapConstant(fp, operation, type, type, d, n, scalar(fp, U, size, m, x), lanes(size, Q));
}

export function simdScalarLong(
  fp: FpRegisters,
  operation: Operation,
  U: number,
  size: number,
  d: number,
  n: number,
  m: number,
  x: number,
): void {
  const constant = scalar(fp, U, size, m, x);
  mapConstant(fp, operation, elementType(size + 1, U), elementType(size, U), d, n, constant, lanes(size, 0));
}

/** Each element with a constant, 0 where the operation has one operand; `toU` is for the type of the result. */
export function simdConstant(
  fp: FpRegisters,
  operation: Operation,
  U: number,
  toU: number,
  size: number,
  Q: number,
  d: number,
  m: number,
  constant: number,
): void {
  mapConstant(fp, operation, elementType(size, toU), elementType(size, U), d, m, constant, lanes(size, Q));
}

/** `size` is that of the operand. */
export function simdConstantLong(
  fp: FpRegisters,
  operation: Operation,
  U: number,
  size: number,
  d: number,
  m: number,
  constant: number,
): void {
  mapConstant(fp, operation, elementType(size + 1, U), elementType(size, U), d, m, constant, lanes(size, 0));
}

/** `size` is that of the result. */
export function simdConstantNarrow(
  fp: FpRegisters,
  operation: Operation,
  U: number,
  toU: number,
  size: number,
  d: number,
  m: number,
  constant: number,
): void {
  mapConstant(fp, operation, elementType(size, toU), elementType(size + 1, U), d, m, constant, lanes(size, 0));
}

/** D registers, pairs of neighbours. */
export function simdPairs(fp: FpRegisters, operation: Operation, U: number, size: number, d: number, n: number, m: number): void {
  mapPairs(fp, operation, elementType(size, U), d, n, m);
}

/** Pairs of neighbours to elements of twice their size. */
export function simdLongPairs(
  fp: FpRegisters,
  operation: Operation,
  U: number,
  size: number,
  Q: number,
  d: number,
  m: number,
): void {
  mapLongPairs(fp, operation, elementType(size + 1, U), elementType(size, U), d, m, lanes(size + 1, Q));
}
