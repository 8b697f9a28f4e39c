/** Malformed images do no harm. The long suite has 10,000 of them. */
import { expect, it } from 'vitest';
import { bundled } from '../../../support/bundled.ts';
import { fuzzFolder } from '../../../support/fuzz-folder.ts';

const { fuzz } = await bundled<typeof import('../../../support/image-fuzz.ts')>('test/support/image-fuzz.ts');

it('400 malformed images: each is used or refused in one line, and nothing outside of the folder is read', () => {
  const { folder, remove } = fuzzFolder();
  const { failures, written, refused } = fuzz(0, 400, folder, []);
  remove();
  expect(failures).toEqual([]);
  expect(written).toBeGreaterThan(50);
  expect(refused['CORRUPT']).toBeGreaterThan(50);
  expect(refused['DENIED']).toBeGreaterThan(0);
});
