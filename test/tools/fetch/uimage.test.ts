import { expect, it } from 'vitest';
import { readImage } from '../../../core/machine/images/image.ts';
import { makeUImage } from '../../../tools/fetch/uimage.ts';

const kernel = Uint8Array.from({ length: 1000 }, (_, i) => i);

it('is read as a kernel with its address', () => {
  expect(readImage(makeUImage('Linux', kernel, 0x8020_8000))).toMatchObject({
    kind: 'uImage',
    load: 0x8020_8000,
    entry: 0x8020_8000,
  });
});

it('has the checksums of header and data', () => {
  const header = Buffer.from(makeUImage('Linux', new TextEncoder().encode('123456789'), 0x4020_8000)).subarray(0, 64);
  // cbf43926 is the check value of CRC-32; that of the header is what Python's zlib finds, with zero in its place.
  expect(header.toString('hex')).toBe(
    `27051956525f65ee00000000000000094020800040208000cbf43926050202004c696e7578${'00'.repeat(27)}`,
  );
});
