import { expect, it } from 'vitest';
import { bundled } from '../../../support/bundled.ts';

it('10,000 frames of every kind, changed and random, harm neither the gateway nor its tables, and a recording replays them', async () => {
  const { fuzz } = await bundled<typeof import('./fuzz.ts')>('test/core/net/gateway/fuzz.ts');
  for (const seed of [1, 2, 3, 4]) {
    const first = fuzz(seed, 2500);
    expect(first.alive).toBe(true);
    expect(first.flows).toBeLessThanOrEqual(1024);
    for (const what of ['malformed', 'fragments', 'foreign', 'refused'] as const)
      expect(first.counts[what], what).toBeGreaterThan(0);
    for (const ask of ['connect', 'send', 'end', 'drop', 'more', 'datagram', 'resolve'])
      expect(first.asked[ask], ask).toBeGreaterThan(0);
    if (seed > 1) continue;
    const again = fuzz(seed, 2500, first.recorded);
    expect(again.hash).toBe(first.hash);
    expect([again.differed, again.recorded.length]).toEqual([0, first.recorded.length]);
  }
});
