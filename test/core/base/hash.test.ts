import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Hash } from '../../../core/base/hash.ts';

const hash = (value: Parameters<Hash['plain']>[0]) => new Hash().plain(value).digest();

it('does not depend on the order in which keys were added', () => {
  expect(hash({ a: 1, b: 'x' })).toBe(hash({ b: 'x', a: 1 }));
});

it('tells values of different kinds apart', () => {
  const values = [
    null,
    false,
    true,
    0,
    1,
    -1,
    2 ** 32,
    0.5,
    0n,
    1n,
    '',
    '0',
    '1',
    [],
    [0],
    {},
    { a: 0 },
    Uint8Array.of(0),
    Int32Array.of(0),
  ];
  expect(new Set(values.map(hash)).size).toBe(values.length);
});

it('changes with any one word of many', () => {
  const words = Int32Array.from({ length: 64 }, (_, i) => Math.imul(i, 0x9e3779b9));
  const base = hash(words);
  fc.assert(
    fc.property(fc.nat(63), fc.nat(31), (i, bit) => {
      const other = words.slice();
      other[i] = (other[i] as number) ^ (1 << bit);
      return hash(other) !== base;
    }),
  );
});
