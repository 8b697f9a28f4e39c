/** Each image of the bench, with few rounds: either engine ends in the same state, and QEMU prints the same checksum. */
import { describe, expect, it } from 'vitest';
import { bundled } from '../support/bundled.ts';
import { have } from '../support/oracles.ts';

const { IMAGES, inPartita, inQemu } = await bundled<typeof import('./bench-images.ts')>('test/guests/bench-images.ts');

/** Two names of one file differ in their rounds only. */
const images = IMAGES.filter(({ name }) => name !== 'functions ARM 1000');

const lines = new Map<string, string | undefined>();

describe('the images of the bench', () => {
  it.each(images)('$name ends in the same state with the translator as with the interpreter', (image) => {
    const interpreted = inPartita(image, 'interpreter');
    expect(interpreted.stop).toBe('ended');
    expect(interpreted.line).toMatch(new RegExp(`^[\\w-]+: ${image.few} rounds, checksum [0-9a-f]{8}$`));
    lines.set(image.name, interpreted.line);
    expect(inPartita(image, 'jit')).toEqual(interpreted);
    if (have('qemu-system-arm')) expect(inQemu(image)).toBe(interpreted.line);
  });

  it('compute the same in ARM and in Thumb state', () => {
    const thumb = images.map(({ name }) => name).filter((name) => name.endsWith(' Thumb'));
    expect(thumb.length).toBeGreaterThan(4);
    for (const name of thumb) expect(lines.get(name)).toBe(lines.get(name.replace('Thumb', 'ARM')));
  });
});
