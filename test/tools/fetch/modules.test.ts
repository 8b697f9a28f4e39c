import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { collectModules, modulesDep } from '../../../tools/fetch/modules.ts';

const folder = mkdtempSync(join(tmpdir(), 'modules-'));
afterAll(() => rmSync(folder, { recursive: true }));

function module(path: string, depends: string): void {
  const file = join(folder, 'kernel', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `\x7fELF…\0license=GPL\0depends=${depends}\0name=x\0`);
}
module('fs/disk.ko', 'journal,sum');
module('fs/journal.ko', 'sum');
module('lib/sum.ko', '');
module('net/my-card.ko', '');
module('net/other.ko', 'my-card');

it('takes a module with all that it needs', () => {
  expect(collectModules(folder, ['disk']).map(({ path }) => path)).toEqual([
    'kernel/fs/disk.ko',
    'kernel/fs/journal.ko',
    'kernel/lib/sum.ko',
  ]);
});

it('takes hyphens and underscores for the same, as modprobe does', () => {
  expect(collectModules(folder, ['other', 'my_card']).map(({ path }) => path)).toEqual([
    'kernel/net/my-card.ko',
    'kernel/net/other.ko',
  ]);
});

it('lists before what a module has to be loaded, the nearest first', () => {
  expect(modulesDep(collectModules(folder, ['disk', 'my-card']))).toBe(
    'kernel/fs/disk.ko: kernel/fs/journal.ko kernel/lib/sum.ko\nkernel/fs/journal.ko: kernel/lib/sum.ko\nkernel/lib/sum.ko:\nkernel/net/my-card.ko:\n',
  );
});

it('names a module that is not there', () => {
  expect(() => collectModules(folder, ['tape'])).toThrow('the kernel has no module tape');
});
