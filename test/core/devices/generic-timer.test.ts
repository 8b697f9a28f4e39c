/** The generic timer, after DDI 0406C chapter B8. Counter arithmetic is held against BigInt. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../core/bus/clock.ts';
import { IrqLine } from '../../../core/bus/irq-line.ts';
import { GenericTimer, type TimerRegister } from '../../../core/devices/generic-timer.ts';

const ENABLE = 1;
const IMASK = 2;
const ISTATUS = 4;

class TimerBench {
  readonly clock = new VirtualClock();
  readonly lines = { physical: line(), securePhysical: line(), virtual: line(), hyp: line() };
  readonly timer: GenericTimer;

  constructor(frequency = 62_500_000) {
    this.timer = new GenericTimer(this.clock, { frequency }, this.lines);
  }

  get raised(): string[] {
    return Object.entries(this.lines).flatMap(([name, { level }]) => (level ? [name] : []));
  }

  read(register: TimerRegister): bigint {
    return (
      BigInt.asUintN(32, BigInt(this.timer.readLow(register))) |
      (BigInt.asUintN(32, BigInt(this.timer.readHigh(register))) << 32n)
    );
  }

  write(register: TimerRegister, value: bigint): void {
    this.timer.write(register, Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
  }
}

const line = () => new IrqLine(() => {});
const times = fc.maxSafeNat();
const words = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
/** Values near the ends of the range, and near what a counter reaches. */
const edges = fc.oneof(
  words,
  fc.bigInt({ min: 0n, max: 2n ** 20n }),
  fc.bigInt({ min: 2n ** 64n - 2n ** 20n, max: 2n ** 64n - 1n }),
);
const frequencies = fc.oneof(
  fc.constantFrom(62_500_000, 24_000_000, 100_000_000, 1_000_000_000, 19_200_000, 999_999_937),
  fc.integer({ min: 1, max: 1_000_000_000 }),
);

describe('the counter', () => {
  it('reads floor(time * frequency / 10^9), exactly, up to 2^53 ns', () => {
    fc.assert(
      fc.property(times, frequencies, (now, frequency) => {
        const bench = new TimerBench(frequency);
        bench.clock.reset(now);
        expect(bench.read('CNTPCT')).toBe((BigInt(now) * BigInt(frequency)) / 1_000_000_000n);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('is exact where time * frequency is next to a multiple of 10^9 and above 2^53', () => {
    const frequency = 999_999_937n;
    const second = 1_000_000_000n;
    let inverse = 1n;
    for (let power = frequency, n = 399_999_999n; n > 0n; power = (power * power) % second, n >>= 1n) {
      if (n & 1n) inverse = (inverse * power) % second; // Euler: the inverse is the power phi(10^9) - 1
    }
    for (let rest = -64n; rest < 64n; rest++) {
      const now = ((second + rest) * inverse) % second;
      const bench = new TimerBench(Number(frequency));
      bench.clock.reset(Number(now));
      expect(bench.read('CNTPCT')).toBe((now * frequency) / second);
    }
  });

  it('is shown by CNTVCT minus CNTVOFF, modulo 2^64', () => {
    fc.assert(
      fc.property(times, edges, (now, offset) => {
        const bench = new TimerBench();
        bench.clock.reset(now);
        bench.write('CNTVOFF', offset);
        expect(bench.read('CNTVCT')).toBe(BigInt.asUintN(64, bench.read('CNTPCT') - offset));
      }),
      { numRuns: 1000, seed: 2 },
    );
  });

  it('ignores writes', () => {
    const bench = new TimerBench();
    bench.write('CNTPCT', 5n);
    bench.write('CNTVCT', 5n);
    expect([bench.read('CNTPCT'), bench.read('CNTVCT')]).toEqual([0n, 0n]);
  });

  it('does not run above 1 GHz, nor not at all', () => {
    for (const frequency of [0, 1.5, 1_000_000_001]) expect(() => new TimerBench(frequency)).toThrow(RangeError);
  });
});

describe('a timer', () => {
  it('raises its interrupt at the first nanosecond at which the counter has reached the compare value', () => {
    const bench = new TimerBench(24_000_000);
    bench.write('CNTP_CVAL', 7n);
    bench.write('CNTP_CTL', 1n);
    expect(bench.clock.next()).toBe(292); // 7 / 24 MHz = 291.67 ns
    bench.clock.advance(291);
    expect([bench.raised, bench.timer.readLow('CNTP_CTL')]).toEqual([[], ENABLE]);
    bench.clock.advance(292);
    expect([bench.raised, bench.timer.readLow('CNTP_CTL')]).toEqual([['physical'], ENABLE | ISTATUS]);
  });

  it('does so for any compare value, offset, time and frequency: the condition is an unsigned comparison of 64 bits', () => {
    fc.assert(
      fc.property(times, frequencies, edges, edges, fc.boolean(), (now, frequency, compare, offset, near) => {
        const bench = new TimerBench(frequency);
        bench.clock.reset(now);
        const count = bench.read('CNTPCT');
        const off = near ? BigInt.asUintN(64, count + BigInt.asIntN(20, offset)) : offset;
        const cval = near ? BigInt.asUintN(64, count - off + BigInt.asIntN(20, compare)) : compare;
        bench.write('CNTVOFF', off);
        bench.write('CNTV_CVAL', cval);
        bench.write('CNTV_CTL', 1n);
        const shown = BigInt.asUintN(64, count - off);
        const level = shown >= cval;
        expect(bench.lines.virtual.level).toBe(level);
        // It changes when the compare value is reached, or when the counter minus the offset wraps to 0.
        const change = level ? count + 2n ** 64n - shown : count + cval - shown;
        const at = (change * 1_000_000_000n + BigInt(frequency) - 1n) / BigInt(frequency);
        const reached = at <= BigInt(Number.MAX_SAFE_INTEGER) && !(level && cval === 0n);
        expect(bench.clock.next()).toBe(reached ? Number(at) : Number.POSITIVE_INFINITY);
        if (!reached) return;
        bench.clock.advance(Number(at) - 1);
        expect(bench.lines.virtual.level).toBe(level);
        bench.clock.advance(Number(at));
        expect(bench.lines.virtual.level).toBe(!level);
      }),
      { numRuns: 3000, seed: 3 },
    );
  });

  it('with compare value 0 is due at once, and with the highest never in the life of the counter', () => {
    const bench = new TimerBench();
    bench.write('CNTP_CTL', 1n);
    bench.write('CNTHP_CVAL', 2n ** 64n - 1n);
    bench.write('CNTHP_CTL', 1n);
    expect([bench.raised, bench.clock.next()]).toEqual([['physical'], Number.POSITIVE_INFINITY]);
  });

  it('masked by IMASK shows ISTATUS but raises nothing; disabled it shows nothing', () => {
    const bench = new TimerBench();
    bench.timer.write('CNTV_CTL', ENABLE | IMASK);
    expect([bench.raised, bench.timer.readLow('CNTV_CTL')]).toEqual([[], ENABLE | IMASK | ISTATUS]);
    bench.timer.write('CNTV_CTL', ENABLE);
    expect(bench.raised).toEqual(['virtual']);
    bench.timer.write('CNTV_CTL', 0);
    expect([bench.raised, bench.timer.readLow('CNTV_CTL')]).toEqual([[], 0]);
  });

  it('stays due until the compare value is moved', () => {
    const bench = new TimerBench();
    bench.timer.write('CNTV_TVAL', 10);
    bench.timer.write('CNTV_CTL', ENABLE);
    bench.clock.advance(1_000_000);
    expect(bench.raised).toEqual(['virtual']);
    bench.timer.write('CNTV_TVAL', 10);
    expect(bench.raised).toEqual([]);
    bench.clock.advance(1_000_160);
    expect(bench.raised).toEqual(['virtual']);
  });

  it('has a timer value that counts down as a signed word, and sets the compare value from one', () => {
    const bench = new TimerBench(1_000_000_000);
    bench.clock.reset(2 ** 33 + 100);
    for (const [value, compare] of [
      [50, 2n ** 33n + 150n],
      [-200, 2n ** 33n - 100n],
      [-(2 ** 31), 2n ** 33n + 100n - 2n ** 31n],
    ] as const) {
      bench.timer.write('CNTHP_TVAL', value);
      expect([bench.read('CNTHP_CVAL'), bench.timer.readLow('CNTHP_TVAL')]).toEqual([compare, value]);
    }
    bench.timer.write('CNTHP_TVAL', 50);
    bench.clock.advance(2 ** 33 + 160);
    expect(bench.timer.readLow('CNTHP_TVAL')).toBe(-10);
  });

  it('is one of four: the banks of the physical timer, virtual and hyp are apart', () => {
    const bench = new TimerBench();
    const names = ['CNTP', 'CNTPS', 'CNTV', 'CNTHP'] as const;
    names.forEach((name, n) => {
      bench.timer.write(`${name}_CVAL`, 100 + n, n);
      bench.timer.write(`${name}_CTL`, IMASK);
    });
    expect(names.map((name) => bench.read(`${name}_CVAL`))).toEqual([
      100n,
      101n + 2n ** 32n,
      102n + 2n ** 33n,
      103n + 3n * 2n ** 32n,
    ]);
    for (const [name, output] of [
      ['CNTP', 'physical'],
      ['CNTPS', 'securePhysical'],
      ['CNTV', 'virtual'],
      ['CNTHP', 'hyp'],
    ] as const) {
      bench.timer.write(`${name}_CVAL`, 0, 0);
      bench.timer.write(`${name}_CTL`, ENABLE);
      expect(bench.raised).toEqual([output]);
      bench.timer.write(`${name}_CTL`, 0);
    }
  });

  it('of the virtual counter follows CNTVOFF', () => {
    const bench = new TimerBench(1_000_000_000);
    bench.clock.reset(1000);
    bench.write('CNTV_CVAL', 500n);
    bench.timer.write('CNTV_CTL', ENABLE);
    expect(bench.raised).toEqual(['virtual']);
    bench.write('CNTVOFF', 600n);
    expect([bench.raised, bench.clock.next()]).toEqual([[], 1100]);
  });
});

describe('state', () => {
  it('comes back in a fresh timer, alarms included', () => {
    const bench = new TimerBench();
    bench.clock.advance(12_345);
    bench.write('CNTVOFF', 2n ** 64n - 7n);
    bench.timer.write('CNTV_TVAL', 1000);
    bench.timer.write('CNTV_CTL', ENABLE);
    bench.timer.write('CNTPS_CTL', ENABLE);
    bench.timer.write('CNTKCTL', 0x2ff);
    bench.timer.write('CNTFRQ', -1);
    const other = new TimerBench();
    other.clock.reset(12_345);
    other.timer.load(bench.timer.save());
    expect(other.timer.save()).toEqual(bench.timer.save());
    expect([other.raised, other.clock.next()]).toEqual([['securePhysical'], bench.clock.next()]);
    expect([other.timer.readLow('CNTKCTL'), other.timer.readLow('CNTFRQ')]).toEqual([0x2ff, -1]);
  });

  it('after reset is that of a new timer: nothing enabled, CNTHCTL lets PL1 use the physical timer', () => {
    const bench = new TimerBench();
    const fresh = bench.timer.save();
    for (const name of ['CNTP', 'CNTPS', 'CNTV', 'CNTHP'] as const) bench.timer.write(`${name}_CTL`, ENABLE);
    bench.write('CNTVOFF', 5n);
    bench.timer.write('CNTHCTL', 0);
    bench.timer.reset();
    expect([bench.timer.save(), bench.raised, bench.clock.next()]).toEqual([fresh, [], Number.POSITIVE_INFINITY]);
    expect(bench.timer.readLow('CNTHCTL')).toBe(3);
    expect(bench.timer.readLow('CNTFRQ')).toBe(62_500_000);
  });
});
