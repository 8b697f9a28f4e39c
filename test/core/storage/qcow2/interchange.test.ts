/** Images that QEMU and we both read and write. The oracle: qemu-img and qemu-io. */
import { afterAll, describe, expect, it } from 'vitest';
import { openChain } from '../../../../core/storage/chain.ts';
import { checkQcow2 } from '../../../../core/storage/qcow2/check.ts';
import type { Qcow2 } from '../../../../core/storage/qcow2/image.ts';
import { Raw } from '../../../../core/storage/raw.ts';
import { INFLATERS, imageFolder } from '../../../../tools/cli/image-files.ts';
import { Random } from '../../../../tools/oracle/random.ts';
import { change, contentOf, ImageBench, newImage, openImage, pattern, type Shape, SOUND, same } from '../../../support/images.ts';
import { have } from '../../../support/oracles.ts';

const there = have('qemu-img', 'qemu-io');
const bench = new ImageBench();
afterAll(() => bench.remove());

/** Opens an image of the bench with all it lies over. */
const chainOf = (name: string, writable = 1) =>
  openChain(imageFolder(undefined, bench.at(name)), bench.at(name), { writable, inflaters: INFLATERS });
const open = (name: string): Qcow2 => chainOf(name)[0]?.volume as Qcow2;

const SHAPES: readonly Shape[] = [
  { version: 3, clusterBits: 16, refcountOrder: 4 },
  { version: 2, clusterBits: 16, refcountOrder: 4 },
  { version: 2, clusterBits: 9, refcountOrder: 4 },
  { version: 3, clusterBits: 21, refcountOrder: 4 },
  ...[0, 1, 2, 3, 4, 5, 6].map((refcountOrder): Shape => ({ version: 3, clusterBits: 9, refcountOrder })),
  { version: 3, clusterBits: 12, refcountOrder: 0 },
  { version: 3, clusterBits: 12, refcountOrder: 6 },
];

describe('what we write, QEMU reads', () => {
  it.skipIf(!there).each(SHAPES)(
    'random changes: version $version, clusters of 2^$clusterBits, refcounts of 2^$refcountOrder bits',
    (shape) => {
      const random = new Random(shape.clusterBits * 8 + shape.refcountOrder);
      const size = shape.clusterBits === 21 ? 16 * 2 ** 20 : 2 ** 20 + 1536;
      const file = newImage(size, shape);
      const [volume, model] = [openImage(file), new Uint8Array(size)];
      const steps = Array.from({ length: 150 }, () => change(random, volume, model, size / 16));
      volume.flush();
      expect(same(contentOf(volume), model), steps.join('; ')).toBe(true);
      bench.put('ours.qcow2', file);
      expect(bench.check('ours.qcow2')).toEqual(SOUND);
      expect(checkQcow2(file)).toMatchObject({ corruptions: 0, leaks: 0 });
      expect(same(bench.content('ours.qcow2'), model)).toBe(true);
    },
  );

  it.skipIf(!there).each(SHAPES.slice(0, 6))(
    'over a base: version $version, clusters of 2^$clusterBits, refcounts of 2^$refcountOrder bits',
    (shape) => {
      const random = new Random(shape.clusterBits);
      const size = shape.clusterBits === 21 ? 16 * 2 ** 20 : 2 ** 20 + 512;
      const base = pattern(random, size - 70_000 + 368);
      bench.put('base.raw', base);
      const file = newImage(size, shape, { name: 'base.raw', format: 'raw' });
      bench.put('over.qcow2', file);
      const [volume, model] = [open('over.qcow2'), new Uint8Array(size)];
      model.set(base);
      for (let i = 0; i < 100; i++) change(random, volume, model, size / 16);
      volume.flush();
      volume.close();
      expect(bench.check('over.qcow2')).toEqual(SOUND);
      expect(same(bench.content('over.qcow2'), model)).toBe(true);
      expect(same(bench.get('base.raw'), base)).toBe(true);
    },
  );
});

describe('the same image in turns', () => {
  /** The same kinds of changes, as qemu-io says them. */
  const theirs = (random: Random, model: Uint8Array): string[] =>
    Array.from({ length: 6 }, () => {
      const offset = random.below(model.length / 512) * 512;
      const length = Math.min(model.length - offset, (1 + random.below(200)) * 512);
      const value = random.below(3) === 0 ? 0 : 1 + random.below(255);
      model.fill(value, offset, offset + length);
      return value === 0 ? `write -z ${random.once(2) ? '-u ' : ''}${offset} ${length}` : `write -P ${value} ${offset} ${length}`;
    }).flatMap((command) => ['-c', command]);

  it.skipIf(!there).each([
    ['usual', '64k', []],
    ['small clusters', '512', []],
    ['narrow refcounts', '1k', ['-o', 'refcount_bits=1']],
    ['version 2', '4k', ['-o', 'compat=0.10']],
    ['preallocated tables', '4k', ['-o', 'preallocation=metadata']],
    ['preallocated clusters', '64k', ['-o', 'preallocation=falloc']],
    ['lazy refcounts', '4k', ['-o', 'lazy_refcounts=on']],
  ] as const)('%s: changes of QEMU and ours mix', (_, cluster, options) => {
    const size = 3 * 2 ** 20;
    bench.qemu('qemu-img', 'create', '-q', '-f', 'qcow2', '-o', `cluster_size=${cluster}`, ...options, 'turns.qcow2', `${size}`);
    const [random, model] = [new Random(cluster.length), new Uint8Array(size)];
    for (let turn = 0; turn < 4; turn++) {
      bench.qemu('qemu-io', '-t', 'unsafe', ...theirs(random, model), 'turns.qcow2');
      const volume = open('turns.qcow2');
      expect(same(contentOf(volume), model), `after QEMU's turn ${turn}`).toBe(true);
      for (let i = 0; i < 25; i++) change(random, volume, model, 200_000);
      volume.flush();
      volume.close();
      expect(bench.check('turns.qcow2')).toEqual(SOUND);
      expect(same(bench.content('turns.qcow2'), model), `after our turn ${turn}`).toBe(true);
    }
  });
});

describe('what QEMU writes, we read', () => {
  const content = (size: number) => {
    const bytes = pattern(new Random(3), size);
    bytes.fill(0, 300_000, 700_000);
    return bytes;
  };

  it.skipIf(!there).each(['zlib', 'zstd'].flatMap((type) => ['512', '64k', '2M'].map((cluster) => [type, cluster] as const)))(
    'clusters compressed with %s, of %s, and writes over them',
    (type, cluster) => {
      const model = content(2 ** 20);
      bench.put('plain.raw', model);
      const options = `cluster_size=${cluster},compression_type=${type}`;
      bench.qemu('qemu-img', 'convert', '-c', '-O', 'qcow2', '-o', options, 'plain.raw', 'packed.qcow2');
      const volume = open('packed.qcow2');
      expect(same(contentOf(volume), model)).toBe(true);
      const random = new Random(8);
      for (let i = 0; i < 60; i++) change(random, volume, model, 40_000);
      expect(same(contentOf(volume), model)).toBe(true);
      volume.flush();
      volume.close();
      expect(bench.check('packed.qcow2')).toEqual(SOUND);
      expect(same(bench.content('packed.qcow2'), model)).toBe(true);
    },
  );

  it.skipIf(!there)('a snapshot inside the image stays as it was', () => {
    const model = content(2 ** 20);
    bench.put('plain.raw', model);
    bench.qemu('qemu-img', 'convert', '-O', 'qcow2', '-o', 'cluster_size=4k', 'plain.raw', 'snap.qcow2');
    bench.qemu('qemu-img', 'snapshot', '-c', 'before', 'snap.qcow2');
    const before = model.slice();
    const random = new Random(9);
    for (let turn = 0; turn < 3; turn++) {
      const volume = open('snap.qcow2');
      for (let i = 0; i < 50; i++) change(random, volume, model, 60_000);
      volume.flush();
      volume.close();
      expect(bench.check('snap.qcow2')).toEqual(SOUND);
      expect(same(bench.content('snap.qcow2'), model)).toBe(true);
      bench.qemu('qemu-img', 'convert', '-O', 'raw', '-l', 'before', 'snap.qcow2', 'before.raw');
      expect(same(bench.get('before.raw'), before)).toBe(true);
      bench.qemu('qemu-img', 'snapshot', '-c', `turn${turn}`, 'snap.qcow2');
    }
    const volume = open('snap.qcow2');
    expect(volume.snapshots().map(({ name }) => name)).toEqual(['before', 'turn0', 'turn1', 'turn2']);
    volume.close();
    bench.qemu('qemu-img', 'snapshot', '-a', 'before', 'snap.qcow2');
    expect(same(bench.content('snap.qcow2'), before)).toBe(true);
  });

  it.skipIf(!there)('a chain of eight images, each with something of its own, and of different sizes', () => {
    const model = new Uint8Array(2 ** 20);
    bench.qemu('qemu-img', 'create', '-q', '-f', 'qcow2', 'link0.qcow2', '512k');
    for (let i = 0; i < 8; i++) {
      const size = 2 ** 19 + i * 65_536;
      const below = ['-b', `link${i - 1}.qcow2`, '-F', 'qcow2'];
      if (i > 0) bench.qemu('qemu-img', 'create', '-q', '-f', 'qcow2', ...below, `link${i}.qcow2`, `${size}`);
      const [offset, length] = [i * 50_176, 90_112];
      bench.qemu('qemu-io', '-c', `write -P ${i + 1} ${offset} ${length}`, `link${i}.qcow2`);
      model.fill(i + 1, offset, offset + length);
    }
    const layers = chainOf('link7.qcow2', 0);
    expect(layers.length).toBe(8);
    const volume = layers[0]?.volume as Qcow2;
    expect(same(contentOf(volume), model.subarray(0, volume.size))).toBe(true);
    expect(same(contentOf(volume), bench.content('link7.qcow2'))).toBe(true);
    volume.close();
  });

  it.skipIf(!there)('bitmaps are said to be stale once we have written', () => {
    bench.qemu('qemu-img', 'create', '-q', '-f', 'qcow2', 'bits.qcow2', '4M');
    bench.qemu('qemu-img', 'bitmap', '--add', 'bits.qcow2', 'b0');
    const before = bench.get('bits.qcow2');
    const file = open('bits.qcow2');
    file.close();
    expect(same(bench.get('bits.qcow2'), before)).toBe(true);
    const volume = open('bits.qcow2');
    volume.write(0, pattern(new Random(1), 512));
    volume.flush();
    volume.close();
    expect(bench.get('bits.qcow2')[95]).toBe(0);
    expect(bench.check('bits.qcow2').corruptions).toBe(0);
  });

  it.skipIf(!there)('a raw disk is the file', () => {
    const model = content(2 ** 20);
    const path = bench.put('plain.raw', model);
    const { file } = imageFolder(undefined, path).open(path, true);
    const volume = new Raw(file, false);
    for (let i = 0, random = new Random(4); i < 50; i++) change(random, volume, model, 50_000);
    expect(same(bench.content('plain.raw'), model)).toBe(true);
    volume.close();
  });
});
