/** Recognises an image by its content. References: Linux Documentation/arch/arm/booting.rst; U-Boot include/image.h for the uImage header. */
import { type ElfImage, isElf, readElf } from './elf.ts';
import { ImageError } from './error.ts';

export type Image =
  | ({ readonly kind: 'elf' } & ElfImage)
  /** A Linux zImage (Xen's image has the same header): position independent, entered at its first byte. */
  | { readonly kind: 'zImage'; readonly data: Uint8Array }
  /** U-Boot's legacy image: an uncompressed kernel for a fixed address. */
  | { readonly kind: 'uImage'; readonly data: Uint8Array; readonly load: number; readonly entry: number }
  | { readonly kind: 'raw'; readonly data: Uint8Array };

const ZIMAGE_MAGIC = 0x016f2818;
const UIMAGE_MAGIC = 0x27051956;
const [ARCH_ARM, TYPE_KERNEL, NO_COMPRESSION] = [2, 2, 0];

/** Reads an image; a raw one is anything that has no known header. Throws ImageError. */
export function readImage(bytes: Uint8Array): Image {
  if (bytes.length === 0) throw new ImageError('the file is empty');
  if (isElf(bytes)) return { kind: 'elf', ...readElf(bytes) };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length >= 64 && view.getUint32(0) === UIMAGE_MAGIC) return readUImage(bytes, view);
  if (bytes.length >= 48 && view.getUint32(0x24, true) === ZIMAGE_MAGIC) return { kind: 'zImage', data: bytes };
  return { kind: 'raw', data: bytes };
}

/** Top bytes of words that code starts with: a condition of AL, CPS, barriers and preloads. */
const startsCode = (top: number): boolean => top >>> 4 === 0xe || top === 0xf1 || top === 0xf5;
const BRANCH = 0xea;

/** Whether bytes without a header may be A32 code: a branch, or four words that always execute. One random file in 250 may pass for it. */
export function looksLikeCode(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  const tops = [3, 7, 11, 15].filter((at) => at < bytes.length).map((at) => bytes[at] as number);
  return tops[0] === BRANCH || tops.every(startsCode);
}

function readUImage(bytes: Uint8Array, view: DataView): Image {
  const size = view.getUint32(12);
  if (64 + size > bytes.length)
    throw new ImageError(`the uImage is cut off: its header says ${size} bytes, ${bytes.length - 64} follow`);
  if (bytes[29] !== ARCH_ARM) throw new ImageError('a uImage for another architecture: 32-bit Arm is needed');
  if (bytes[30] !== TYPE_KERNEL) throw new ImageError('a uImage that is no kernel');
  if (bytes[31] !== NO_COMPRESSION) throw new ImageError('a compressed uImage: make it without compression (mkimage -C none)');
  return { kind: 'uImage', data: bytes.subarray(64, 64 + size), load: view.getUint32(16), entry: view.getUint32(20) };
}
