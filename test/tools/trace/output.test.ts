import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { OutputFile } from '../../../tools/trace/output.ts';

const LONG = 'x'.repeat(1 << 18);

it('a file holds what was written, long or short', () => {
  const folder = mkdtempSync(join(tmpdir(), 'output-'));
  const path = join(folder, 'file');
  const file = new OutputFile(path);
  for (const line of ['a', LONG, 'b']) file.line(line);
  file.close();
  expect(readFileSync(path, 'utf8') === `a\n${LONG}\nb\n`).toBe(true);
  rmSync(folder, { recursive: true });
});

it('a file that is full stops nobody before it is closed', () => {
  const file = new OutputFile('/dev/full');
  for (let i = 0; i < 3; i++) file.line(LONG);
  expect(() => file.close()).toThrow(expect.objectContaining({ code: 'ENOSPC', path: '/dev/full' }));
});
