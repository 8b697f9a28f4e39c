import { expect, it } from 'vitest';
import { bundled } from '../support/bundled.ts';

const { startOn } = await bundled<typeof import('../support/jit-demo.ts')>('test/support/jit-demo.ts');
const MILLISECOND = 1_000_000;

it('the demo is in the same state with either engine, at any time that is looked at', () => {
  const [interpreted, translated] = [startOn('interpreter').machine, startOn('jit').machine];
  for (const time of [1, 7.000_1, 12.123_457]) {
    for (const machine of [interpreted, translated]) machine.run(time * MILLISECOND);
    expect(translated.stateHash(), `at ${time} ms`).toBe(interpreted.stateHash());
  }
  expect(translated.translations?.made.regions).toBeGreaterThan(50);
});

it('a state goes from one engine to the other and back again', () => {
  const whole = startOn('interpreter').machine;
  whole.run(12 * MILLISECOND);
  const [interpreted, translated] = [startOn('interpreter').machine, startOn('jit').machine];
  translated.run(4 * MILLISECOND);
  interpreted.load(translated.save());
  interpreted.run(8 * MILLISECOND);
  // The second time over code that it knows.
  translated.run(10 * MILLISECOND);
  translated.load(interpreted.save());
  expect(translated.stateHash()).toBe(interpreted.stateHash());
  translated.run(12 * MILLISECOND);
  expect(translated.stateHash()).toBe(whole.stateHash());
});
