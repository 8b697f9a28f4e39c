import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderFiles } from '../../../tools/cli/semihosting-files.ts';
import { have } from '../../support/oracles.ts';

const READ = { read: true, write: false, create: false, truncate: false };
const CREATE = { read: true, write: true, create: true, truncate: true };
const bytes = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

let outside: string;
let root: string;
let files: FolderFiles;

beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), 'files-'));
  root = join(outside, 'root');
  mkdirSync(join(root, 'sub'), { recursive: true });
  writeFileSync(join(outside, 'secret'), 'secret');
  writeFileSync(join(root, 'inside'), 'inside');
  files = new FolderFiles(root);
});
afterEach(() => rmSync(outside, { recursive: true }));

describe('semihosting files in a folder', () => {
  it('are created, written, read and measured', () => {
    const opened = files.open('sub/new.txt', CREATE);
    if (!opened.ok) throw new Error(opened.error);
    expect(opened.value.write(0, bytes('hello')).ok).toBe(true);
    expect(opened.value.write(5, bytes(' there')).ok).toBe(true);
    expect(opened.value.read(6, 100)).toEqual({ ok: true, value: bytes('there') });
    expect(opened.value.length()).toEqual({ ok: true, value: 11 });
    opened.value.close();
    expect(readFileSync(join(root, 'sub/new.txt'), 'latin1')).toBe('hello there');
  });

  it('are removed and renamed', () => {
    expect(files.rename('inside', 'sub/moved').ok).toBe(true);
    expect(files.remove('inside')).toEqual({ ok: false, error: 'ENOENT' });
    expect(files.remove('sub/moved').ok).toBe(true);
    expect(existsSync(join(root, 'sub/moved'))).toBe(false);
  });

  it.each(['../secret', 'sub/../../secret', '..', '/etc/passwd', '//etc/passwd', '..\\secret', 'C:secret', 'inside\0x'])(
    'refuses %j',
    (path) => {
      for (const how of [READ, CREATE]) expect(files.open(path, how)).toEqual({ ok: false, error: 'EACCES' });
      expect(files.remove(path).ok).toBe(false);
      expect(files.rename('inside', path).ok).toBe(false);
      expect(files.rename(path, 'stolen').ok).toBe(false);
      expect(readFileSync(join(outside, 'secret'), 'latin1')).toBe('secret');
    },
  );

  it('refuses to leave through a symbolic link, as the last part or on the way', () => {
    symlinkSync('../secret', join(root, 'link'));
    symlinkSync('..', join(root, 'up'));
    symlinkSync('../nothing', join(root, 'dangling'));
    symlinkSync('sub', join(root, 'within'));
    for (const path of ['link', 'up/secret', 'up/new', 'dangling']) {
      for (const how of [READ, CREATE]) expect(files.open(path, how).ok, path).toBe(false);
      expect(files.remove(path).ok, path).toBe(false);
      expect(files.rename('inside', path).ok, path).toBe(false);
    }
    expect(existsSync(join(outside, 'nothing')) || existsSync(join(outside, 'new'))).toBe(false);
    expect(files.open('within/file', CREATE).ok).toBe(true);
  });

  it('refuses folders', () => {
    for (const path of ['sub', '.', 'sub/']) expect(files.open(path, READ).ok, path).toBe(false);
  });

  it.skipIf(!have('mkfifo'))('refuses a FIFO instead of waiting for it', () => {
    expect(spawnSync('mkfifo', [join(root, 'fifo')]).status).toBe(0);
    for (const how of [READ, CREATE]) expect(files.open('fifo', how).ok).toBe(false);
  });

  it('refuses a file that grows too large', () => {
    const opened = files.open('big', CREATE);
    expect(opened.ok && opened.value.write(0xffff_0000, bytes('x'))).toEqual({ ok: false, error: 'ENOSPC' });
  });
});
