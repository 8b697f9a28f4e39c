/**
 * Where a zstd frame ends: the room of a compressed cluster goes on behind it. Reference: RFC 8878, section 3.1.1 (Zstandard Frames).
 */
import { viewOf } from './bytes.ts';

const MAGIC = 0xfd2fb528;
const BLOCK = { raw: 0, rle: 1, compressed: 2 } as const;

/** `undefined` if the bytes are no whole frame, or one that needs a dictionary. */
export function frameLength(bytes: Uint8Array): number | undefined {
  const view = viewOf(bytes);
  if (bytes.length < 9 || view.getUint32(0, true) !== MAGIC) return undefined;
  const descriptor = view.getUint8(4);
  const [sizeFlag, single, checksum, dictionary] = [
    descriptor >> 6,
    (descriptor >> 5) & 1,
    (descriptor >> 2) & 1,
    descriptor & 3,
  ];
  if (dictionary !== 0) return undefined;
  const contentSize = sizeFlag === 0 ? single : 2 ** sizeFlag;
  let at = 5 + (1 - single) + contentSize;
  for (let last = 0; last === 0; ) {
    if (at + 3 > bytes.length) return undefined;
    const block = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    const [type, size] = [(block >> 1) & 3, block >> 3];
    if (type > BLOCK.compressed) return undefined;
    last = block & 1;
    at += 3 + (type === BLOCK.rle ? 1 : size);
  }
  at += checksum * 4;
  return at <= bytes.length ? at : undefined;
}
