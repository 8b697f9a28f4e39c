/** List registers and the virtual CPU interface, sentence by sentence of IHI 0048B §5. */
import { describe, expect, it } from 'vitest';
import { DeviceWindow } from '../../../../core/bus/window.ts';
import { GICC, GICD, GICH, GICV, GicBench } from '../../../support/gic-bench.ts';

const HCR = GICH;
const VMCR = GICH + 0x08;
const MISR = GICH + 0x10;
const EISR = GICH + 0x20;
const ELRSR = GICH + 0x30;
const APR = GICH + 0xf0;
const LR = (n: number) => GICH + 0x100 + 4 * n;
const IAR = GICV + 0x0c;
const EOIR = GICV + 0x10;
const RPR = GICV + 0x14;
const HPPIR = GICV + 0x18;
const AIAR = GICV + 0x20;
const AEOIR = GICV + 0x24;
const AHPPIR = GICV + 0x28;
const DIR = GICV + 0x1000;

const HW = 2 ** 31;
const GROUP1 = 1 << 30;
const PENDING = 1 << 28;
const ACTIVE = 2 << 28;
const EOI = 1 << 19;
const priority = (value: number) => (value >>> 3) << 23;
const physical = (id: number) => id << 10;
const state = (bench: GicBench, n: number) => (bench.read(LR(n)) >>> 28) & 3;

/** Virtual interface on, both groups enabled, nothing masked; `control` is the lower half of GICH_VMCR. */
function open(control = 3, hcr = 1): GicBench {
  const bench = new GicBench();
  bench.write(HCR, hcr);
  bench.write(VMCR, (31 * 2 ** 27 + (2 << 21) + (3 << 18) + control) >>> 0);
  return bench;
}

describe('a list register', () => {
  it('signals a virtual IRQ while pending, is active from acknowledge to end, and then empty', () => {
    const bench = open();
    bench.write(LR(1), PENDING | priority(0x40) | 27);
    expect([bench.signals(), bench.read(ELRSR)]).toEqual([['virq'], 0b1101]);
    expect([bench.read(HPPIR), bench.read(IAR), bench.read(RPR)]).toEqual([27, 27, 0x40]);
    expect([state(bench, 1), bench.signals(), bench.read(APR)]).toEqual([2, [], 1 << 8]);
    bench.write(EOIR, 27);
    expect([state(bench, 1), bench.read(RPR), bench.read(ELRSR), bench.read(APR)]).toEqual([0, 0xff, 0xf, 0]);
  });

  it('that is pending and active becomes pending at the end', () => {
    const bench = open();
    bench.write(LR(0), PENDING | priority(0x40) | 27);
    bench.read(IAR);
    bench.write(LR(0), PENDING | ACTIVE | priority(0x40) | 27);
    expect([bench.signals(), bench.read(IAR)]).toEqual([[], 1023]);
    bench.write(EOIR, 27);
    expect([state(bench, 0), bench.signals()]).toEqual([1, ['virq']]);
  });

  it('of highest priority goes first, of equals the first', () => {
    const bench = open();
    bench.write(LR(0), PENDING | priority(0x80) | 40);
    bench.write(LR(2), PENDING | priority(0x20) | 41);
    bench.write(LR(3), PENDING | priority(0x20) | 42);
    const order = [1, 2, 3, 4].map(() => {
      const id = bench.read(IAR);
      bench.write(EOIR, id);
      return id;
    });
    expect(order).toEqual([41, 42, 40, 1023]);
  });

  it('tells the sender of an SGI, unless it stands for a hardware interrupt', () => {
    const bench = open();
    bench.write(LR(0), PENDING | (5 << 10) | 3);
    expect(bench.read(IAR)).toBe((5 << 10) | 3);
    bench.write(EOIR, (5 << 10) | 3);
    bench.write(LR(0), HW + PENDING + physical(34) + 3);
    expect(bench.read(IAR)).toBe(3);
  });

  it('with the same SGI from two senders is found by the sender when ended', () => {
    const bench = open(3 | (1 << 9));
    bench.write(LR(0), PENDING | (1 << 10) | 3);
    bench.write(EOIR, bench.read(IAR));
    bench.write(LR(1), PENDING | (2 << 10) | 3);
    bench.write(EOIR, bench.read(IAR));
    bench.write(DIR, (2 << 10) | 3);
    expect([state(bench, 0), state(bench, 1)]).toEqual([2, 0]);
  });

  it('signals nothing while GICH_HCR.En is 0', () => {
    const bench = open(3, 0);
    bench.write(LR(0), PENDING | 27);
    expect([bench.signals(), bench.read(IAR), bench.read(HPPIR)]).toEqual([[], 1023, 1023]);
  });
});

describe('a hardware interrupt in a list register', () => {
  it('is deactivated in the distributor when the guest ends it', () => {
    const bench = open();
    bench.write(GICD, 1);
    bench.write(GICD + 0x104, 4);
    bench.write(GICC, 1 | (1 << 9));
    bench.write(GICC + 4, 0xff);
    bench.gic.spi(2).set(true);
    expect(bench.read(GICC + 0x0c)).toBe(34);
    bench.write(GICC + 0x10, 34);
    bench.write(LR(0), HW + PENDING + physical(34) + 50);
    expect(bench.read(IAR)).toBe(50);
    expect(bench.signals()).toEqual([]);
    bench.write(EOIR, 50);
    expect([bench.read(GICD + 0x304), bench.signals()]).toEqual([0, ['irq']]);
  });

  it('has a physical ID only with HW', () => {
    const bench = open();
    bench.write(GICD + 0x304, 1);
    bench.write(LR(0), PENDING | physical(32) | 50);
    bench.write(EOIR, bench.read(IAR));
    expect(bench.read(GICD + 0x304)).toBe(1);
  });

  it('is not, if it is of Group 0 and there are Security Extensions', () => {
    const bench = new GicBench({ securityExtensions: true });
    bench.write(GICD + 0x84, 2);
    bench.write(GICD + 0x304, 3);
    bench.write(HCR, 1);
    bench.write(VMCR, 0xf800_0001);
    for (const id of [32, 33]) {
      bench.write(LR(0), HW + PENDING + physical(id) + id);
      bench.write(EOIR, bench.read(IAR));
    }
    expect(bench.read(GICD + 0x304)).toBe(1);
  });
});

describe('GICH_HCR.EOICount', () => {
  const count = (bench: GicBench) => bench.read(HCR) >>> 27;

  it('counts the ends that drop a priority but find no list register', () => {
    const bench = open();
    bench.write(EOIR, 60);
    expect(count(bench)).toBe(0);
    bench.write(APR, 1);
    bench.write(EOIR, 60);
    expect([count(bench), bench.read(APR)]).toEqual([1, 0]);
  });

  it('with EOImode counts deactivations that find none, and no ends', () => {
    const bench = open(3 | (1 << 9));
    bench.write(APR, 1);
    bench.write(EOIR, 60);
    expect(count(bench)).toBe(0);
    bench.write(DIR, 60);
    expect(count(bench)).toBe(1);
  });

  it('wraps, and leaves the other bits alone', () => {
    const bench = open(3, 0xf800_0005);
    bench.write(APR, 1);
    bench.write(EOIR, 60);
    expect(bench.read(HCR)).toBe(5);
  });
});

describe('the maintenance interrupt', () => {
  const raised = (bench: GicBench) => (bench.read(GICD + 0x200) >>> 25) & 1;

  it('comes with the end of an interrupt whose list register asks for it, until that is written', () => {
    const bench = open();
    bench.write(LR(3), PENDING | EOI | 45);
    expect(raised(bench)).toBe(0);
    bench.write(EOIR, bench.read(IAR));
    expect([raised(bench), bench.read(MISR), bench.read(EISR), bench.read(ELRSR)]).toEqual([1, 1, 8, 7]);
    bench.write(LR(3), 0);
    expect([raised(bench), bench.read(MISR), bench.read(EISR), bench.read(ELRSR)]).toEqual([0, 0, 0, 0xf]);
  });

  it('has the sources U, LRENP, NP and the group enables, each with its enable', () => {
    const sources = (hcr: number, control: number, ...lrs: number[]) => {
      const bench = open(control, hcr);
      for (const [n, lr] of lrs.entries()) bench.write(LR(n), lr);
      return bench.read(MISR);
    };
    expect(sources(0x003, 0, PENDING | 40)).toBe(1 << 1);
    expect(sources(0x003, 0, PENDING | 40, ACTIVE | 41)).toBe(0);
    expect(sources(0x0800_0005, 0)).toBe(1 << 2);
    expect(sources(0x005, 0)).toBe(0);
    expect(sources(0x009, 0, ACTIVE | 40, PENDING | ACTIVE | 41)).toBe(1 << 3);
    expect(sources(0x009, 0, PENDING | 40)).toBe(0);
    expect(sources(0x0f1, 0)).toBe((1 << 5) | (1 << 7));
    expect(sources(0x0f1, 3)).toBe((1 << 4) | (1 << 6));
    expect(sources(0x0f1, 2)).toBe((1 << 5) | (1 << 6));
  });

  it('needs GICH_HCR.En', () => {
    const bench = open(0, 0x002);
    expect([bench.read(MISR), raised(bench)]).toEqual([2, 0]);
    bench.write(HCR, 0x003);
    expect(raised(bench)).toBe(1);
    bench.write(HCR, 0x001);
    expect(raised(bench)).toBe(0);
  });
});

describe('the virtual CPU interface', () => {
  it('is a view of GICH_VMCR', () => {
    const bench = open(0);
    bench.write(GICV, 0x21f);
    bench.write(GICV + 0x04, 0x98);
    bench.write(GICV + 0x08, 4);
    bench.write(GICV + 0x1c, 6);
    expect(bench.read(VMCR)).toBe((0x98 * 2 ** 24 + (4 << 21) + (6 << 18) + 0x21f) >>> 0);
    bench.write(VMCR, 0);
    expect([GICV, GICV + 0x04, GICV + 0x08, GICV + 0x1c].map((at) => bench.read(at))).toEqual([0, 0, 2, 3]);
  });

  it('signals virtual FIQ for Group 0 with FIQEn', () => {
    const bench = open(0xf);
    bench.write(LR(0), PENDING | priority(0x20) | 40);
    expect(bench.signals()).toEqual(['vfiq']);
    bench.write(LR(0), GROUP1 | PENDING | priority(0x20) | 40);
    expect(bench.signals()).toEqual(['virq']);
  });

  it('gives Group 1 by GICV_IAR with AckCtl only, and by GICV_AIAR always', () => {
    const bench = open();
    bench.write(LR(0), GROUP1 | PENDING | 40);
    expect([bench.read(HPPIR), bench.read(IAR), bench.read(AHPPIR), bench.read(AIAR)]).toEqual([1022, 1022, 40, 40]);
    bench.write(AEOIR, 40);
    expect([state(bench, 0), bench.read(RPR)]).toEqual([0, 0xff]);
    bench.write(LR(0), PENDING | 40);
    expect([bench.read(AHPPIR), bench.read(AIAR)]).toEqual([1023, 1023]);
  });

  it('masks by GICV_PMR and preempts by group priority', () => {
    const bench = open();
    bench.write(GICV + 0x08, 3);
    bench.write(GICV + 0x04, 0x40);
    bench.write(LR(0), PENDING | priority(0x40) | 40);
    expect([bench.signals(), bench.read(HPPIR)]).toEqual([[], 40]);
    bench.write(GICV + 0x04, 0xf8);
    bench.write(LR(0), PENDING | priority(0x48) | 40);
    bench.read(IAR);
    bench.write(LR(1), PENDING | priority(0x40) | 41);
    expect(bench.signals()).toEqual([]);
    bench.write(LR(1), PENDING | priority(0x38) | 41);
    expect([bench.signals(), bench.read(IAR), bench.read(RPR)]).toEqual([['virq'], 41, 0x30]);
  });

  it('ignores the end of a spurious ID, and GICV_DIR without EOImode', () => {
    const bench = open();
    bench.write(LR(0), PENDING | 40);
    bench.read(IAR);
    bench.write(EOIR, 1023);
    bench.write(DIR, 40);
    expect([state(bench, 0), bench.read(RPR), bench.read(HCR)]).toEqual([2, 0, 1]);
  });
});

describe('with several cores', () => {
  it('each has its own interface, which others reach through the view of one processor', () => {
    const bench = new GicBench({ cores: 2 });
    bench.write(HCR, 1, 1);
    bench.write(VMCR, 0xf800_0003, 1);
    const other = new DeviceWindow('GICH1', bench.gic.virtualControlOf(1));
    other.write(0x100, 4, PENDING | 27, { core: 0, secure: true });
    expect([bench.signals(0), bench.signals(1)]).toEqual([[], ['virq']]);
    expect([bench.read(LR(0), 0), bench.read(LR(0), 1)]).toEqual([0, PENDING | 27]);
  });
});
