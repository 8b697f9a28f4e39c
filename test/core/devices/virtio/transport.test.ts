import { describe, expect, it } from 'vitest';
import { IrqLine } from '../../../../core/bus/irq-line.ts';
import { VirtioConsole } from '../../../../core/devices/virtio/console.ts';
import { VirtioEntropy } from '../../../../core/devices/virtio/entropy.ts';
import { VirtioMmio } from '../../../../core/devices/virtio/transport.ts';
import { deviceContract } from '../../../support/device-contract.ts';
import { Bench, type RingOptions, WAYS } from '../../../support/virtio-driver.ts';
import { TestMemory } from '../../../support/virtio-rings.ts';

const idle = () => new VirtioConsole({ rx: { next: () => undefined }, tx: () => {} });
const entropy = (options: RingOptions = {}) => new Bench(new VirtioEntropy(), options).start();

describe.each([
  ['version 2', false],
  ['legacy', true],
])('the virtio-mmio transport, %s,', (_name, legacy) => {
  deviceContract((clock) => new VirtioMmio({ irq: new IrqLine(() => {}), dma: new TestMemory() }, clock, idle(), { legacy }));
});

describe('virtio feature negotiation', () => {
  it('offers packed rings and version 1 only in version 2', () => {
    const [modern, legacy] = [new Bench(new VirtioEntropy()), new Bench(new VirtioEntropy(), { legacy: true })];
    expect(modern.offered()).toBe((1n << 28n) | (1n << 29n) | (1n << 32n) | (1n << 34n));
    expect(legacy.offered()).toBe((1n << 27n) | (1n << 28n) | (1n << 29n));
    expect([modern.get('Version'), legacy.get('Version')]).toEqual([2, 1]);
  });

  it('keeps FEATURES_OK from a driver that does not know version 1, or wants what is not offered (section 2.2)', () => {
    const bench = new Bench(new VirtioEntropy());
    for (const [features, status] of [
      [0n, 3],
      [(1n << 32n) | 1n, 3],
      [(1n << 32n) | (1n << 35n), 3],
      [1n << 32n, 0xb],
    ] as const) {
      bench.set('Status', 0);
      bench.set('Status', 3);
      bench.choose(features);
      bench.set('Status', 0xb);
      expect(bench.get('Status')).toBe(status);
    }
  });

  it('takes no features after FEATURES_OK', () => {
    const bench = entropy();
    bench.choose((1n << 32n) | (1n << 34n));
    expect(bench.request(0, [bench.writable(8)])?.length).toBe(8); // still a split ring
  });
});

describe('virtio interrupts and notifications', () => {
  it.each(WAYS)('come and go with their suppression over a %s', (_name, options) => {
    const bench = entropy(options);
    const ring = bench.rings[0];
    bench.request(0, [bench.writable(4)]);
    expect(bench.interrupts).toBe(1);
    ring?.interrupts(false);
    for (let i = 0; i < 3; i++) bench.request(0, [bench.writable(4)]);
    expect(bench.interrupts).toBe(1);
    ring?.interrupts(true);
    bench.request(0, [bench.writable(4)]);
    expect(bench.interrupts).toBe(2);
  });

  it.each(WAYS)('one interrupt tells of all that one turn did over a %s', (_name, options) => {
    const bench = entropy(options);
    for (let i = 0; i < 5; i++) bench.add(0, [bench.writable(4)]);
    bench.kick(0);
    expect(bench.wait(0)).toHaveLength(5);
    expect([bench.interrupts, bench.notifications]).toEqual([1, 1]);
  });

  it.each(WAYS)('the device wants no notifications while it works over a %s', (_name, options) => {
    const bench = entropy({ size: 16, ...options });
    const wanted = [];
    for (let i = 0; i < 6; i++) bench.add(0, [bench.writable(4096)]);
    bench.kick(0);
    bench.clock.advance(bench.clock.now() + 1000); // does a part, and is busy then
    bench.add(0, [bench.writable(4)]);
    wanted.push(bench.rings[0]?.mustNotify());
    expect(bench.wait(0)).toHaveLength(7);
    bench.add(0, [bench.writable(4)]);
    wanted.push(bench.rings[0]?.mustNotify());
    expect(wanted).toEqual([false, true]);
  });

  it('the interrupt stays until it is acknowledged', () => {
    const bench = entropy();
    bench.add(0, [bench.writable(4)]);
    bench.kick(0);
    bench.clock.advance(1_000_000);
    expect([bench.irq, bench.get('InterruptStatus')]).toEqual([true, 1]);
    bench.set('InterruptACK', 2);
    expect(bench.irq).toBe(true);
    bench.set('InterruptACK', 1);
    expect([bench.irq, bench.get('InterruptStatus')]).toEqual([false, 0]);
  });
});

describe('a virtio queue', () => {
  it.each(WAYS)('goes round many times over a %s', (_name, options) => {
    const bench = entropy({ size: 4, ...options });
    const size = options.size ?? 4;
    for (let round = 0; round < 70_000 / size; round += round === 100 ? 16_000 : 1) {
      const lengths = Array.from({ length: 1 + (round % size) }, (_, i) => i + 1);
      const ids = lengths.map((length) => bench.add(0, [bench.writable(length)]));
      bench.kick(0);
      expect(bench.wait(0)).toEqual(ids.map((id, i) => ({ id, length: i + 1 })));
      if (round > 200) break;
    }
  });

  it('wraps its 16-bit indices', () => {
    const bench = entropy({ size: 2, eventIndex: true });
    for (let i = 0; i < 65_600; i++) {
      bench.add(0, [{ address: 0x4020_0000, length: 1, write: true }]);
      bench.kick(0);
      bench.clock.advance(bench.clock.now() + 2_000);
      if (bench.rings[0]?.used().length !== 1) throw new Error(`lost at ${i}`);
    }
    expect(bench.notifications).toBe(65_600);
  });

  it('is given back, and used again, by reset', () => {
    const bench = entropy();
    bench.request(0, [bench.writable(4)]);
    bench.set('Status', 0);
    expect([bench.get('Status'), bench.get('QueueReady'), bench.get('InterruptStatus')]).toEqual([0, 0, 0]);
    bench.start();
    expect(bench.request(0, [bench.writable(4)])?.length).toBe(4);
  });

  it('is taken back with page 0 by a legacy driver', () => {
    const bench = entropy({ legacy: true });
    expect(bench.get('QueuePFN')).toBe(0x4000_0000 / 4096);
    bench.set('QueuePFN', 0);
    expect([bench.get('QueuePFN'), bench.get('Status')]).toEqual([0, 0]);
  });

  it('keeps its place when the device is saved and loaded in the middle of its work', () => {
    for (const [, options] of WAYS) {
      const one = entropy(options);
      for (let i = 0; i < 6; i++) one.add(0, [one.writable(4096)]);
      one.kick(0);
      one.clock.advance(1000);
      const memory = new TestMemory();
      memory.bytes.set(one.memory.bytes);
      const two = new Bench(new VirtioEntropy(), options, memory);
      two.clock.reset(one.clock.now());
      two.transport.load(one.transport.save());
      for (const bench of [one, two]) bench.clock.advance(1_000_000);
      expect(Buffer.compare(two.memory.bytes, one.memory.bytes)).toBe(0);
      expect(two.transport.save()).toEqual(one.transport.save());
      expect(two.irq).toBe(true);
    }
  });
});
