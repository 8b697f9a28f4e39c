import { describe, expect, it } from 'vitest';
import { type BlockFile, MemoryFile } from '../../../core/storage/block-file.ts';
import { bytesOf, isZero, textOf } from '../../../core/storage/bytes.ts';
import { asDisk } from '../../../core/storage/disk.ts';
import { DiskError } from '../../../core/storage/error.ts';
import { Raw } from '../../../core/storage/raw.ts';
import { filled, newImage, openImage } from '../../support/images.ts';

describe('a disk', () => {
  const disk = asDisk(new Raw(new MemoryFile(filled(1000, 1)), false), 'Straße\n-with-a-long-name');

  it('has whole sectors; what the file lacks reads as zero', () => {
    expect(disk.size).toBe(1024);
    const into = filled(512, 9);
    expect(disk.read(512, into)).toEqual({ ok: true, value: null });
    expect([into[487], into[488], into[511]]).toEqual([1, 0, 0]);
  });

  it('has an identity of at most 20 printable characters', () => {
    expect(disk.identity).toBe('Stra?e?-with-a-long-');
  });

  it.each([
    [1024, 1],
    [0, 1025],
    [-512, 512],
    [0.5, 1],
    [2 ** 53, 1],
    [Number.NaN, 1],
    [Number.POSITIVE_INFINITY, 1],
  ])('refuses what is not inside: %d', (offset, length) => {
    const bytes = new Uint8Array(length);
    expect(disk.read(offset, bytes)).toMatchObject({ ok: false, error: 'RANGE' });
    expect(disk.write(offset, bytes)).toMatchObject({ ok: false, error: 'RANGE' });
    expect(disk.discard(offset, length)).toMatchObject({ ok: false, error: 'RANGE' });
    expect(disk.writeZeroes(offset, length)).toMatchObject({ ok: false, error: 'RANGE' });
  });

  it('refuses lengths that a number does not hold', () => {
    expect(disk.discard(0, 2 ** 60)).toMatchObject({ ok: false, error: 'RANGE' });
  });

  it('that is read-only refuses changes, and a flush does nothing', () => {
    const fixed = asDisk(new Raw(new MemoryFile(filled(512, 1), false), false), '');
    expect(fixed.readOnly).toBe(true);
    for (const outcome of [fixed.write(0, filled(512, 2)), fixed.discard(0, 512), fixed.writeZeroes(0, 512)]) {
      expect(outcome).toMatchObject({ ok: false, error: 'READ_ONLY' });
    }
    expect(fixed.flush().ok).toBe(true);
  });

  it.each(['raw', 'qcow2'])('a host that fails is an outcome, and later writes work again: %s', (format) => {
    const inner = format === 'raw' ? new MemoryFile(new Uint8Array(2 ** 20)) : newImage(2 ** 20);
    let full = false;
    const failing: BlockFile = {
      get size() {
        return inner.size;
      },
      writable: true,
      read: (offset, into) => inner.read(offset, into),
      write: (offset, bytes) => {
        if (full) throw new DiskError('NO_SPACE', "the host's disk is full");
        inner.write(offset, bytes);
      },
      truncate: (size) => inner.truncate(size),
      flush: () => {},
      close: () => {},
    };
    const disk = asDisk(format === 'raw' ? new Raw(failing, false) : openImage(failing), '');
    full = true;
    expect(disk.write(0, filled(512, 1))).toEqual({ ok: false, error: 'NO_SPACE', why: "the host's disk is full" });
    full = false;
    expect(disk.write(0, filled(512, 1)).ok).toBe(true);
    full = true;
    expect(disk.flush().ok).toBe(format === 'raw');
    full = false;
    expect(disk.flush().ok).toBe(true);
    const into = new Uint8Array(512);
    expect(asDisk(format === 'raw' ? new Raw(inner, false) : openImage(inner), '').read(0, into).ok).toBe(true);
    expect(into[511]).toBe(1);
  });
});

describe('a raw disk of which nobody said that it is raw', () => {
  it('cannot be made to look like qcow2', () => {
    const disk = asDisk(new Raw(new MemoryFile(new Uint8Array(1024)), true), '');
    const magic = filled(512, 0);
    magic.set([0x51, 0x46, 0x49, 0xfb]);
    expect(disk.write(0, magic)).toMatchObject({ ok: false, error: 'DENIED' });
    expect(disk.write(0, magic.subarray(0, 3)).ok).toBe(true);
    expect(disk.write(3, magic.subarray(3))).toMatchObject({ ok: false, error: 'DENIED' });
    expect(disk.write(512, magic).ok).toBe(true);
  });
});

describe('bytes', () => {
  it('are zero or not, also where they do not lie at words', () => {
    for (const from of [0, 1, 2, 3]) {
      const bytes = new Uint8Array(103).subarray(from);
      expect(isZero(bytes)).toBe(true);
      for (let i = 0; i < bytes.length; i++) {
        bytes[i] = 1;
        expect(isZero(bytes)).toBe(false);
        bytes[i] = 0;
      }
    }
  });

  it('are text if they are UTF-8', () => {
    for (const text of ['base.qcow2', 'Straße %41 €.raw', '𝄞']) expect(textOf(bytesOf(text))).toBe(text);
    expect([...bytesOf('ß%')]).toEqual([...new TextEncoder().encode('ß%')]);
    expect(textOf(Uint8Array.of(0xff, 0x41))).toBeUndefined();
  });
});

describe('a file in memory', () => {
  it('reads as zero where nothing was written, and forgets what was cut off', () => {
    const file = new MemoryFile();
    file.write(200_000, filled(10, 1));
    expect(file.size).toBe(200_010);
    file.truncate(200_005);
    file.truncate(300_000);
    const bytes = filled(20, 9);
    file.read(199_995, bytes);
    expect([...bytes]).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });
});
