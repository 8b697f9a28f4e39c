import { spawnSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Entry, writeCpio } from '../../../tools/fetch/cpio.ts';
import { have } from '../../support/oracles.ts';

const text = (length: number) => Uint8Array.from({ length }, (_, i) => 0x61 + (i % 26));

/** Names and contents of every length that padding has to do with. */
const ENTRIES: readonly Entry[] = [
  { kind: 'folder', path: 'dev' },
  { kind: 'folder', path: 'a', mode: 0o700 },
  { kind: 'device', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
  { kind: 'link', path: 'a/link', target: '../f0' },
  { kind: 'file', path: 'init', mode: 0o755, data: text(100_000) },
  ...[0, 1, 2, 3, 4, 5].map((n): Entry => ({ kind: 'file', path: `f${'x'.repeat(n)}${n}`, data: text(n) })),
];

it('is an archive whose records are multiples of four, with a trailer', () => {
  const archive = writeCpio(ENTRIES);
  expect(archive.length % 4).toBe(0);
  expect(Buffer.from(archive).toString('latin1', 0, 6)).toBe('070701');
  expect(Buffer.from(archive).toString('latin1')).toContain('TRAILER!!!\0');
});

it.skipIf(!have('cpio'))('is listed by cpio with types, permissions, sizes and targets', () => {
  const listed = spawnSync('cpio', ['-itvn', '--quiet'], {
    input: writeCpio(ENTRIES),
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
  });
  expect(listed.stderr).toBe('');
  const rows = listed.stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/\s+/));
  expect(rows.map(([mode, , owner]) => `${mode} ${owner}`)).toEqual([
    'drwxr-xr-x 0',
    'drwx------ 0',
    'crw------- 0',
    'lrwxrwxrwx 0',
    '-rwxr-xr-x 0',
    ...[0, 1, 2, 3, 4, 5].map(() => '-rw-r--r-- 0'),
  ]);
  expect(rows[2]?.slice(4, 6)).toEqual(['5,', '1']);
  expect(rows[3]?.slice(-3)).toEqual(['a/link', '->', '../f0']);
  expect(rows.slice(4).map((row) => `${row.at(-1)} ${row[4]}`)).toEqual(
    ENTRIES.slice(4).map((entry) => `${entry.path} ${entry.kind === 'file' ? entry.data.length : 0}`),
  );
});

it.skipIf(!have('cpio'))('is unpacked by cpio to what went in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cpio-'));
  try {
    const entries = ENTRIES.filter(({ kind }) => kind !== 'device'); // only root may make one
    const unpacked = spawnSync('cpio', ['-i', '--quiet'], { cwd: folder, input: writeCpio(entries), encoding: 'utf8' });
    expect([unpacked.status, unpacked.stderr]).toEqual([0, '']);
    for (const entry of entries) {
      const path = join(folder, entry.path);
      if (entry.kind === 'file') expect(new Uint8Array(readFileSync(path))).toEqual(entry.data);
      else if (entry.kind === 'link') expect(readlinkSync(path)).toBe(entry.target);
      else expect(lstatSync(path).isDirectory()).toBe(true);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
