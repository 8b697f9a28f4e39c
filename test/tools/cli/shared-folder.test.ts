import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SharedFolder } from '../../../tools/cli/shared-folder.ts';
import { have } from '../../support/oracles.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

describe('a shared folder', () => {
  let base = '';
  let inside = '';
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'shared-'));
    inside = join(base, 'inside');
    mkdirSync(join(inside, 'folder'), { recursive: true });
    writeFileSync(join(base, 'secret'), 'secret');
    writeFileSync(join(inside, 'file'), 'content');
    symlinkSync(join(base, 'secret'), join(inside, 'absolute'));
    symlinkSync('../secret', join(inside, 'relative'));
    symlinkSync('..', join(inside, 'up'));
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  it('shows files, folders and links, and never follows a link', () => {
    const tree = new SharedFolder(inside);
    expect(tree.list([])).toMatchObject({ value: expect.arrayContaining(['file', 'folder', 'absolute', 'relative', 'up']) });
    expect(tree.status(['file'])).toMatchObject({ value: { kind: 'file', size: 7 } });
    expect(tree.status([])).toMatchObject({ value: { kind: 'folder' } });
    expect(tree.read(['file'], 3, 100)).toMatchObject({ value: bytes('tent') });
    for (const name of ['absolute', 'relative', 'up']) expect(tree.status([name])).toMatchObject({ value: { kind: 'link' } });
    expect(tree.readLink(['relative'])).toMatchObject({ value: '../secret' });
    expect(tree.read(['relative'], 0, 10).ok).toBe(false);
    expect(tree.read(['absolute'], 0, 10).ok).toBe(false);
    expect(tree.status(['up', 'secret'])).toMatchObject({ error: 'ENOTDIR' });
    expect(tree.read(['folder'], 0, 1)).toMatchObject({ error: 'EISDIR' });
  });

  it.each(['..', '.', '', 'a/b', '../secret', 'folder/../file'])('refuses the name "%s"', (name) => {
    const tree = new SharedFolder(inside, true);
    expect(tree.status([name]).ok).toBe(false);
    expect(tree.status(['folder', name]).ok).toBe(false);
    expect(tree.create([name], 0o644).ok).toBe(false);
    expect(tree.rename(['file'], [name]).ok).toBe(false);
  });

  it('changes nothing unless it is writable', () => {
    const tree = new SharedFolder(inside);
    const results = [
      tree.write(['file'], 0, bytes('x')),
      tree.create(['new'], 0o644),
      tree.makeFolder(['new'], 0o755),
      tree.makeLink(['new'], 'x'),
      tree.rename(['file'], ['new']),
      tree.remove(['file'], false),
      tree.change(['file'], { size: 0 }),
    ];
    expect(results.map((result) => !result.ok && result.error)).toEqual(results.map(() => 'EROFS'));
    expect(readFileSync(join(inside, 'file'), 'utf8')).toBe('content');
  });

  it('creates, writes, renames and removes when it is', () => {
    const tree = new SharedFolder(inside, true);
    expect(tree.create(['new'], 0o600).ok).toBe(true);
    expect(tree.create(['new'], 0o600)).toMatchObject({ error: 'EEXIST' });
    expect(tree.write(['new'], 2, bytes('text'))).toMatchObject({ value: 4 });
    expect(tree.change(['new'], { size: 5, mode: 0o640, modified: 1_000_000 }).ok).toBe(true);
    expect(tree.status(['new'])).toMatchObject({ value: { size: 5, mode: 0o640, modified: 1_000_000 } });
    expect(tree.makeFolder(['made'], 0o755).ok).toBe(true);
    expect(tree.rename(['new'], ['made', 'moved']).ok).toBe(true);
    expect(tree.sync(['made', 'moved']).ok).toBe(true);
    expect(readFileSync(join(inside, 'made/moved'))).toEqual(Buffer.from('\0\0tex'));
    expect(tree.remove(['made'], true)).toMatchObject({ error: 'ENOTEMPTY' });
    expect(tree.remove(['made', 'moved'], false).ok).toBe(true);
    expect(tree.remove(['made'], true).ok).toBe(true);
    expect(tree.remove([], true)).toMatchObject({ error: 'EPERM' });
    expect(tree.makeLink(['link'], '/etc/passwd').ok).toBe(true);
    expect(tree.write(['link'], 0, bytes('x')).ok).toBe(false);
    expect(tree.write(['relative'], 0, bytes('x')).ok).toBe(false);
    expect(tree.change(['absolute'], { size: 0 }).ok).toBe(false);
    expect(tree.change(['absolute'], { mode: 0o777, modified: 5 }).ok).toBe(true);
    expect(tree.create(['up', 'new'], 0o644)).toMatchObject({ error: 'ENOTDIR' });
    expect(readFileSync(join(base, 'secret'), 'utf8')).toBe('secret');
    expect(tree.write(['file'], 300 * 1024 * 1024, bytes('x'))).toMatchObject({ error: 'EFBIG' });
  });

  it.skipIf(!have('mkfifo'))('does not know FIFOs, nor wait for them', () => {
    spawnSync('mkfifo', [join(inside, 'fifo')]);
    const tree = new SharedFolder(inside, true);
    expect(tree.status(['fifo'])).toMatchObject({ error: 'EACCES' });
    expect(tree.read(['fifo'], 0, 1)).toMatchObject({ error: 'EACCES' });
    expect(tree.write(['fifo'], 0, bytes('x')).ok).toBe(false);
  });
});
