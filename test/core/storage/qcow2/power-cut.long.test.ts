/** A power cut at 1,000 random writes, judged by qemu-img. */
import { afterAll, describe, expect, it } from 'vitest';
import { MemoryFile } from '../../../../core/storage/block-file.ts';
import { Raw } from '../../../../core/storage/raw.ts';
import { Random } from '../../../../tools/oracle/random.ts';
import { contentOf, ImageBench, newImage, openImage, pattern, type Shape } from '../../../support/images.ts';
import { have } from '../../../support/oracles.ts';
import { Session } from '../../../support/power-cut.ts';

const there = have('qemu-img', 'qemu-io');
const bench = new ImageBench();
afterAll(() => bench.remove());

const CUTS = 20;
const SHAPES: readonly Shape[] = [16, 9, 12].flatMap((clusterBits) =>
  [0, 1, 4, 5, 6].flatMap((refcountOrder) =>
    ([2, 3] as const)
      .filter((version) => version === 3 || refcountOrder === 4)
      .map((version) => ({ version, clusterBits, refcountOrder })),
  ),
);

/** Empty ones, and ones with compressed clusters and a snapshot. */
function startOf(kind: 'empty' | 'over' | 'used', shape: Shape, size: number, random: Random): Uint8Array {
  if (kind !== 'used') return newImage(size, shape).content();
  bench.put('plain.raw', pattern(random, size));
  const compat = shape.version === 2 ? '0.10' : '1.1';
  const options = `cluster_size=${2 ** shape.clusterBits},compat=${compat},refcount_bits=${2 ** Math.max(shape.refcountOrder, 3)}`;
  bench.qemu(
    'qemu-img',
    'convert',
    '-c',
    '-O',
    'qcow2',
    '-o',
    shape.version === 2 ? options.replace(/,refcount.*/, '') : options,
    'plain.raw',
    'used.qcow2',
  );
  bench.qemu('qemu-io', '-t', 'unsafe', '-c', `write -P 9 ${size / 4} ${size / 2}`, 'used.qcow2');
  bench.qemu('qemu-img', 'snapshot', '-c', 'before', 'used.qcow2');
  return bench.get('used.qcow2');
}

describe('a power cut at any write', () => {
  const rounds = Array.from({ length: 51 }, (_, i) => i);
  it.skipIf(!there).each(rounds)(`round %i of 51, ${CUTS} cuts each`, (round) => {
    const random = new Random(1000 + round);
    const shape = SHAPES[round % SHAPES.length] as Shape;
    const kind = (['empty', 'over', 'used'] as const)[round % 3] as 'empty' | 'over' | 'used';
    const size = shape.clusterBits === 16 ? 2 ** 22 : 2 ** 20;
    const backing = kind === 'over' ? new Raw(new MemoryFile(pattern(random, size / 2), false), false) : undefined;
    const session = new Session(startOf(kind, shape, size, random), backing, random, 80);
    for (let i = 0; i < CUTS; i++) {
      const at = session.file.moment(random);
      const file = session.file.cut(at, random);
      bench.put('cut.qcow2', file);
      expect(bench.check('cut.qcow2')).toMatchObject({ corruptions: 0, errors: 0 });
      expect(session.lost(at, contentOf(openImage(file, backing)))).toBeUndefined();
    }
  });
});
