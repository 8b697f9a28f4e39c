/** The distributor, sentence by sentence of IHI 0048B §4.3. */
import { describe, expect, it } from 'vitest';
import { GICC, GICD, GicBench } from '../../../support/gic-bench.ts';

const CTLR = GICD;
const TYPER = GICD + 0x004;
const IGROUPR = GICD + 0x080;
const ISENABLER = GICD + 0x100;
const ICENABLER = GICD + 0x180;
const ISPENDR = GICD + 0x200;
const ICPENDR = GICD + 0x280;
const ISACTIVER = GICD + 0x300;
const ICACTIVER = GICD + 0x380;
const IPRIORITYR = GICD + 0x400;
const ITARGETSR = GICD + 0x800;
const ICFGR = GICD + 0xc00;
const SGIR = GICD + 0xf00;
const CPENDSGIR = GICD + 0xf10;
const SPENDSGIR = GICD + 0xf20;
const SECURE = true;
const NONSECURE = false;

describe('GICD_TYPER', () => {
  it('tells interrupt lines, processors and Security Extensions', () => {
    expect(new GicBench({ cores: 4, interrupts: 288 }).read(TYPER)).toBe(0x68);
    expect(new GicBench({ cores: 2, interrupts: 160, securityExtensions: true }).read(TYPER)).toBe(0xfc24);
  });

  it('counts 1020 interrupts as 32 words, of which the last four bits do not exist', () => {
    const bench = new GicBench({ interrupts: 1020 });
    expect(bench.read(TYPER) & 0x1f).toBe(31);
    bench.write(ISENABLER + 31 * 4, 0xffff_ffff);
    expect(bench.read(ISENABLER + 31 * 4)).toBe(0x0fff_ffff);
  });
});

describe('set and clear registers', () => {
  it('set and clear single enables, and both read the same', () => {
    const bench = new GicBench();
    bench.write(ISENABLER + 4, 0x0f0);
    bench.write(ICENABLER + 4, 0x030);
    expect(bench.read(ISENABLER + 4)).toBe(0x0c0);
    expect(bench.read(ICENABLER + 4)).toBe(0x0c0);
  });

  it('keep SGIs enabled always', () => {
    const bench = new GicBench();
    bench.write(ICENABLER, 0xffff_ffff);
    expect(bench.read(ISENABLER)).toBe(0xffff);
  });

  it('do not make an SGI pending: GICD_ISPENDR0 is read-only for SGIs', () => {
    const bench = new GicBench();
    bench.write(ISPENDR, 0xffff_ffff);
    expect(bench.read(ISPENDR)).toBe(0xffff_0000);
  });

  it('read as zero and ignore writes for interrupts that do not exist', () => {
    const bench = new GicBench({ interrupts: 96 });
    for (const at of [ISENABLER + 12, ISPENDR + 12, ISACTIVER + 12, IPRIORITYR + 96, ITARGETSR + 96, ICFGR + 24]) {
      bench.write(at, 0xffff_ffff);
      expect(bench.read(at)).toBe(0);
    }
  });

  it('set and clear the active state', () => {
    const bench = new GicBench();
    bench.write(ISACTIVER + 4, 6);
    bench.write(ICACTIVER + 4, 2);
    expect(bench.read(ISACTIVER + 4)).toBe(4);
  });
});

describe('pending states', () => {
  it('of a level-sensitive interrupt follow the line, and what GICD_ISPENDR set stays when the line falls', () => {
    const bench = new GicBench();
    const line = bench.gic.spi(0);
    line.set(true);
    bench.write(ICPENDR + 4, 1);
    expect(bench.read(ISPENDR + 4)).toBe(1);
    bench.write(ISPENDR + 4, 1);
    line.set(false);
    expect(bench.read(ISPENDR + 4)).toBe(1);
    bench.write(ICPENDR + 4, 1);
    expect(bench.read(ISPENDR + 4)).toBe(0);
  });

  it('of an edge-triggered interrupt are set by the rising edge, kept when the line falls, and not set again while it stays high', () => {
    const bench = new GicBench();
    bench.write(ICFGR + 8, 2);
    const line = bench.gic.spi(0);
    line.set(true);
    bench.write(ICPENDR + 4, 1);
    line.set(true);
    expect(bench.read(ISPENDR + 4)).toBe(0);
    line.set(false);
    line.set(true);
    line.set(false);
    expect(bench.read(ISPENDR + 4)).toBe(1);
  });

  it('of an edge that comes while the interrupt is active are not lost: it is active and pending', () => {
    const bench = new GicBench();
    bench.write(ICFGR + 8, 2);
    bench.write(ISENABLER + 4, 1);
    bench.write(CTLR, 1);
    bench.write(GICC, 1);
    bench.write(GICC + 4, 0xff);
    bench.gic.spi(0).pulse();
    expect(bench.read(GICC + 0x0c)).toBe(32);
    bench.gic.spi(0).pulse();
    expect(bench.read(ISPENDR + 4) & bench.read(ISACTIVER + 4)).toBe(1);
    expect(bench.read(GICC + 0x0c)).toBe(1023);
    bench.write(GICC + 0x10, 32);
    expect(bench.read(GICC + 0x0c)).toBe(32);
  });
});

describe('GICD_IPRIORITYR', () => {
  it('can be accessed by bytes, and keeps the implemented bits only', () => {
    const bench = new GicBench();
    bench.write(IPRIORITYR + 33, 0xff, 0, SECURE, 1);
    expect(bench.read(IPRIORITYR + 32)).toBe(0xf800);
    expect(bench.read(IPRIORITYR + 33, 0, SECURE, 1)).toBe(0xf8);
  });

  it('is banked for private interrupts', () => {
    const bench = new GicBench({ cores: 2 });
    bench.write(IPRIORITYR + 16, 0xa0, 1, SECURE, 1);
    expect([bench.read(IPRIORITYR + 16, 0, SECURE, 1), bench.read(IPRIORITYR + 16, 1, SECURE, 1)]).toEqual([0, 0xa0]);
  });
});

describe('GICD_ITARGETSR', () => {
  it('reads for private interrupts as the asking processor, and ignores writes there', () => {
    const bench = new GicBench({ cores: 4 });
    bench.write(ITARGETSR + 28, 0xffff_ffff, 2);
    expect(bench.read(ITARGETSR, 2)).toBe(0x0404_0404);
    expect(bench.read(ITARGETSR + 28, 3)).toBe(0x0808_0808);
  });

  it('has a bit for each implemented processor', () => {
    const bench = new GicBench({ cores: 2 });
    bench.write(ITARGETSR + 32, 0xff, 0, SECURE, 1);
    expect(bench.read(ITARGETSR + 32)).toBe(0x03);
  });

  it('reads as zero with one processor, to which every SPI goes', () => {
    const bench = new GicBench({ cores: 1 });
    bench.write(ITARGETSR + 32, 0xff);
    expect(bench.read(ITARGETSR + 32)).toBe(0);
  });

  it('takes effect on an interrupt that is pending already', () => {
    const bench = new GicBench({ cores: 2 });
    bench.write(CTLR, 1);
    for (const core of [0, 1]) {
      bench.write(GICC, 1, core);
      bench.write(GICC + 4, 0xff, core);
    }
    bench.write(ISENABLER + 4, 1);
    bench.gic.spi(0).set(true);
    bench.write(ITARGETSR + 32, 1, 0, SECURE, 1);
    expect([bench.signals(0), bench.signals(1)]).toEqual([['irq'], []]);
    bench.write(ITARGETSR + 32, 2, 0, SECURE, 1);
    expect([bench.signals(0), bench.signals(1)]).toEqual([[], ['irq']]);
  });
});

describe('GICD_ICFGR', () => {
  it('is fixed for SGIs (edge-triggered) and PPIs (level-sensitive)', () => {
    const bench = new GicBench();
    bench.write(ICFGR, 0);
    bench.write(ICFGR + 4, 0xffff_ffff);
    bench.write(ICFGR + 8, 0xffff_ffff);
    expect([0, 4, 8].map((at) => bench.read(ICFGR + at))).toEqual([0xaaaa_aaaa, 0, 0xaaaa_aaaa]);
  });
});

describe('GICD_SGIR', () => {
  const pending = (bench: GicBench) => bench.cores.map((_, core) => bench.read(ISPENDR, core));

  it('sends to the listed processors, to all others, or to the sender', () => {
    for (const [filter, expected] of [
      [0, [8, 0, 8, 0]],
      [1, [8, 0, 8, 8]],
      [2, [0, 8, 0, 0]],
      [3, [0, 0, 0, 0]],
    ] as const) {
      const bench = new GicBench({ cores: 4 });
      bench.write(SGIR, (filter << 24) | (0b0101 << 16) | 3, 1);
      expect(pending(bench)).toEqual(expected);
    }
  });

  it('keeps every sender: each is acknowledged by its own ID, and none is lost', () => {
    const bench = new GicBench({ cores: 4 });
    bench.write(CTLR, 1);
    bench.write(GICC, 1);
    bench.write(GICC + 4, 0xff);
    bench.write(SGIR, 0x0001_0007, 3);
    bench.write(SGIR, 0x0001_0007, 1);
    bench.write(SGIR, 0x0001_0007, 1);
    const taken = [1, 2, 3].map(() => {
      const id = bench.read(GICC + 0x0c);
      bench.write(GICC + 0x10, id);
      return id;
    });
    expect(taken).toEqual([0x407, 0xc07, 1023]);
  });

  it('can be undone and done by GICD_CPENDSGIR and GICD_SPENDSGIR, sender by sender', () => {
    const bench = new GicBench({ cores: 4 });
    bench.write(SPENDSGIR + 5, 0xff, 2, SECURE, 1);
    bench.write(CPENDSGIR + 5, 0b0110, 2, SECURE, 1);
    expect(bench.read(SPENDSGIR + 4, 2)).toBe(0b1001 << 8);
    expect(pending(bench)).toEqual([0, 0, 1 << 5, 0]);
    bench.write(CPENDSGIR + 5, 0b1001, 2, SECURE, 1);
    expect(pending(bench)).toEqual([0, 0, 0, 0]);
  });

  it('reaches, with Security Extensions, only targets that have the SGI in the group of NSATT, or Group 1 for Non-secure software', () => {
    const sent = (group: number, value: number, secure: boolean) => {
      const bench = new GicBench({ securityExtensions: true });
      bench.write(IGROUPR, group << 4);
      bench.write(SGIR, (2 << 24) | value | 4, 0, secure);
      return bench.read(ISPENDR) !== 0;
    };
    const NSATT = 1 << 15;
    expect([sent(0, 0, SECURE), sent(0, NSATT, SECURE), sent(1, 0, SECURE), sent(1, NSATT, SECURE)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect([sent(0, 0, NONSECURE), sent(1, 0, NONSECURE)]).toEqual([false, true]);
  });
});

describe('Non-secure accesses, with Security Extensions', () => {
  const bench = () => {
    const made = new GicBench({ securityExtensions: true });
    made.write(IGROUPR + 4, 0x0f);
    return made;
  };

  it('see GICD_CTLR.EnableGrp1 as bit 0, and cannot reach EnableGrp0', () => {
    const made = bench();
    made.write(CTLR, 1);
    made.write(CTLR, 3, 0, NONSECURE);
    expect([made.read(CTLR), made.read(CTLR, 0, NONSECURE)]).toEqual([3, 1]);
    made.write(CTLR, 0, 0, NONSECURE);
    expect(made.read(CTLR)).toBe(1);
  });

  it('do not see, enable, make pending or configure Group 0', () => {
    const made = bench();
    for (const at of [ISENABLER + 4, ISPENDR + 4, ISACTIVER + 4]) {
      made.write(at, 0xff, 0, NONSECURE);
      expect(made.read(at)).toBe(0x0f);
      made.write(at, 0xf0);
      expect(made.read(at, 0, NONSECURE)).toBe(0x0f);
    }
    made.write(ICFGR + 8, 0xffff_ffff, 0, NONSECURE);
    expect(made.read(ICFGR + 8)).toBe(0xaa);
    expect(made.read(IGROUPR + 4, 0, NONSECURE)).toBe(0);
  });

  it('have the lower half of the priorities', () => {
    const made = bench();
    made.write(IPRIORITYR + 32, 0x40, 0, NONSECURE, 1);
    expect([made.read(IPRIORITYR + 32), made.read(IPRIORITYR + 32, 0, NONSECURE)]).toEqual([0xa0, 0x40]);
    made.write(IPRIORITYR + 40, 0x40, 0, NONSECURE, 1);
    expect(made.read(IPRIORITYR + 40)).toBe(0);
  });
});
