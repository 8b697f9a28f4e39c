/** What is found wrong with images, compared with qemu-img check, and mended. */
import { afterAll, describe, expect, it } from 'vitest';
import { MemoryFile } from '../../../../core/storage/block-file.ts';
import { viewOf } from '../../../../core/storage/bytes.ts';
import { checkQcow2, repairQcow2 } from '../../../../core/storage/qcow2/check.ts';
import { readHeader } from '../../../../core/storage/qcow2/header.ts';
import { Random } from '../../../../tools/oracle/random.ts';
import { change, contentOf, filled, ImageBench, newImage, openImage, pattern, SOUND, same } from '../../../support/images.ts';
import { have } from '../../../support/oracles.ts';

const there = have('qemu-img', 'qemu-io');
const bench = new ImageBench();
afterAll(() => bench.remove());

function used(): Uint8Array {
  const file = newImage(2 ** 20, { clusterBits: 12 });
  const [volume, model] = [openImage(file), new Uint8Array(2 ** 20)];
  for (let i = 0, random = new Random(1); i < 20; i++) change(random, volume, model, 40_000);
  volume.flush();
  // Room at the end that nothing uses.
  file.truncate(file.size + 8192);
  return file.content();
}

/** Sets the refcount of a cluster. */
function setRefcount(bytes: Uint8Array, cluster: number, count: number): void {
  const view = viewOf(bytes);
  const block = view.getUint32(readHeader(new MemoryFile(bytes)).refcountTable + 4);
  view.setUint16(block + cluster * 2, count);
}

/** A cluster within the file that nothing uses. */
function freeCluster(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  const block = view.getUint32(readHeader(new MemoryFile(bytes)).refcountTable + 4);
  return [...Array(bytes.length / 4096).keys()].find((cluster) => view.getUint16(block + cluster * 2) === 0) as number;
}

/** The place in the file of some L2 entry with data. */
function dataEntry(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  const l2 = view.getUint32(readHeader(new MemoryFile(bytes)).l1Offset + 4);
  return [...Array(512).keys()]
    .map((i) => l2 + i * 8)
    .find((at) => view.getUint32(at) === 0x8000_0000 && view.getUint32(at + 4) > 1) as number;
}

describe('a check', () => {
  it.skipIf(!there).each<[string, (bytes: Uint8Array) => void]>([
    ['nothing', () => {}],
    ['a leak', (bytes) => setRefcount(bytes, freeCluster(bytes), 2)],
    ['a cluster that counts as free', (bytes) => setRefcount(bytes, 5, 0)],
    ['a flag that is missing', (bytes) => viewOf(bytes).setUint32(dataEntry(bytes), 0)],
    ['a cluster behind the end', (bytes) => viewOf(bytes).setUint32(dataEntry(bytes), 0x8000_1000)],
    ['a cluster at an odd place', (bytes) => viewOf(bytes).setUint32(dataEntry(bytes) + 4, 0x1e00)],
    ['an entry that is gone', (bytes) => viewOf(bytes).setUint32(dataEntry(bytes), 0)],
  ])('finds what QEMU finds: %s', (_, harm) => {
    const bytes = used();
    harm(bytes);
    bench.put('harmed.qcow2', bytes);
    const theirs = bench.check('harmed.qcow2');
    const ours = checkQcow2(new MemoryFile(bytes));
    expect({ corrupt: ours.corruptions > 0, leaks: ours.leaks }).toEqual({
      corrupt: theirs.corruptions > 0,
      leaks: theirs.leaks,
    });
  });

  it.skipIf(!there)('knows snapshots, bitmaps and compressed clusters', () => {
    bench.put('plain.raw', pattern(new Random(2), 2 ** 20));
    bench.qemu('qemu-img', 'convert', '-c', '-O', 'qcow2', '-o', 'cluster_size=4k', 'plain.raw', 'full.qcow2');
    bench.qemu('qemu-img', 'bitmap', '--add', 'full.qcow2', 'bits');
    bench.qemu('qemu-io', '-c', 'write 0 300k', 'full.qcow2');
    bench.qemu('qemu-img', 'snapshot', '-c', 'first', 'full.qcow2');
    bench.qemu('qemu-io', '-c', 'write 100k 300k', 'full.qcow2');
    bench.qemu('qemu-img', 'snapshot', '-c', 'second', 'full.qcow2');
    expect(bench.check('full.qcow2')).toEqual(SOUND);
    expect(checkQcow2(new MemoryFile(bench.get('full.qcow2')))).toMatchObject({ corruptions: 0, leaks: 0, problems: [] });
  });

  it.skipIf(!there)('gives leaks back, so that QEMU finds nothing', () => {
    const bytes = used();
    for (const cluster of [300, 301, 400]) setRefcount(bytes, cluster, 3);
    const file = new MemoryFile(bytes);
    const before = contentOf(openImage(file));
    expect(repairQcow2(file, 'leaks').leaks).toBe(3);
    bench.put('mended.qcow2', file);
    expect(bench.check('mended.qcow2')).toEqual(SOUND);
    expect(same(contentOf(openImage(file)), before)).toBe(true);
  });

  it('leaves an image alone that has more wrong with it', () => {
    const bytes = used();
    setRefcount(bytes, 5, 0);
    const file = new MemoryFile(bytes);
    expect(() => repairQcow2(file, 'leaks')).toThrow('1 corruptions that cannot be mended here');
    expect(same(file.content(), bytes)).toBe(true);
    expect(repairQcow2(file, 'refcounts')).toMatchObject({ lowRefcounts: 1 });
    expect(checkQcow2(file)).toMatchObject({ corruptions: 0, leaks: 0 });
  });

  it.skipIf(!there)('counts anew what QEMU left dirty', () => {
    bench.qemu('qemu-img', 'create', '-q', '-f', 'qcow2', '-o', 'lazy_refcounts=on,cluster_size=4k', 'dirty.qcow2', '4M');
    bench.try('qemu-io', '-c', 'write -P 7 0 1M', '-c', 'abort', 'dirty.qcow2');
    const file = new MemoryFile(bench.get('dirty.qcow2'));
    expect(readHeader(file).dirty).toBe(true);
    expect(() => openImage(file)).toThrow('not closed properly');
    repairQcow2(file, 'refcounts');
    bench.put('dirty.qcow2', file);
    expect(bench.check('dirty.qcow2')).toEqual(SOUND);
    const volume = openImage(file);
    volume.write(2 ** 20, filled(4096, 8));
    volume.flush();
    expect(same(contentOf(volume).subarray(0, 2 ** 20), filled(2 ** 20, 7))).toBe(true);
    expect(checkQcow2(file)).toMatchObject({ corruptions: 0, leaks: 0 });
  });
});

describe('a corrupt image that is written', () => {
  it.each<[string, (bytes: Uint8Array) => void, RegExp]>([
    [
      'data in the L1 table',
      (bytes) => viewOf(bytes).setUint32(dataEntry(bytes) + 4, readHeader(new MemoryFile(bytes)).l1Offset),
      /in one of the image's tables/,
    ],
    [
      'data that count as free',
      (bytes) => setRefcount(bytes, viewOf(bytes).getUint32(dataEntry(bytes) + 4) / 4096, 0),
      /0 are counted/,
    ],
  ])('says so, and takes no more changes: %s', (_, harm, why) => {
    const bytes = used();
    const entry = dataEntry(bytes);
    const l2 = viewOf(bytes).getUint32(readHeader(new MemoryFile(bytes)).l1Offset + 4);
    harm(bytes);
    const file = new MemoryFile(bytes);
    const volume = openImage(file);
    expect(() => volume.write(((entry - l2) / 8) * 4096, filled(512, 1))).toThrow(why);
    expect(() => volume.write(0, filled(512, 1))).toThrow('takes no more changes');
    expect(() => volume.flush()).toThrow('the last changes are lost');
    expect(same(file.content(), bytes)).toBe(true);
  });
});
