/** Wiring and state of the whole GIC. Manual: IHI 0048B. */
import { describe, expect, it } from 'vitest';
import { GICC, GICD, GicBench } from '../../../support/gic-bench.ts';

/** A bench whose distributor and CPU interfaces forward everything. */
function open(options: ConstructorParameters<typeof GicBench>[0] = {}): GicBench {
  const bench = new GicBench(options);
  bench.write(GICD, 3);
  for (let core = 0; core < bench.cores.length; core++) {
    bench.write(GICC, 3, core);
    bench.write(GICC + 4, 0xff, core);
  }
  return bench;
}

describe('a level-sensitive SPI', () => {
  it('signals IRQ while its line is high and it is enabled, and is active from acknowledge to end', () => {
    const bench = open();
    bench.gic.spi(5).set(true);
    expect(bench.signals()).toEqual([]);
    bench.write(GICD + 0x104, 1 << 5);
    expect(bench.signals()).toEqual(['irq']);
    expect(bench.read(GICC + 0x0c)).toBe(37);
    expect(bench.signals()).toEqual([]);
    expect(bench.read(GICD + 0x304)).toBe(1 << 5);
    expect(bench.read(GICD + 0x204)).toBe(1 << 5);
    bench.write(GICC + 0x10, 37);
    expect(bench.signals()).toEqual(['irq']);
    bench.gic.spi(5).set(false);
    expect(bench.signals()).toEqual([]);
    expect(bench.read(GICC + 0x0c)).toBe(1023);
  });
});

describe('saved state', () => {
  it('comes back in a fresh GIC, signals and input levels included', () => {
    const bench = open();
    bench.write(GICD + 0x104, 3);
    bench.write(GICD + 0xc08, 8); // SPI 1 is edge-triggered
    bench.gic.spi(0).set(true);
    bench.gic.spi(1).pulse();
    bench.read(GICC + 0x0c);
    const other = new GicBench();
    const line = other.gic.spi(0);
    other.gic.load(bench.gic.save());
    expect(other.gic.save()).toEqual(bench.gic.save());
    expect(line.level).toBe(true);
    other.write(GICC + 0x10, 32);
    line.set(false);
    expect(other.signals()).toEqual(['irq']);
    expect(other.read(GICC + 0x0c)).toBe(33);
  });

  it('is that of a new GIC after reset', () => {
    const bench = open();
    bench.write(GICD + 0x104, 3);
    bench.gic.spi(0).set(true);
    bench.gic.spi(0).set(false);
    bench.gic.reset();
    expect(bench.gic.save()).toEqual(new GicBench().gic.save());
    expect(bench.signals()).toEqual([]);
  });
});
