import { expect, it } from 'vitest';
import { VirtualClock } from '../../../core/bus/clock.ts';
import { Console } from '../../../core/machine/console.ts';

it('typed bytes wait until the guest looks for them, in their order', () => {
  const console = new Console('a');
  let told = 0;
  console.onInput(() => told++);
  console.type([1, 2]);
  console.type([3]);
  expect(told).toBe(2);
  expect([console.next(), console.next(), console.next(), console.next()]).toEqual([1, 2, 3, undefined]);
});

it('what is printed is told at once and kept', () => {
  const console = new Console('a');
  const heard: number[] = [];
  console.onOutput((byte) => heard.push(byte));
  for (const byte of [0x48, 0x69, 0xff]) console.put(byte);
  expect(heard).toEqual([0x48, 0x69, 0xff]);
  expect(console.text()).toBe('Hi\xff');
});

it('a guest that prints for ever does not use up memory', () => {
  const console = new Console('a');
  for (let i = 0; i < (1 << 20) + 100; i++) console.put(0x2e);
  expect(console.text().length).toBe(1 << 20);
  expect(console.printed).toBe((1 << 20) + 100);
});

it('a script waits for a guest that looks again and again with nothing printed between', () => {
  const console = new Console('a');
  console.typePatiently([1, 2]);
  const look = (times: number) => Array.from({ length: times }, () => console.next(false)).filter((byte) => byte !== undefined);
  expect(look(5)).toEqual([]);
  console.put(0x2e);
  expect(look(5)).toEqual([]);
  expect(look(1)).toEqual([1]);
  expect(look(5)).toEqual([]);
  expect(look(1)).toEqual([2]);
});

it('a script goes at once to a guest that waits for an interrupt, a key even to one that only looks', () => {
  const console = new Console('a');
  console.typePatiently([1]);
  expect(console.next(true)).toBe(1);
  console.type([2]);
  expect(console.next(false)).toBe(2);
});

it('a script gives its next line to a guest that has waited for an interrupt for 100 ms and printed nothing', () => {
  const clock = new VirtualClock();
  const console = new Console('a', clock);
  const got: (number | undefined)[] = [];
  console.onInput(() => got.push(console.next(true)));
  console.typePatiently([0x61, 0x62, 0x0a, 0x63]);
  expect(got).toEqual([undefined]);
  clock.advance(75e6);
  console.put(0x2e);
  clock.advance(174e6);
  expect(got.slice(1).filter((byte) => byte !== undefined)).toEqual([]);
  clock.advance(175e6);
  expect(got.at(-1)).toBe(0x61);
  console.put(0x61); // an echo does not hold up the line
  expect([console.next(true), console.next(true)]).toEqual([0x62, 0x0a]);
  expect(console.next(true)).toBeUndefined();
  clock.advance(275e6);
  expect(got.at(-1)).toBe(0x63);
});

it('waits as long after a snapshot as it would have', () => {
  const [before, after] = [0, 1].map(() => {
    const clock = new VirtualClock();
    return { clock, console: new Console('a', clock) };
  }) as [{ clock: VirtualClock; console: Console }, { clock: VirtualClock; console: Console }];
  before.console.typePatiently([0x61]);
  before.clock.advance(5e6);
  before.console.next(true);
  after.clock.reset(15e6);
  after.console.load(before.console.save());
  const got: (number | undefined)[] = [];
  after.console.onInput(() => got.push(after.console.next(true)));
  after.clock.advance(104_999_999);
  expect(got).toEqual([]);
  after.clock.advance(105e6);
  expect(got).toEqual([0x61]);
});
