/**
 * Going through the lanes of vectors. Reference: Arm DDI 0406C, A2.6.2, and the loops over `r` and `e` in the operations of A8.8.
 *
 * An operation is told the element of the first operand, that of the second one (or a constant), what the destination holds, the type of
 * the result, and where saturation and floating-point exceptions are recorded. Results are gathered apart, so that registers may overlap.
 */
import { type ElementType, ElementViews, firstElement } from '../fp/elements.ts';
import type { FpRegisters } from '../fp/registers.ts';

export interface Operation {
  lane(a: number, b: number, c: number, type: ElementType, fp: FpRegisters): number;
  /** The same where the result or the first operand has 64 bits. */
  wide?(a: bigint, b: bigint, c: bigint, type: ElementType, fp: FpRegisters): bigint;
}

/** Working memory, no state. */
const buffer = new ArrayBuffer(16);
const result = new ElementViews(buffer, 0, 16);
const words = new Int32Array(buffer);

function commit(fp: FpRegisters, d: number, bytes: number): void {
  for (let i = 0; i < bytes >> 2; i++) fp.w[2 * d + i] = words[i]!;
}

/** `count` lanes of D[d] from those of D[n] and D[m]. */
export function mapLanes(
  fp: FpRegisters,
  operation: Operation,
  to: ElementType,
  types: readonly [ElementType, ElementType],
  d: number,
  n: number,
  m: number,
  count: number,
): void {
  const [typeN, typeM] = types;
  const [atD, atN, atM] = [firstElement(to, d), firstElement(typeN, n), firstElement(typeM, m)];
  const { elements } = fp;
  if (to.bits === 64 || typeN.bits === 64) {
    for (let i = 0; i < count; i++) {
      const [a, b, c] = [elements.read(typeN, atN + i), elements.read(typeM, atM + i), elements.read(to, atD + i)];
      result.write(to, i, operation.wide!(a, b, c, to, fp));
    }
  } else {
    const [into, before] = [result.numbers[to.index]!, elements.numbers[to.index]!];
    const [first, second] = [elements.numbers[typeN.index]!, elements.numbers[typeM.index]!];
    for (let i = 0; i < count; i++) into[i] = operation.lane(first[atN + i]!, second[atM + i]!, before[atD + i]!, to, fp);
  }
  commit(fp, d, (count * to.bits) >> 3);
}

/** `count` lanes of D[d] from those of D[n] and one number. */
export function mapConstant(
  fp: FpRegisters,
  operation: Operation,
  to: ElementType,
  from: ElementType,
  d: number,
  n: number,
  constant: number,
  count: number,
): void {
  const [atD, atN] = [firstElement(to, d), firstElement(from, n)];
  const { elements } = fp;
  if (to.bits === 64 || from.bits === 64) {
    const b = BigInt(constant);
    for (let i = 0; i < count; i++)
      result.write(to, i, operation.wide!(elements.read(from, atN + i), b, elements.read(to, atD + i), to, fp));
  } else {
    const [into, before, first] = [result.numbers[to.index]!, elements.numbers[to.index]!, elements.numbers[from.index]!];
    for (let i = 0; i < count; i++) into[i] = operation.lane(first[atN + i]!, constant, before[atD + i]!, to, fp);
  }
  commit(fp, d, (count * to.bits) >> 3);
}

/** D[d] from the pairs of neighbours of D[n], then those of D[m]. */
export function mapPairs(fp: FpRegisters, operation: Operation, type: ElementType, d: number, n: number, m: number): void {
  const half = 32 / type.bits;
  const [into, from] = [result.numbers[type.index]!, fp.elements.numbers[type.index]!];
  for (let i = 0; i < 2 * half; i++) {
    const at = i < half ? firstElement(type, n) + 2 * i : firstElement(type, m) + 2 * (i - half);
    into[i] = operation.lane(from[at]!, from[at + 1]!, 0, type, fp);
  }
  commit(fp, d, 8);
}

/** `count` lanes of D[d], each from a pair of neighbours of half its size. */
export function mapLongPairs(
  fp: FpRegisters,
  operation: Operation,
  to: ElementType,
  from: ElementType,
  d: number,
  m: number,
  count: number,
): void {
  const [atD, atM] = [firstElement(to, d), firstElement(from, m)];
  const { elements } = fp;
  if (to.bits === 64) {
    for (let i = 0; i < count; i++) {
      const [a, b] = [elements.read(from, atM + 2 * i), elements.read(from, atM + 2 * i + 1)];
      result.write(to, i, operation.wide!(a, b, elements.read(to, atD + i), to, fp));
    }
  } else {
    const [into, before, pairs] = [result.numbers[to.index]!, elements.numbers[to.index]!, elements.numbers[from.index]!];
    for (let i = 0; i < count; i++)
      into[i] = operation.lane(pairs[atM + 2 * i]!, pairs[atM + 2 * i + 1]!, before[atD + i]!, to, fp);
  }
  commit(fp, d, (count * to.bits) >> 3);
}

/** `count` bytes of D[d], byte by byte as `pick` says. */
export function gather(fp: FpRegisters, d: number, count: number, pick: (index: number) => number): void {
  const into = result.numbers[0]!;
  for (let i = 0; i < count; i++) into[i] = pick(i);
  commit(fp, d, count);
}
