import { expect, it } from 'vitest';
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
