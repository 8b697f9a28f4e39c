import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../core/bus/clock.ts';
import { IrqLine } from '../../../core/bus/irq-line.ts';
import { GenericTimer } from '../../../core/devices/generic-timer.ts';

const MHZ_500 = 500_000_000; // a tick is two nanoseconds
const [EVNTEN, EVNTDIR] = [1 << 2, 1 << 3];
const bit = (n: number): number => n << 4;

function bench() {
  const clock = new VirtualClock();
  const line = () => new IrqLine(() => {});
  const events: number[] = [];
  const event = () => events.push(clock.now());
  const outputs = { physical: line(), securePhysical: line(), virtual: line(), hyp: line(), event };
  return { clock, events, timer: new GenericTimer(clock, { frequency: MHZ_500 }, outputs) };
}

/** Times up to `end` at which WFE, asking again and again, finds an event. */
function found(timer: GenericTimer, clock: VirtualClock, end: number): number[] {
  const times: number[] = [];
  for (let now = clock.now(); now <= end; now++) {
    clock.advance(now);
    if (timer.takeEvent()) times.push(now);
  }
  return times;
}

describe.each(['CNTKCTL', 'CNTHCTL'] as const)('the event stream of %s', (register) => {
  it('is off after reset', () => {
    const { timer, clock } = bench();
    expect(found(timer, clock, 1000)).toEqual([]);
  });

  it('has an event when the bit becomes one', () => {
    const { timer, clock } = bench();
    timer.write(register, EVNTEN | bit(3));
    expect(found(timer, clock, 100)).toEqual([16, 48, 80]);
  });

  it('has an event when the bit becomes zero, with EVNTDIR', () => {
    const { timer, clock } = bench();
    timer.write(register, EVNTEN | EVNTDIR | bit(3));
    expect(found(timer, clock, 100)).toEqual([32, 64, 96]);
  });

  it('gives one event for all that have passed', () => {
    const { timer, clock } = bench();
    timer.write(register, EVNTEN | bit(0));
    clock.advance(1000);
    expect([timer.takeEvent(), timer.takeEvent()]).toEqual([true, false]);
  });

  it('keeps an event that came before it was switched off', () => {
    const { timer, clock } = bench();
    timer.write(register, EVNTEN | bit(3));
    clock.advance(20);
    timer.write(register, 0);
    clock.advance(500);
    expect([timer.takeEvent(), timer.takeEvent()]).toEqual([true, false]);
  });

  it('tells a core that waits, once, and needs no alarm before', () => {
    const { timer, clock, events } = bench();
    timer.write(register, EVNTEN | bit(3));
    expect(clock.next()).toBe(Number.POSITIVE_INFINITY);
    timer.awaitEvent();
    clock.advance(1000);
    expect(events).toEqual([16]);
  });

  it('goes on after saving and loading as it would have', () => {
    const { timer, clock, events } = bench();
    timer.write(register, EVNTEN | bit(6));
    clock.advance(150);
    timer.awaitEvent();
    const other = bench();
    other.clock.reset(clock.now());
    other.timer.load(timer.save());
    expect(other.timer.save()).toEqual(timer.save());
    for (const each of [clock, other.clock]) each.advance(1000);
    expect(other.events).toEqual(events);
    expect(events).toEqual([384]);
  });
});

describe('the event stream of the virtual counter', () => {
  it('follows CNTVOFF', () => {
    const { timer, clock } = bench();
    timer.write('CNTKCTL', EVNTEN | bit(3));
    timer.write('CNTVOFF', 5);
    expect(found(timer, clock, 60)).toEqual([26, 58]);
  });
});
