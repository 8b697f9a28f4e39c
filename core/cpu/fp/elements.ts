/** The types of elements that a vector can have, and a buffer seen as elements of each. Reference: Arm DDI 0406C, A2.6.2, A7.3. */

export interface ElementType {
  /** Place in `ElementViews.numbers`, or in `wide` for elements of 64 bits. */
  readonly index: number;
  /** The logarithm of the bytes, as the `size` of many encodings. */
  readonly size: number;
  readonly bits: number;
  /** The least and the greatest value, as both kinds of integers. */
  readonly least: number;
  readonly most: number;
  readonly wideLeast: bigint;
  readonly wideMost: bigint;
}

function makeType(size: number, unsigned: boolean): ElementType {
  const bits = 8 << size;
  const wideLeast = unsigned ? 0n : -(1n << BigInt(bits - 1));
  const wideMost = (1n << BigInt(unsigned ? bits : bits - 1)) - 1n;
  const index = size === 3 ? (unsigned ? 1 : 0) : size + (unsigned ? 3 : 0);
  return { index, size, bits, least: Number(wideLeast), most: Number(wideMost), wideLeast, wideMost };
}

const SIGNED = [0, 1, 2, 3].map((size) => makeType(size, false));
const UNSIGNED = [0, 1, 2, 3].map((size) => makeType(size, true));

export function elementType(size: number, unsigned: number): ElementType {
  return (unsigned === 0 ? SIGNED : UNSIGNED)[size]!;
}

/** Where the elements of a D register begin. */
export function firstElement(type: ElementType, d: number): number {
  return d << (3 - type.size);
}

type NumberView = Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

/** Storing takes a value modulo the size of the element, as the architecture does. */
export class ElementViews {
  readonly numbers: readonly NumberView[];
  readonly wide: readonly [BigInt64Array, BigUint64Array];

  constructor(buffer: ArrayBufferLike, byteOffset: number, bytes: number) {
    this.numbers = [
      new Int8Array(buffer, byteOffset, bytes),
      new Int16Array(buffer, byteOffset, bytes >> 1),
      new Int32Array(buffer, byteOffset, bytes >> 2),
      new Uint8Array(buffer, byteOffset, bytes),
      new Uint16Array(buffer, byteOffset, bytes >> 1),
      new Uint32Array(buffer, byteOffset, bytes >> 2),
    ];
    this.wide = [new BigInt64Array(buffer, byteOffset, bytes >> 3), new BigUint64Array(buffer, byteOffset, bytes >> 3)];
  }

  /** An element of any size. */
  read(type: ElementType, index: number): bigint {
    return type.bits === 64 ? this.wide[type.index]![index]! : BigInt(this.numbers[type.index]![index]!);
  }

  write(type: ElementType, index: number, value: bigint): void {
    if (type.bits === 64) this.wide[type.index]![index] = value;
    else this.numbers[type.index]![index] = Number(BigInt.asIntN(32, value));
  }
}
