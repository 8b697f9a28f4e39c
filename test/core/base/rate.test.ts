import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rate } from '../../../core/base/rate.ts';

const hertz = fc.constantFrom(1, 3, 100, 32_768, 1_000_000, 24_000_000, 62_500_000, 1_000_000_000);
const time = fc.integer({ min: 0, max: 2 ** 50 });

describe('a rate', () => {
  it('counts exactly as rational arithmetic does', () => {
    fc.assert(
      fc.property(hertz, time, (rate, now) => {
        expect(BigInt(new Rate(rate).ticksAt(now))).toBe((BigInt(now) * BigInt(rate)) / 1_000_000_000n);
      }),
    );
  });

  it('gives the first nanosecond of each tick', () => {
    fc.assert(
      fc.property(hertz, time, (hertz, now) => {
        const rate = new Rate(hertz);
        const tick = rate.ticksAt(now) + 1;
        const at = rate.timeOf(tick);
        expect([rate.ticksAt(at), rate.ticksAt(at - 1)]).toEqual([tick, tick - 1]);
        expect(at).toBeGreaterThan(now);
      }),
    );
  });
});
