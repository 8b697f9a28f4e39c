/** The committed ELF files are what their sources compile to, byte for byte, in whatever folder that is done. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { have } from '../support/oracles.ts';

const GUESTS = join(import.meta.dirname, '../../guests');
const NAMES = ['hello', 'control', 'telemetry', 'rogue', 'manager', 'disk', 'bench', 'sender', 'listener'];
/** Programs for Linux. */
const PROGRAMS = ['manage', 'receiver'];
const IMAGE_LIMIT = 150 * 1024;
const PT_LOAD = 1;

const elf = (folder: string, name: string): Buffer => readFileSync(join(folder, name, `${name}.elf`));

/** Address and end of each loadable segment (ELF32, little-endian). */
function segments(image: Buffer): { start: number; end: number; flags: number }[] {
  const offset = image.readUInt32LE(28);
  const headers = Array.from({ length: image.readUInt16LE(44) }, (_, i) => offset + 32 * i);
  return headers
    .filter((at) => image.readUInt32LE(at) === PT_LOAD)
    .map((at) => {
      const start = image.readUInt32LE(at + 12);
      return { start, end: start + image.readUInt32LE(at + 20), flags: image.readUInt32LE(at + 24) };
    });
}

describe.skipIf(!have('arm-none-eabi-gcc'))('the guests, rebuilt elsewhere', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'partita-guests-'));
    cpSync(GUESTS, folder, { recursive: true, filter: (path) => !path.endsWith('.elf') });
    const made = spawnSync('make', ['-s', '-C', folder], { encoding: 'utf8' });
    expect(made.stderr).toBe('');
    expect(made.status).toBe(0);
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([...NAMES, ...PROGRAMS])('%s is byte for byte the committed file', (name) => {
    expect(elf(folder, name).equals(elf(GUESTS, name))).toBe(true);
  });
});

describe('the committed guests', () => {
  it.each(NAMES)('%s is small, and its segments fit the first MiB of a partition, none both writable and executable', (name) => {
    expect(statSync(join(GUESTS, name, `${name}.elf`)).size).toBeLessThan(IMAGE_LIMIT);
    for (const segment of segments(elf(GUESTS, name))) {
      expect(segment.start).toBeGreaterThanOrEqual(0x40008000);
      expect(segment.end).toBeLessThanOrEqual(0x40100000);
      expect(segment.flags & 3).not.toBe(3);
    }
  });

  it.each(PROGRAMS)(
    '%s, for Linux, is small, and its segments lie where the kernel lets programs lie, none both writable and executable',
    (name) => {
      expect(statSync(join(GUESTS, name, `${name}.elf`)).size).toBeLessThan(IMAGE_LIMIT);
      for (const { start, flags } of segments(elf(GUESTS, name))) {
        expect(start).toBeGreaterThanOrEqual(0x10000);
        expect(flags & 3).not.toBe(3);
      }
    },
  );

  it.each([...NAMES, ...PROGRAMS])('%s names no folder of the machine it was built on', (name) => {
    expect(elf(GUESTS, name).toString('latin1')).not.toMatch(/\/(home|root|tmp|work|usr|Users)\//);
  });
});
