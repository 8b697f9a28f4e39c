/** What an image says of itself, and what is refused. Reference: QEMU, docs/interop/qcow2.txt. */
import { describe, expect, it } from 'vitest';
import { MemoryFile } from '../../../../core/storage/block-file.ts';
import { bytesOf, put64, viewOf } from '../../../../core/storage/bytes.ts';
import { readHeader } from '../../../../core/storage/qcow2/header.ts';
import { newImage, openImage } from '../../../support/images.ts';

function header(set: (view: DataView, bytes: Uint8Array) => void, size = 2 ** 30): MemoryFile {
  const bytes = newImage(size, {}, { name: 'base.raw', format: 'raw' }).content();
  set(viewOf(bytes), bytes);
  return new MemoryFile(bytes);
}

describe('a header', () => {
  it('says what the image is', () => {
    expect(readHeader(header(() => {}))).toMatchObject({
      version: 3,
      clusterSize: 65_536,
      size: 2 ** 30,
      refcountOrder: 4,
      backing: 'base.raw',
      backingFormat: 'raw',
      compression: 'zlib',
      dirty: false,
      corrupt: false,
    });
  });

  it.each<[string, (view: DataView, bytes: Uint8Array) => void, RegExp]>([
    ['another magic number', (view) => view.setUint32(0, 1), /no qcow2 image/],
    ['version 1', (view) => view.setUint32(4, 1), /version 1/],
    ['tiny clusters', (view) => view.setUint32(20, 8), /2\^8 bytes/],
    ['huge clusters', (view) => view.setUint32(20, 22), /2\^22 bytes/],
    ['a disk larger than 2^53', (view) => view.setUint32(24, 0x7fff_ffff), /more than 2\^53/],
    ['LUKS', (view) => view.setUint32(32, 2), /encrypted \(LUKS\)/],
    ['an L1 table of 4 G entries', (view) => view.setUint32(36, 0xffff_ffff), /L1 table of 4294967295 entries/],
    ['an L1 table that is too small', (view) => view.setUint32(36, 1), /needs 2/],
    ['an L1 table between clusters', (view) => view.setUint32(44, 513), /L1 table at 513/],
    ['no refcount table', (view) => view.setUint32(56, 0), /no refcount table/],
    ['a huge refcount table', (view) => view.setUint32(56, 0xffff), /too large/],
    ['a million snapshots', (view) => view.setUint32(60, 2 ** 20), /snapshots: too many/],
    ['an external data file', (view) => view.setUint32(76, 4), /external data file/],
    ['extended L2 entries', (view) => view.setUint32(76, 16), /extended L2/],
    ['a compression type without its bit', (_, bytes) => bytes.fill(1, 104, 105), /compression type is 1/],
    ['an unknown feature', (view) => view.setUint32(72, 1), /unknown feature "bit 32"/],
    ['refcounts of 128 bits', (view) => view.setUint32(96, 7), /2\^7 bits/],
    ['a short header', (view) => view.setUint32(100, 96), /header of 96 bytes/],
    ['a long extension', (view) => view.setUint32(116, 2 ** 31), /header extension of 2147483648 bytes/],
    ['a long name below', (view) => view.setUint32(16, 1024), /name of 1024 bytes/],
    ['a name outside of the first cluster', (view) => put64(view, 8, 65_537), /outside of the first cluster/],
    ['a name that is no text', (view, bytes) => bytes.fill(0xff, view.getUint32(12), view.getUint32(12) + 3), /no text/],
  ])('is refused: %s', (_, set, why) => {
    expect(() => readHeader(header(set, 2 ** 30))).toThrow(why);
  });

  it('names an unknown feature as the image does', () => {
    const file = header((view, bytes) => {
      view.setUint32(76, 0x100);
      // The first entry of the feature name table: behind the format of what lies below.
      const at = bytes.findIndex((_, i) => i % 8 === 0 && view.getUint32(i) === 0x6803f857) + 8;
      bytes.set([0, 8, ...bytesOf('warp\u0007 drive'), 0], at);
    });
    expect(() => readHeader(file)).toThrow('unknown feature "warp\\u0007 drive"');
  });

  it.each([
    ['not closed properly', 1, /--repair refcounts/],
    ['marked as corrupt', 2, /marked as corrupt/],
  ])('of an image that is %s: read, but not written', (_, bit, why) => {
    const image = header((view) => view.setUint32(76, bit));
    expect(() => openImage(image)).toThrow(why);
    const fixed = new MemoryFile(image.content(), false);
    expect(openImage(fixed).size).toBe(2 ** 30);
  });
});
