import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuRegions } from '../../../../core/machine/devicetree/addresses.ts';
import { readDtb } from '../../../../core/machine/devicetree/dtb-reader.ts';
import { writeDtb } from '../../../../core/machine/devicetree/dtb-writer.ts';
import { parseDts } from '../../../../core/machine/devicetree/dts-parser.ts';
import { DeviceTreeError } from '../../../../core/machine/devicetree/error.ts';
import { interrupts } from '../../../../core/machine/devicetree/interrupts.ts';
import type { DeviceTree } from '../../../../core/machine/devicetree/tree.ts';
import { disk, parseFiles, SOURCES } from './sources.ts';

const names = readdirSync(SOURCES).filter((name) => name.endsWith('.dts'));
const texts = names.map((name) => readFileSync(`${SOURCES}/${name}`));
const blobs = names.map((name) => writeDtb(parseDts(`${SOURCES}/${name}`, disk(`${SOURCES}/include`))));
const include = Object.fromEntries(
  readdirSync(`${SOURCES}/include`).map((name) => [`include/${name}`, readFileSync(`${SOURCES}/include/${name}`)]),
);

/** Longest time that one input may take; the machine may be busy. */
const PATIENCE_MS = 5000;

/** Uses all that a tree offers; only complaints about the tree may come out. */
function exercise(make: () => DeviceTree): void {
  const start = Date.now();
  try {
    const tree = make();
    expect(writeDtb(readDtb(writeDtb(tree), 'again'))).toEqual(writeDtb(tree));
    for (const node of tree.root.walk()) {
      attempt(() => cpuRegions(node));
      attempt(() => interrupts(node));
      attempt(() => node.compatible);
      attempt(() => node.okay);
    }
  } catch (error) {
    if (!(error instanceof DeviceTreeError)) throw error;
  }
  expect(Date.now() - start).toBeLessThan(PATIENCE_MS);
}

function attempt(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof DeviceTreeError)) throw error;
  }
}

/** Cuts, doubles, swaps and overwrites parts of one of the originals. */
function mutations(originals: readonly Uint8Array[], bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({ at: fc.nat(), length: fc.nat(40), by: bytes, keep: fc.boolean() });
  return fc.tuple(fc.constantFrom(...originals), fc.array(edit, { minLength: 1, maxLength: 8 })).map(([original, edits]) =>
    edits.reduce<Uint8Array>((text, { at, length, by, keep }) => {
      const from = at % (text.length + 1);
      return Buffer.concat([text.subarray(0, from), by, text.subarray(keep ? from : from + length)]);
    }, original),
  );
}

/** Changes bytes in place, so that the rest keeps its offsets. */
function flips(originals: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const flip = fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 9, 0x7f, 0x80, 0xff), fc.nat(255)));
  return fc.tuple(fc.constantFrom(...originals), fc.array(flip, { minLength: 1, maxLength: 6 })).map(([original, list]) => {
    const bytes = original.slice();
    for (const [at, value] of list) bytes[at % bytes.length] = value;
    return bytes;
  });
}

const WORDS = '{ } ; < > = ( ) [ ] " \' / \\ & # ## ? : , + - * /* */ // << && \n'.split(' ');
const MORE =
  '/dts-v1/; /bits/ /incbin/ /include/ /delete-node/ #if #else #endif #define F(x) #include __VA_ARGS__ label: &x 0x 1 a@1'.split(
    ' ',
  );
const snippet = fc.oneof(
  fc.constantFrom(...WORDS, ...MORE).map((word) => Buffer.from(word)),
  fc.uint8Array({ maxLength: 6 }),
);

describe('whatever is read', () => {
  const parse = (text: Uint8Array) => exercise(() => parseFiles({ ...include, 'test.dts': text }, 'include'));

  it('a damaged source gives a tree or one complaint', () => {
    fc.assert(fc.property(mutations(texts, snippet), parse), { numRuns: 1500 });
  });

  it('a truncated source gives a tree or one complaint', () => {
    for (const text of texts) for (let length = 0; length < text.length; length += 7) parse(text.subarray(0, length));
  });

  it('garbage gives one complaint', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), parse), { numRuns: 300 });
    const words = fc
      .array(fc.constantFrom(...WORDS, ...MORE), { maxLength: 200 })
      .map((list) => Buffer.from(`/dts-v1/; / { ${list.join(' ')}`));
    fc.assert(fc.property(words, parse), { numRuns: 500 });
  });

  it('a damaged DTB gives a tree or one complaint', () => {
    const read = (bytes: Uint8Array) => exercise(() => readDtb(bytes, 'x.dtb'));
    fc.assert(fc.property(flips(blobs), read), { numRuns: 3000 });
    fc.assert(fc.property(mutations(blobs, fc.uint8Array({ maxLength: 8 })), read), { numRuns: 500 });
  });
});
