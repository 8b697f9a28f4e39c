/** 10,000 malformed images, half of them made from QEMU's: no crash, no hang, bounded memory, no access outside of the image folder. */
import { afterAll, describe, expect, it } from 'vitest';
import { Random } from '../../../../tools/oracle/random.ts';
import { bundled } from '../../../support/bundled.ts';
import { fuzzFolder } from '../../../support/fuzz-folder.ts';
import { ImageBench, pattern } from '../../../support/images.ts';
import { have } from '../../../support/oracles.ts';

const there = have('qemu-img', 'qemu-io');
const { fuzz } = await bundled<typeof import('../../../support/image-fuzz.ts')>('test/support/image-fuzz.ts');
const bench = new ImageBench();
const { folder, remove } = fuzzFolder();
afterAll(() => {
  bench.remove();
  remove();
});

/** With compressed clusters, a snapshot, a bitmap. */
function theirs(type: 'zlib' | 'zstd', cluster: string): Uint8Array {
  bench.put('plain.raw', pattern(new Random(5), 200_704));
  bench.qemu(
    'qemu-img',
    'convert',
    '-c',
    '-O',
    'qcow2',
    '-o',
    `cluster_size=${cluster},compression_type=${type}`,
    'plain.raw',
    'full.qcow2',
  );
  bench.qemu('qemu-img', 'snapshot', '-c', 'first', 'full.qcow2');
  bench.qemu('qemu-io', '-c', 'write -P 3 10k 50k', '-c', 'write -z 100k 20k', 'full.qcow2');
  bench.qemu('qemu-img', 'bitmap', '--add', 'full.qcow2', 'bits');
  return bench.get('full.qcow2');
}

describe('malformed images', () => {
  const rounds = Array.from({ length: 10 }, (_, i) => i);
  it.skipIf(!there).each(rounds)('thousand %i of ten', (round) => {
    const parts =
      round % 2 === 0
        ? []
        : (['zlib', 'zstd'] as const).flatMap((type) => ['512', '1k', '4k'].map((cluster) => theirs(type, cluster)));
    const before = process.memoryUsage().rss;
    const { failures, images } = fuzz(1000 * (round + 1), 1000, folder, parts);
    expect(failures).toEqual([]);
    expect(images).toBe(1000);
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 30);
  });
});
