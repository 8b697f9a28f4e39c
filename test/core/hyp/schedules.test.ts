/** What a schedule promises, measured: a control loop and somebody else on one core. */
import { describe, expect, it } from 'vitest';
import { bundled } from '../../support/bundled.ts';

const { CYCLIC, ROUND_ROBIN, PRIORITY, feel, feelInterrupts, startCrowd } =
  await bundled<typeof import('../../support/shared-core.ts')>('test/support/shared-core.ts');

const TIME = 6_000_000;
/** Some that wait, call, write to devices, and never give the core back. */
const LOADS = [
  'rogue',
  'a busy loop',
  'a wait with interrupts masked',
  'a storm of hypercalls',
  'timers at odd times',
  'a flood of the console',
];

describe('the cyclic schedule', () => {
  const alone = feel({ schedule: CYCLIC }, TIME);

  it.each(LOADS)('lets control feel nothing of %s: it leaves to the hypervisor at the same nanoseconds', (third) => {
    const beside = feel({ schedule: CYCLIC, third }, TIME);
    expect(beside.exits).toEqual(alone.exits);
    expect(beside.control).toEqual(alone.control);
    expect(beside.telemetry).toEqual(alone.telemetry);
    for (const { windows, overrunNs } of [beside.control, beside.third] as const) {
      expect(windows).toMatchObject({ count: 6, minNs: 0, maxNs: 0 });
      expect(overrunNs).toBe(0);
    }
  });

  it('gives a busy guest what was asked within 1 %, and cuts it off at each window', () => {
    const { third } = feel({ schedule: CYCLIC, third: 'a busy loop' }, TIME);
    expect(third).toMatchObject({ asked: 0.6, cut: 6 });
    expect(Math.abs(third.share - 0.6)).toBeLessThan(0.006);
  });

  it('takes the core back from a guest that waits, and leaves what is in no window idle', () => {
    const { machine, hypervisor } = startCrowd({ schedule: CYCLIC, third: 'a busy loop' });
    machine.run(875_000);
    const at = hypervisor.report()[2]?.instructions;
    machine.run(890_000);
    expect(hypervisor.report()[2]?.instructions).toBe(at);
  });

  it('goes on from a saved state as if nothing had been', () => {
    const [first, second] = [startCrowd({ schedule: CYCLIC, third: 'rogue' }), startCrowd({ schedule: CYCLIC, third: 'rogue' })];
    first.machine.run(2_300_000);
    second.machine.load(first.machine.save());
    expect(second.machine.stateHash()).toBe(first.machine.stateHash());
    for (const { machine } of [first, second]) machine.run(5_000_000);
    expect(second.machine.stateHash()).toBe(first.machine.stateHash());
    expect(second.hypervisor.report()).toEqual(first.hypervisor.report());
  });

  it('delivers a timer that comes due outside of its window at the start of the next, and says how late', () => {
    const schedule = CYCLIC.replace('<0 250000 &control 0>', '<950000 50000 &control 0>').replace('<900000', '<100000');
    const { control } = feel({ schedule: schedule.replace('1000000>', '1300000>'), third: 'a busy loop' }, 2 * TIME);
    expect(control.lateTimer.count).toBeGreaterThan(3);
    expect(control.lateTimer.maxNs).toBeGreaterThan(100_000);
    expect(control.lateTimer.maxNs).toBeLessThan(1_300_000);
  });
});

describe('interrupts under the cyclic schedule', () => {
  it('of a device and from another core wait for the window of their guest, and nobody else notices', () => {
    const [disturbed, quiet] = [feelInterrupts(true, TIME), feelInterrupts(false, TIME)];
    expect(disturbed.exits).toEqual(quiet.exits);
    expect(disturbed.observer).toEqual(quiet.observer);
    const { interrupts } = disturbed.third?.vcpus[0] ?? {};
    expect(interrupts?.count).toBeGreaterThan(50);
    expect(interrupts?.maxNs).toBeGreaterThan(500_000);
    expect(quiet.third?.vcpus[0]?.interrupts.count).toBe(0);
  });
});

describe('round robin', () => {
  it('lets control wait for others, and the report says how long', () => {
    const beside = feel({ schedule: ROUND_ROBIN, third: 'rogue' }, TIME);
    const alone = feel({ schedule: ROUND_ROBIN }, TIME);
    expect(alone.control.timer.maxNs).toBeLessThan(10);
    expect(beside.control.timer.maxNs).toBeGreaterThan(500_000);
  });
});

describe('fixed priorities', () => {
  it('let the most urgent run within nanoseconds, whatever the others do', () => {
    const { control } = feel({ schedule: PRIORITY, third: 'a storm of hypercalls' }, TIME);
    expect(control.timer.count).toBeGreaterThan(4);
    expect(control.timer.maxNs).toBeLessThan(10);
  });

  it('give a busy guest its budget within 1 %, and no more', () => {
    const { third } = feel({ schedule: PRIORITY, third: 'a busy loop' }, TIME);
    expect(third).toMatchObject({ asked: 0.5, exhausted: 6 });
    expect(Math.abs(third.share - 0.5)).toBeLessThan(0.005);
  });

  it('go on from a saved state as if nothing had been', () => {
    const [first, second] = [
      startCrowd({ schedule: PRIORITY, third: 'rogue' }),
      startCrowd({ schedule: PRIORITY, third: 'rogue' }),
    ];
    first.machine.run(2_300_000);
    second.machine.load(first.machine.save());
    for (const { machine } of [first, second]) machine.run(4_000_000);
    expect(second.machine.stateHash()).toBe(first.machine.stateHash());
  });
});

describe('looking at a run', () => {
  it.each([CYCLIC, ROUND_ROBIN])('leaves it on its course', (schedule) => {
    const [watched, left] = [startCrowd({ schedule, third: 'a busy loop' }), startCrowd({ schedule, third: 'a busy loop' })];
    for (const time of [400_000, 1_330_000, 2_200_000]) {
      watched.machine.run(time);
      watched.hypervisor.report();
    }
    for (const { machine, hypervisor } of [watched, left]) {
      machine.run(3_000_000);
      hypervisor.report();
    }
    expect(watched.machine.stateHash()).toBe(left.machine.stateHash());
  });
});
