import { expect, it } from 'vitest';
import { ALL, Bench, frame, readPcap, recorder } from './rig.ts';

/** Two frames through a port, a second and a half apart, the second one the other way. */
function captured(): Uint8Array {
  const { capture, bytes } = recorder();
  const bench = new Bench([
    { name: 'a', vlan: 1, capture },
    { name: 'b', vlan: 1 },
  ]);
  bench.clock.advance(1_500_000_001);
  bench.send('a', frame(1, ALL));
  bench.send('b', frame(2, 1, { length: 1514 }));
  bench.clock.advance(2e9);
  return bytes();
}

it('a capture has what a port was given and what it gave, each at its virtual time', () => {
  expect(readPcap(captured())).toEqual({
    link: 1,
    frames: [
      { at: 1_500_000_001, frame: frame(1, ALL) },
      { at: 1_500_010_001, frame: frame(2, 1, { length: 1514 }) },
    ],
  });
});

it('a capture has also what the port forbids, since it was sent', () => {
  const { capture, bytes } = recorder();
  new Bench([{ name: 'a', vlan: 1, capture }]).send('a', frame(1, 2, { tags: [9] }));
  expect(readPcap(bytes()).frames).toHaveLength(1);
});
