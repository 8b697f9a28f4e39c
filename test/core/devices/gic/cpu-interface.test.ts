/** The physical CPU interface, sentence by sentence of IHI 0048B §3 and §4.4. */
import { describe, expect, it } from 'vitest';
import { GICC, GICD, GicBench } from '../../../support/gic-bench.ts';

const CTLR = GICC;
const PMR = GICC + 0x04;
const BPR = GICC + 0x08;
const IAR = GICC + 0x0c;
const EOIR = GICC + 0x10;
const RPR = GICC + 0x14;
const HPPIR = GICC + 0x18;
const ABPR = GICC + 0x1c;
const AIAR = GICC + 0x20;
const AEOIR = GICC + 0x24;
const AHPPIR = GICC + 0x28;
const APR = GICC + 0xd0;
const NSAPR = GICC + 0xe0;
const DIR = GICC + 0x1000;
const ISPENDR1 = GICD + 0x204;
const ISACTIVER1 = GICD + 0x304;
const SECURE = true;
const NONSECURE = false;
const EOIMODE = 1 << 9;

/** Everything enabled, SPIs 32 to 63; `priorities` of the first ones, `group1` their groups. */
function open(priorities: readonly number[], group1 = 0, control = 3, securityExtensions = false): GicBench {
  const bench = new GicBench({ securityExtensions });
  bench.write(GICD, 3);
  bench.write(GICD + 0x104, 0xffff_ffff);
  bench.write(GICD + 0x84, group1);
  priorities.forEach((priority, n) => {
    bench.write(GICD + 0x420 + n, priority, 0, SECURE, 1);
  });
  bench.write(CTLR, control);
  bench.write(PMR, 0xff);
  return bench;
}

describe('acknowledging', () => {
  it('takes the highest priority first, and of equals the lowest ID', () => {
    const bench = open([0x80, 0x40, 0x40, 0xc0]);
    bench.write(ISPENDR1, 0xf);
    const order = [1, 2, 3, 4].map(() => {
      const id = bench.read(IAR);
      bench.write(EOIR, id);
      return id;
    });
    expect(order).toEqual([33, 34, 32, 35]);
    expect(bench.read(IAR)).toBe(1023);
  });

  it('returns 1023 for a priority that GICC_PMR does not let through, equal ones included; GICC_HPPIR shows it all the same', () => {
    const bench = open([0x80]);
    bench.write(PMR, 0x80);
    bench.write(ISPENDR1, 1);
    expect([bench.signals(), bench.read(IAR), bench.read(HPPIR)]).toEqual([[], 1023, 32]);
    bench.write(PMR, 0x88);
    expect([bench.signals(), bench.read(IAR)]).toEqual([['irq'], 32]);
  });

  it('returns 1023 when the distributor or the CPU interface is off', () => {
    const bench = open([0]);
    bench.write(ISPENDR1, 1);
    bench.write(GICD, 0);
    expect([bench.read(IAR), bench.read(HPPIR)]).toEqual([1023, 1023]);
    bench.write(GICD, 3);
    bench.write(CTLR, 0);
    expect([bench.read(IAR), bench.read(HPPIR)]).toEqual([1023, 1023]);
  });

  it('returns 1022 for Group 1 unless AckCtl is set, where the aliased register always gives the interrupt', () => {
    const bench = open([0x40], 1);
    bench.write(ISPENDR1, 1);
    expect([bench.read(HPPIR), bench.read(IAR), bench.read(AHPPIR), bench.read(AIAR)]).toEqual([1022, 1022, 32, 32]);
    bench.write(AEOIR, 32);
    expect(bench.read(RPR)).toBe(0xff);
    bench.write(CTLR, 7);
    bench.write(ISPENDR1, 1);
    expect(bench.read(IAR)).toBe(32);
  });

  it('returns 1023 from the aliased registers when the highest pending interrupt is of Group 0', () => {
    const bench = open([0x40, 0x80], 2);
    bench.write(ISPENDR1, 3);
    expect([bench.read(AHPPIR), bench.read(AIAR)]).toEqual([1023, 1023]);
  });

  it('lets Group 1 through when the distributor does not forward a higher interrupt of Group 0', () => {
    const bench = open([0x40, 0x80], 2, 7);
    bench.write(ISPENDR1, 3);
    bench.write(GICD, 2);
    expect(bench.read(IAR)).toBe(33);
  });

  it('shows the sender of an SGI in GICC_HPPIR as in GICC_IAR', () => {
    const bench = new GicBench({ cores: 4 });
    bench.write(GICD, 1);
    bench.write(CTLR, 1);
    bench.write(PMR, 0xff);
    bench.write(GICD + 0xf00, 0x0001_0006, 2);
    expect([bench.read(HPPIR), bench.read(IAR)]).toEqual([0x806, 0x806]);
  });

  it('is for one processor only: an SPI with two targets leaves the other', () => {
    const bench = new GicBench({ cores: 2 });
    bench.write(GICD, 1);
    bench.write(GICD + 0x104, 1);
    bench.write(GICD + 0x820, 3, 0, SECURE, 1);
    for (const core of [0, 1]) {
      bench.write(CTLR, 1, core);
      bench.write(PMR, 0xff, core);
    }
    bench.gic.spi(0).set(true);
    expect([bench.signals(0), bench.signals(1)]).toEqual([['irq'], ['irq']]);
    expect(bench.read(IAR, 1)).toBe(32);
    expect([bench.signals(0), bench.read(IAR, 0)]).toEqual([[], 1023]);
  });
});

describe('FIQ', () => {
  it('is what Group 0 signals with FIQEn, while Group 1 signals IRQ', () => {
    const bench = open([0x40, 0x20], 2, 0xf);
    bench.write(ISPENDR1, 1);
    expect(bench.signals()).toEqual(['fiq']);
    bench.write(ISPENDR1, 2);
    expect(bench.signals()).toEqual(['irq']);
    bench.write(CTLR, 7);
    bench.write(GICD + 0x284, 2);
    expect(bench.signals()).toEqual(['irq']);
  });
});

describe('preemption', () => {
  it('needs a higher group priority, which the binary point cuts out', () => {
    const bench = open([0x48, 0x40, 0x38]);
    bench.write(BPR, 3); // group priority in bits 7:4
    bench.write(ISPENDR1, 1);
    expect([bench.read(IAR), bench.read(RPR)]).toEqual([32, 0x40]);
    bench.write(ISPENDR1, 2);
    expect([bench.signals(), bench.read(IAR), bench.read(HPPIR)]).toEqual([[], 1023, 33]);
    bench.write(ISPENDR1, 4);
    expect([bench.signals(), bench.read(IAR), bench.read(RPR)]).toEqual([['irq'], 34, 0x30]);
    bench.write(EOIR, 34);
    expect(bench.read(RPR)).toBe(0x40);
    bench.write(EOIR, 32);
    expect([bench.read(RPR), bench.read(IAR)]).toEqual([0xff, 33]);
  });

  it('uses GICC_ABPR for Group 1, or GICC_BPR for both with CBPR', () => {
    const preempts = (control: number) => {
      const bench = open([0x48, 0x40], 3, control);
      bench.write(BPR, 2);
      bench.write(ABPR, 5); // Group 1: bits 7:5
      bench.write(ISPENDR1, 1);
      bench.read(IAR);
      bench.write(ISPENDR1, 2);
      return bench.signals().length > 0;
    };
    expect([preempts(0x7), preempts(0x17)]).toEqual([false, true]);
  });

  it('compares with the running priority as far as the binary point of the pending interrupt goes', () => {
    const bench = open([0x28, 0x20], 2, 7);
    bench.write(ABPR, 5); // Group 1: bits 7:5, in which both are equal
    bench.write(ISPENDR1, 1);
    expect([bench.read(IAR), bench.read(RPR)]).toEqual([32, 0x28]);
    bench.write(ISPENDR1, 2);
    expect(bench.signals()).toEqual([]);
    bench.write(ABPR, 3);
    expect(bench.signals()).toEqual(['irq']);
  });

  it('does not happen with the binary point at 7', () => {
    const bench = open([0xf0, 0x00]);
    bench.write(BPR, 7);
    bench.write(ISPENDR1, 1);
    bench.read(IAR);
    bench.write(ISPENDR1, 2);
    expect(bench.signals()).toEqual([]);
  });

  it('keeps the binary points at or above the lowest that 32 priorities allow', () => {
    const bench = open([]);
    bench.write(BPR, 0);
    bench.write(ABPR, 0);
    expect([bench.read(BPR), bench.read(ABPR)]).toEqual([2, 3]);
  });
});

describe('active priorities', () => {
  it('have one bit for each level, in GICC_APR0 for Group 0 and in GICC_NSAPR0 for Group 1', () => {
    const bench = open([0x48, 0x08], 1, 7);
    bench.write(ISPENDR1, 1);
    bench.read(IAR);
    bench.write(ISPENDR1, 2);
    bench.read(IAR);
    expect([bench.read(APR), bench.read(NSAPR), bench.read(RPR)]).toEqual([1 << 1, 1 << 9, 0x08]);
  });

  it('can be written back, as a hypervisor or power management does, and hold lower interrupts back', () => {
    const bench = open([0x80]);
    bench.write(APR, 1 << 4);
    bench.write(ISPENDR1, 1);
    expect([bench.read(RPR), bench.signals()]).toEqual([0x20, []]);
    bench.write(APR, 0);
    expect([bench.read(RPR), bench.signals()]).toEqual([0xff, ['irq']]);
  });
});

describe('ending', () => {
  it('drops the priority and deactivates', () => {
    const bench = open([0x40]);
    bench.write(ISPENDR1, 1);
    bench.write(EOIR, bench.read(IAR));
    expect([bench.read(RPR), bench.read(ISACTIVER1)]).toEqual([0xff, 0]);
  });

  it('with EOImode only drops the priority; GICC_DIR deactivates, in any order', () => {
    const bench = open([0x40, 0x20], 0, 3 | EOIMODE);
    bench.write(ISPENDR1, 1);
    bench.write(EOIR, bench.read(IAR));
    bench.write(ISPENDR1, 3);
    expect(bench.read(IAR)).toBe(33);
    bench.write(EOIR, 33);
    expect([bench.read(RPR), bench.read(ISACTIVER1), bench.read(IAR)]).toEqual([0xff, 3, 1023]);
    bench.write(DIR, 32);
    expect([bench.read(ISACTIVER1), bench.read(IAR)]).toEqual([2, 32]);
  });

  it('ignores GICC_DIR without EOImode', () => {
    const bench = open([0x40]);
    bench.write(ISPENDR1, 1);
    bench.read(IAR);
    bench.write(DIR, 32);
    expect(bench.read(ISACTIVER1)).toBe(1);
  });

  it('ignores spurious and nonexistent IDs, and does nothing when none is active', () => {
    const bench = open([0x40]);
    bench.write(ISACTIVER1, 1);
    bench.write(EOIR, 32);
    expect(bench.read(ISACTIVER1)).toBe(1);
    bench.write(ISPENDR1, 2);
    bench.read(IAR);
    for (const id of [1023, 1022, 96]) bench.write(EOIR, id);
    expect(bench.read(RPR)).toBe(0);
  });
});

describe('the Non-secure view', () => {
  const view = () => open([0x40, 0xa0], 2, 0xf, true);

  it('of GICC_CTLR has EnableGrp1 at bit 0 and EOImodeNS at bit 9, and leaves the rest alone', () => {
    const bench = view();
    bench.write(CTLR, 0x200, 0, NONSECURE);
    expect([bench.read(CTLR), bench.read(CTLR, 0, NONSECURE)]).toEqual([0x40d, 0x200]);
  });

  it('of GICC_PMR is the lower half, and cannot change a mask in the upper half', () => {
    const bench = view();
    bench.write(PMR, 0x20, 0, NONSECURE);
    expect([bench.read(PMR), bench.read(PMR, 0, NONSECURE)]).toEqual([0x90, 0x20]);
    bench.write(PMR, 0x40);
    bench.write(PMR, 0xff, 0, NONSECURE);
    expect([bench.read(PMR), bench.read(PMR, 0, NONSECURE)]).toEqual([0x40, 0]);
  });

  it('of the acknowledge sees Group 1 only: Group 0 is 1023', () => {
    const bench = view();
    bench.write(ISPENDR1, 3);
    expect([bench.read(HPPIR, 0, NONSECURE), bench.read(IAR, 0, NONSECURE)]).toEqual([1023, 1023]);
    bench.write(GICD + 0x284, 1);
    expect([bench.read(HPPIR, 0, NONSECURE), bench.read(IAR, 0, NONSECURE)]).toEqual([33, 33]);
    expect([bench.read(RPR), bench.read(RPR, 0, NONSECURE)]).toEqual([0xa0, 0x40]);
    expect([bench.read(NSAPR), bench.read(APR, 0, NONSECURE), bench.read(NSAPR, 0, NONSECURE)]).toEqual([1 << 20, 1 << 4, 0]);
    bench.write(EOIR, 33, 0, NONSECURE);
    expect(bench.read(RPR)).toBe(0xff);
  });

  it('cannot end or deactivate Group 0', () => {
    const bench = view();
    bench.write(ISPENDR1, 1);
    bench.read(IAR);
    bench.write(EOIR, 32, 0, NONSECURE);
    bench.write(CTLR, 0x201, 0, NONSECURE);
    bench.write(DIR, 32, 0, NONSECURE);
    expect([bench.read(RPR), bench.read(ISACTIVER1)]).toEqual([0x40, 1]);
  });

  it('of GICC_BPR is GICC_ABPR, or with CBPR the common one plus 1, read-only; the aliased registers are Secure', () => {
    const bench = view();
    bench.write(BPR, 5, 0, NONSECURE);
    expect([bench.read(BPR), bench.read(ABPR), bench.read(BPR, 0, NONSECURE)]).toEqual([2, 5, 5]);
    bench.write(CTLR, 0x1f);
    bench.write(BPR, 7, 0, NONSECURE);
    expect([bench.read(BPR, 0, NONSECURE), bench.read(ABPR)]).toEqual([3, 5]);
    expect([ABPR, AIAR, AHPPIR].map((at) => bench.read(at, 0, NONSECURE))).toEqual([0, 0, 0]);
  });
});
