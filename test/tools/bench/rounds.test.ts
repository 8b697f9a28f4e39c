import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checksumLine, withRounds } from '../../../tools/bench/rounds.ts';

const ELF = readFileSync('guests/bench/integer-a.elf');

describe('the number of rounds in an image', () => {
  it('is the only thing that changes, and the given file is left as it was', () => {
    const before = Buffer.from(ELF);
    const changed = withRounds(ELF, 0x01020304);
    expect(ELF.equals(before)).toBe(true);
    const places = [...changed.keys()].filter((i) => changed[i] !== ELF[i]);
    expect(places.length).toBeGreaterThanOrEqual(2);
    expect(Math.max(...places) - Math.min(...places)).toBeLessThan(4);
    expect(Buffer.from(changed).includes(Buffer.from([4, 3, 2, 1]))).toBe(true);
  });

  it('can be changed again', () => {
    expect(Buffer.from(withRounds(withRounds(ELF, 7), 3000)).equals(ELF)).toBe(true);
  });

  it('must be there once', () => {
    expect(() => withRounds(new Uint8Array(100), 1)).toThrow('not exactly one');
    expect(() => withRounds(Buffer.concat([ELF, ELF]), 1)).toThrow('not exactly one');
  });
});

describe('the line with the checksum', () => {
  it('is found behind the name of a console', () => {
    expect(checksumLine('serial0: vfp-single: 3 rounds, checksum 26d30404\r\n')).toBe('vfp-single: 3 rounds, checksum 26d30404');
  });

  it('may be missing', () => {
    expect(checksumLine('vfp-single: 3 rounds, check')).toBeUndefined();
  });
});
