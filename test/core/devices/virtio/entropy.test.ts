import { describe, expect, it } from 'vitest';
import { VirtioEntropy } from '../../../../core/devices/virtio/entropy.ts';
import { Bench, WAYS } from '../../../support/virtio-driver.ts';

/** `count` bytes of what a device gives. */
function some(bench: Bench<VirtioEntropy>, count: number): number[] {
  const buffer = bench.writable(count);
  expect(bench.request(0, [buffer])?.length).toBe(count);
  return [...bench.bytes(buffer)];
}

describe('virtio-entropy', () => {
  it.each(WAYS)('gives the same numbers in every run over a %s', (_name, options) => {
    const [one, two] = [new Bench(new VirtioEntropy(7), options).start(), new Bench(new VirtioEntropy(7), options).start()];
    expect(some(one, 64)).toEqual(some(two, 64));
  });

  it('gives others with another seed, and others after a reset by the driver', () => {
    const first = some(new Bench(new VirtioEntropy(1)).start(), 32);
    const bench = new Bench(new VirtioEntropy(2)).start();
    const second = some(bench, 32);
    expect(second).not.toEqual(first);
    expect(some(bench.start(), 32)).not.toEqual(second);
    bench.transport.reset();
    expect(some(bench.start(), 32)).toEqual(second);
  });

  it('gives bytes without bias', () => {
    const bench = new Bench(new VirtioEntropy(3)).start();
    const counts = new Array<number>(256).fill(0);
    for (let i = 0; i < 64; i++) for (const byte of some(bench, 1024)) counts[byte] = (counts[byte] as number) + 1;
    const squares = counts.reduce((sum, count) => sum + (count - 256) ** 2 / 256, 0);
    expect(squares).toBeLessThan(350); // chi square of 255 degrees: 350 is one in ten thousand
    expect(Math.min(...counts)).toBeGreaterThan(180);
  });

  it('gives at most 4096 bytes for one request, and none for a buffer that cannot be written', () => {
    const bench = new Bench(new VirtioEntropy()).start();
    expect(bench.request(0, [bench.writable(10_000)])?.length).toBe(4096);
    expect(bench.request(0, [bench.readable(new Uint8Array(100))])?.length).toBe(0);
  });
});
