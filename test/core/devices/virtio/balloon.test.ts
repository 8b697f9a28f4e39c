import { describe, expect, it } from 'vitest';
import { VirtioBalloon } from '../../../../core/devices/virtio/balloon.ts';
import { put32 } from '../../../../core/devices/virtio/dma.ts';
import { Bench, type RingOptions, WAYS } from '../../../support/virtio-driver.ts';

const numbers = (pages: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(4 * pages.length);
  for (const [i, page] of pages.entries()) put32(bytes, 4 * i, page);
  return bytes;
};

function bench(options: RingOptions = {}) {
  const log: string[] = [];
  const device = new VirtioBalloon({
    release: (address) => {
      if (address < 0x4000_0000 || address >= 0x4040_0000) return false;
      log.push(`-${address.toString(16)}`);
      return true;
    },
    restore: (address) => log.push(`+${address.toString(16)}`),
  });
  const made = new Bench(device, options).start();
  const tell = (queue: number, pages: readonly number[]) => made.request(queue, [made.readable(numbers(pages))]);
  return { made, log, tell };
}

describe('virtio-balloon', () => {
  it.each(WAYS)('counts pages that come and go over a %s', (_name, options) => {
    const { made, log, tell } = bench(options);
    tell(0, [0x40100, 0x40101, 0x40102]);
    expect(made.device.pages).toBe(3);
    tell(1, [0x40101]);
    expect(made.device.pages).toBe(2);
    expect(log).toEqual(['-40100000', '-40101000', '-40102000', '+40101000']);
  });

  it('counts each page once, and only pages of its owner', () => {
    const { made, log, tell } = bench();
    tell(0, [0x40100, 0x40100, 0x3ffff, 0x40400, 0xffffffff, 0]);
    tell(1, [0x40101, 0x40100, 0x40100]);
    expect(log).toEqual(['-40100000', '+40100000']);
    expect(made.device.pages).toBe(0);
  });

  it('asks for pages, and takes note of what the driver says (section 5.5.6)', () => {
    const { made } = bench();
    made.device.inflateTo(0x1234);
    expect([made.config(0, 4), made.get('InterruptStatus')]).toEqual([0x1234, 2]);
    made.set('Config', 0x1230, 4, 4);
    expect([made.config(4, 4), made.device.actual]).toEqual([0x1230, 0x1230]);
  });

  it('has nothing after a reset by the driver, and keeps its pages in its state', () => {
    const { made, log, tell } = bench();
    tell(0, [0x40100, 0x40300]);
    const saved = made.transport.save();
    made.set('Status', 0);
    expect([made.device.pages, log.slice(2)]).toEqual([0, ['+40100000', '+40300000']]);
    made.transport.load(saved);
    expect(made.device.pages).toBe(2);
    expect(made.transport.save()).toEqual(saved);
    tell(1, [0x40300]);
    expect(made.device.pages).toBe(1);
  });
});
