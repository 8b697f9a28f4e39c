/** What a power cut leaves of an image: leaks at worst, and all that was flushed. */
import { expect, it } from 'vitest';
import { bundled } from '../../../support/bundled.ts';

const { tryCuts } = await bundled<typeof import('../../../support/power-cut.ts')>('test/support/power-cut.ts');

it('a power cut corrupts nothing and loses nothing that was flushed, and leaks can be mended', () => {
  expect(tryCuts(24, 20)).toEqual({ cuts: 480, wrong: [] });
});
