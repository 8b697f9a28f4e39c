import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ImageError } from '../../../../core/machine/images/error.ts';
import { looksLikeCode, readImage } from '../../../../core/machine/images/image.ts';
import { elf } from '../rig.ts';

const small = elf([0xe1a00000, 0xeafffffe], 0x4000_8000);

/** A copy with bytes changed. */
const with_ = (bytes: Uint8Array, ...changes: readonly (readonly [at: number, value: number])[]): Uint8Array => {
  const copy = bytes.slice();
  for (const [at, value] of changes) copy[at] = value;
  return copy;
};

function uImage(changes: Readonly<Record<number, number>> = {}): Uint8Array {
  const bytes = new Uint8Array(64 + 8);
  const view = new DataView(bytes.buffer);
  for (const [at, word] of [
    [0, 0x27051956],
    [12, 8],
    [16, 0x40008000],
    [20, 0x40008004],
  ] as const)
    view.setUint32(at, word);
  bytes.set([5, 2, 2, 0], 28);
  bytes.set([1, 2, 3, 4, 5, 6, 7, 8], 64);
  return with_(bytes, ...Object.entries(changes).map(([at, value]) => [Number(at), value] as const));
}

describe('an ELF executable', () => {
  it('gives its segments by physical address, with what follows them as zeros', () => {
    const bytes = with_(small, [72, 0x20]);
    expect(readImage(bytes)).toEqual({
      kind: 'elf',
      entry: 0x4000_8000,
      segments: [{ address: 0x4000_8000, data: small.subarray(84), size: 0x20 }],
    });
  });

  it.each([
    ['an empty file', new Uint8Array(0), 'the file is empty'],
    ['a cut header', small.subarray(0, 40), 'the ELF header is cut off: 52 bytes expected, the file has 40'],
    ['cut program headers', small.subarray(0, 60), 'cut off within its program headers'],
    ['a cut segment', small.subarray(0, 88), 'segment 0 ends at byte 92, the file has 88'],
    ['a 64-bit file', with_(small, [4, 2], [18, 183]), 'a 64-bit ELF file (AArch64)'],
    ['a file for x86', with_(small, [18, 3]), 'an ELF file for x86: 32-bit Arm is needed'],
    ['a file for a machine without a name', with_(small, [18, 99]), 'an ELF file for machine 99'],
    ['a big-endian file', with_(small, [5, 2]), 'a big-endian ELF file'],
    ['an object file', with_(small, [16, 1]), 'an ELF object that is not linked'],
    ['a file without program headers', with_(small, [44, 0]), 'has no program headers'],
    ['a file with nothing to load', with_(small, [52, 4]), 'has nothing to load'],
    ['a segment smaller than its bytes', with_(small, [72, 4]), 'more bytes in the file (8) than in memory (4)'],
    ['a segment far beyond the file', with_(small, [71, 0xff], [75, 0xff]), 'cut off'],
  ])('is refused in one line: %s', (_, bytes, problem) => {
    expect(() => readImage(bytes)).toThrow(ImageError);
    expect(() => readImage(bytes)).toThrow(problem);
    expect(() => readImage(bytes)).not.toThrow('\n');
  });

  it('is refused as what it is when it was made for the host', () => {
    expect(() => readImage(readFileSync(process.execPath).subarray(0, 4096))).toThrow(/an? .*ELF file/);
  });
});

describe('other images', () => {
  it('a uImage says where it goes and where it is entered', () => {
    expect(readImage(uImage())).toEqual({
      kind: 'uImage',
      data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
      load: 0x4000_8000,
      entry: 0x4000_8004,
    });
  });

  it.each([
    ['cut off', { 15: 9 }, 'the uImage is cut off: its header says 9 bytes, 8 follow'],
    ['another architecture', { 29: 3 }, 'another architecture'],
    ['no kernel', { 30: 5 }, 'no kernel'],
    ['compressed', { 31: 1 }, 'compressed'],
  ])('a uImage is refused in one line: %s', (_, changes, problem) => {
    expect(() => readImage(uImage(changes))).toThrow(ImageError);
    expect(() => readImage(uImage(changes))).toThrow(problem);
  });

  it('a zImage is known by its magic number, all else is raw', () => {
    const bytes = new Uint8Array(64);
    new DataView(bytes.buffer).setUint32(0x24, 0x016f2818, true);
    expect(readImage(bytes)).toEqual({ kind: 'zImage', data: bytes });
    expect(readImage(bytes.subarray(0, 40))).toMatchObject({ kind: 'raw' });
    expect(readImage(Uint8Array.of(0x7f))).toEqual({ kind: 'raw', data: Uint8Array.of(0x7f) });
  });
});

describe('whatever the bytes are', () => {
  /** An ImageError, or an image whose parts lie within the file. */
  const survives = (bytes: Uint8Array): void => {
    try {
      const image = readImage(bytes);
      const parts = image.kind === 'elf' ? image.segments.map(({ data }) => data) : [image.data];
      for (const part of parts) expect(part.length).toBeLessThanOrEqual(bytes.length);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
    }
  };

  it.each([
    ['an ELF file', small],
    ['a uImage', uImage()],
  ])('only an ImageError comes of %s with some bytes changed', (_, good) => {
    const change = fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), fc.nat(good.length), (changes, cut) => {
        survives(with_(good, ...changes));
        survives(with_(good, ...changes).subarray(0, cut));
      }),
      { numRuns: 5000, seed: 1 },
    );
  });

  it('only an ImageError comes of random bytes behind a magic number', () => {
    const start = fc.constantFrom([], [0x7f, 0x45, 0x4c, 0x46], [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1], [0x27, 0x05, 0x19, 0x56]);
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 200 }), (magic, rest) => survives(Uint8Array.from([...magic, ...rest]))),
      { numRuns: 5000, seed: 2 },
    );
  });
});

it.each([
  ['a branch to the start', [0xea0000b8, 1, 2, 3], true],
  ['straight code', [0xe1a00000, 0xf10c00c0, 0xf57ff04f, 0xe3a00000], true],
  ['a file of one word', [0xe1a0f00e], true],
  ['text', [0x6c6c6548, 0x77202c6f, 0x646c726f, 0x0000000a], false],
  ['code for Thumb', [0xe7fe4770, 0x47704770, 0xbf00bf00, 0], false],
  ['zeros', [0, 0, 0, 0], false],
])('%s', (_, words, expected) => {
  expect(looksLikeCode(new Uint8Array(Uint32Array.from(words).buffer))).toBe(expected);
});
