import { expect, it } from 'vitest';
import { VirtualClock } from '../../../core/bus/clock.ts';

it('fires alarms in the order of their times, and of their creation where those are equal', () => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  const add = (name: string, at: number) => clock.alarm(name, () => fired.push(`${name}@${clock.now()}`)).set(at);
  add('a', 30);
  add('b', 10);
  add('c', 10);
  clock.advance(20);
  expect(fired).toEqual(['b@10', 'c@10']);
  expect(clock.next()).toBe(30);
  clock.advance(30);
  expect(fired.at(-1)).toBe('a@30');
  expect(clock.next()).toBe(Number.POSITIVE_INFINITY);
});

it('fires an alarm that another sets for the same time', () => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  const second = clock.alarm('second', () => fired.push('second'));
  clock.alarm('first', () => second.set(5)).set(5);
  clock.advance(5);
  expect(fired).toEqual(['second']);
});

it('tells the running core of an alarm that it sets, and takes its time while it runs', () => {
  const clock = new VirtualClock();
  const told: number[] = [];
  clock.runWith(
    () => 42,
    (at) => told.push(at),
  );
  clock.alarm('a', () => {}).set(50);
  expect(clock.now()).toBe(42);
  expect(told).toEqual([50]);
  clock.runWith(undefined, undefined);
  expect(clock.now()).toBe(0);
});

it('never goes back', () => {
  const clock = new VirtualClock();
  clock.advance(100);
  clock.alarm('late', () => {}).set(10);
  clock.advance(100);
  expect(clock.now()).toBe(100);
});
