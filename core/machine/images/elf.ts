/** ELF executables for 32-bit Arm. References: System V ABI, chapter 4 and 5; IHI 0044 (ELF for the Arm architecture). */
import { ImageError } from './error.ts';

/** A piece of the image: `data` goes to physical address `address`, followed by zeros up to `size` bytes. */
export interface Segment {
  readonly address: number;
  readonly data: Uint8Array;
  readonly size: number;
}

export interface ElfImage {
  readonly entry: number;
  readonly segments: readonly Segment[];
}

const EM_ARM = 40;
const PT_LOAD = 1;
const MACHINES: Readonly<Record<number, string>> = {
  3: 'x86',
  8: 'MIPS',
  20: 'PowerPC',
  62: 'x86-64',
  183: 'AArch64',
  243: 'RISC-V',
};

export const isElf = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;

/** Reads the loadable segments, placed by their physical addresses. Throws ImageError. */
export function readElf(bytes: Uint8Array): ElfImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 52) throw new ImageError(`the ELF header is cut off: 52 bytes expected, the file has ${bytes.length}`);
  checkHeader(bytes, view);
  const entry = view.getUint32(24, true);
  const table = view.getUint32(28, true);
  const entrySize = view.getUint16(42, true);
  const count = view.getUint16(44, true);
  if (count === 0 || entrySize < 32) throw new ImageError('the ELF file has no program headers: link it as an executable');
  if (table + count * entrySize > bytes.length) throw new ImageError('the ELF file is cut off within its program headers');
  const segments: Segment[] = [];
  for (let i = 0; i < count; i++) {
    const at = table + i * entrySize;
    if (view.getUint32(at, true) === PT_LOAD) segments.push(segment(bytes, view, at, i));
  }
  if (segments.every(({ size }) => size === 0)) throw new ImageError('the ELF file has nothing to load (no PT_LOAD segment)');
  return { entry, segments: segments.filter(({ size }) => size > 0) };
}

function checkHeader(bytes: Uint8Array, view: DataView): void {
  const machine = view.getUint16(18, bytes[5] !== 2);
  if (bytes[4] !== 1)
    throw new ImageError(`a 64-bit ELF file (${MACHINES[machine] ?? `machine ${machine}`}): a 32-bit Arm executable is needed`);
  if (bytes[5] !== 1) throw new ImageError('a big-endian ELF file: ARMv7-A code is little-endian');
  if (machine !== EM_ARM)
    throw new ImageError(`an ELF file for ${MACHINES[machine] ?? `machine ${machine}`}: 32-bit Arm is needed`);
  const type = view.getUint16(16, true);
  if (type !== 2 && type !== 3) throw new ImageError('an ELF object that is not linked: link it as an executable');
}

function segment(bytes: Uint8Array, view: DataView, at: number, i: number): Segment {
  const offset = view.getUint32(at + 4, true);
  const address = view.getUint32(at + 12, true);
  const fileSize = view.getUint32(at + 16, true);
  const size = view.getUint32(at + 20, true);
  if (offset + fileSize > bytes.length) {
    throw new ImageError(`the ELF file is cut off: segment ${i} ends at byte ${offset + fileSize}, the file has ${bytes.length}`);
  }
  if (fileSize > size)
    throw new ImageError(`segment ${i} of the ELF file has more bytes in the file (${fileSize}) than in memory (${size})`);
  return { address, data: bytes.subarray(offset, offset + fileSize), size };
}
