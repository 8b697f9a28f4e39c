import { describe, expect, it } from 'vitest';
import { MemoryFile } from '../../../core/storage/block-file.ts';
import { asDisk } from '../../../core/storage/disk.ts';
import { Overlay } from '../../../core/storage/overlay.ts';
import { Raw } from '../../../core/storage/raw.ts';
import type { Volume } from '../../../core/storage/volume.ts';
import { Random } from '../../../tools/oracle/random.ts';
import { change, contentOf, filled, newImage, openImage, pattern, same } from '../../support/images.ts';

/** A base that must not be written. */
function readOnly(content: Uint8Array): { base: Volume; file: MemoryFile } {
  const file = new MemoryFile(undefined, false);
  file.write(0, content);
  return { base: new Raw(file, false), file };
}

describe('changes in memory', () => {
  it('are seen, and leave the base as it is', () => {
    const content = pattern(new Random(1), 300_000);
    const { base, file } = readOnly(content);
    const overlay = new Overlay(base);
    const model = new Uint8Array(overlay.size);
    model.set(content);
    for (let i = 0, random = new Random(2); i < 200; i++) change(random, overlay, model, 60_000);
    expect(same(contentOf(overlay), model)).toBe(true);
    expect(same(file.content(), content)).toBe(true);
  });

  it('are state: saved, loaded into another overlay, and kept over a reset', () => {
    const { base } = readOnly(filled(100_352, 7));
    const [overlay, other] = [new Overlay(base), new Overlay(base)];
    overlay.write(5000, filled(9000, 1));
    overlay.writeZeroes(40_960, 8192);
    other.write(0, filled(512, 9));
    other.load(overlay.save());
    expect(other.save()).toEqual(overlay.save());
    expect(same(contentOf(other), contentOf(overlay))).toBe(true);
    const saved = overlay.save();
    overlay.write(5000, filled(512, 3));
    expect(same(contentOf(other), contentOf(overlay))).toBe(false);
    overlay.reset();
    expect(contentOf(overlay)[5000]).toBe(3);
    overlay.load(saved);
    expect(same(contentOf(other), contentOf(overlay))).toBe(true);
  });

  it('end with NO_SPACE when they take too much memory, and what was there stays', () => {
    const disk = asDisk(new Overlay(readOnly(new Uint8Array(2 ** 20)).base, 100_000), 'd');
    expect(disk.write(0, filled(65_536, 1))).toMatchObject({ ok: true });
    expect(disk.write(131_072, filled(65_536, 2))).toMatchObject({ ok: false, error: 'NO_SPACE' });
    expect(disk.write(0, filled(65_536, 3))).toMatchObject({ ok: true });
  });

  it('zeros over a base without data there take no memory, however many', () => {
    const overlay = new Overlay(openImage(newImage(2 ** 40)), 10_000);
    overlay.write(2 ** 30, filled(512, 1));
    overlay.writeZeroes(0, 2 ** 40);
    const sector = filled(512, 5);
    overlay.read(2 ** 30, sector);
    expect(sector.every((byte) => byte === 0)).toBe(true);
    expect(overlay.save()).toEqual({ pages: [] });
  });
});
