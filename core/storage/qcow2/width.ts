/** Refcounts of 1 to 64 bits in a block. Reference: QEMU, docs/interop/qcow2.txt, 'Host cluster management'. */
import { get64, put64 } from '../bytes.ts';

export interface Width {
  readonly bits: number;
  get(view: DataView, index: number): number;
  set(view: DataView, index: number, value: number): void;
}

/** Several in a byte: the first in the lowest bits. */
function narrow(bits: number): Width {
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  return {
    bits,
    get: (view, index) => (view.getUint8(Math.floor(index / perByte)) >>> ((index % perByte) * bits)) & mask,
    set(view, index, value) {
      const [at, shift] = [Math.floor(index / perByte), (index % perByte) * bits];
      view.setUint8(at, (view.getUint8(at) & ~(mask << shift)) | (value << shift));
    },
  };
}

/** By refcount_order. */
const WIDTHS: readonly Width[] = [
  narrow(1),
  narrow(2),
  narrow(4),
  { bits: 8, get: (view, i) => view.getUint8(i), set: (view, i, value) => view.setUint8(i, value) },
  { bits: 16, get: (view, i) => view.getUint16(i * 2), set: (view, i, value) => view.setUint16(i * 2, value) },
  { bits: 32, get: (view, i) => view.getUint32(i * 4), set: (view, i, value) => view.setUint32(i * 4, value) },
  { bits: 64, get: (view, i) => get64(view, i * 8), set: (view, i, value) => put64(view, i * 8, value) },
];

export const widthOf = (order: number): Width => WIDTHS[order] as Width;
