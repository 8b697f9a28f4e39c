/** `partita image` as people run it: what it says, statuses, one line for each mistake. */
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { viewOf } from '../../../core/storage/bytes.ts';
import { image as run } from '../../../tools/cli/image.ts';
import { UsageError } from '../../../tools/cli/usage.ts';
import { filled, ImageBench, SOUND } from '../../support/images.ts';
import { have } from '../../support/oracles.ts';
import { Program } from './program.ts';

const there = have('qemu-img', 'qemu-io');
const bench = new ImageBench();
let partita: Program;
beforeAll(async () => {
  partita = await Program.build();
});
afterAll(() => {
  partita.remove();
  bench.remove();
});

const at = (name: string) => join(partita.folder, name);
const image = (...args: readonly string[]) => partita.run('image', ...args);
/** Without a program of its own: what it throws becomes the line and the status. */
function attempt(args: readonly string[]): { readonly error?: Error } {
  try {
    run(args);
    return {};
  } catch (error) {
    return { error: error as Error };
  }
}

const GOOD = { status: 0, stderr: '' };
const ONE_LINE = /^partita: [^\n]+\n$/;

describe('partita image', () => {
  it('tells what it can do', () => {
    for (const args of [['--help'], ['help'], ['create', '--help']]) {
      const { status, stdout } = image(...args);
      expect(status).toBe(0);
      for (const verb of ['info', 'create', 'convert', 'commit', 'check']) expect(stdout).toContain(`partita image ${verb} `);
      expect(stdout).toContain('Examples');
    }
    expect(image().status).toBe(2);
    expect(partita.run('--help').stdout).toContain('partita image VERB');
  });

  it.skipIf(!there)('makes images of all shapes that QEMU finds sound', () => {
    const shapes = [
      ['plain.qcow2', '1G'],
      ['old.qcow2', '3M', '--compat', '2', '--cluster-size', '512'],
      ['narrow.qcow2', '5T', '--refcount-bits', '1', '--cluster-size', '2M'],
      ['wide.qcow2', '10G', '--refcount-bits', '64', '--cluster-size', '4K'],
    ];
    for (const [name, ...rest] of shapes) {
      expect(image('create', at(name as string), ...rest)).toMatchObject({ ...GOOD, stdout: '' });
      expect(bench.check(at(name as string))).toEqual(SOUND);
    }
    const info = JSON.parse(bench.qemu('qemu-img', 'info', '--output=json', at('narrow.qcow2')));
    expect(info).toMatchObject({ 'virtual-size': 5 * 2 ** 40, 'cluster-size': 2 ** 21 });
    expect(info['format-specific'].data).toMatchObject({ compat: '1.1', 'refcount-bits': 1, corrupt: false });
  });

  it.skipIf(!there)('goes through the life of a disk: create, write, info, convert, commit', () => {
    writeFileSync(at('base.raw'), filled(2 ** 20, 7));
    expect(image('create', at('run.qcow2'), '--backing', 'base.raw', '--backing-format', 'raw')).toMatchObject(GOOD);
    bench.qemu('qemu-io', '-c', 'write -P 9 64k 64k', at('run.qcow2'));
    const { stdout } = image('info', at('run.qcow2'));
    expect(stdout).toContain('qcow2 version 3, a disk of 1 MiB');
    expect(stdout).toMatch(/over .*base\.raw\n {2}raw, a disk of 1 MiB/);
    const [top, base] = JSON.parse(image('info', '--json', at('run.qcow2')).stdout);
    expect(top).toMatchObject({
      format: 'qcow2',
      size: 2 ** 20,
      qcow2: { backing: 'base.raw', backingFormat: 'raw', snapshots: [] },
    });
    expect(base).toMatchObject({ format: 'raw', size: 2 ** 20 });
    for (const copy of ['copy.raw', 'copy.qcow2']) {
      expect(image('convert', at('run.qcow2'), at(copy))).toMatchObject(GOOD);
      bench.qemu('qemu-img', 'compare', at('run.qcow2'), at(copy));
    }
    expect(bench.check(at('copy.qcow2'))).toEqual(SOUND);
    expect(image('convert', at('copy.qcow2'), at('again.raw'))).toMatchObject(GOOD);
    expect(readFileSync(at('again.raw'))).toEqual(readFileSync(at('copy.raw')));
    expect(image('commit', at('run.qcow2'))).toMatchObject({
      ...GOOD,
      stdout: expect.stringMatching(/^65536 bytes written to .*base\.raw\n$/),
    });
    expect(readFileSync(at('base.raw'))).toEqual(readFileSync(at('copy.raw')));
    expect(bench.check(at('run.qcow2'))).toEqual(SOUND);
  });

  it('a new raw image takes no room until it is written', () => {
    expect(image('create', '--format', 'raw', at('thin.raw'), '8G')).toMatchObject(GOOD);
    expect(statSync(at('thin.raw'))).toMatchObject({ size: 8 * 2 ** 30, blocks: 0 });
  });

  it('check: 0 for a sound image, 3 for leaks, 1 for corruptions; leaks can be mended', () => {
    image('create', at('check.qcow2'), '16M', '--cluster-size', '64K');
    expect(image('check', at('check.qcow2'))).toMatchObject({ ...GOOD, stdout: 'nothing wrong\n0 clusters with data\n' });
    const bytes = readFileSync(at('check.qcow2'));
    viewOf(bytes).setUint16(0x20000 + 200, 1);
    writeFileSync(at('check.qcow2'), bytes);
    expect(image('check', at('check.qcow2'))).toMatchObject({
      status: 3,
      stdout: expect.stringContaining('0 corruptions, 1 leaked clusters'),
    });
    expect(image('check', at('check.qcow2'), '--repair', 'leaks')).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('mended: 1 leaks'),
    });
    viewOf(bytes).setUint16(0x20000, 0);
    writeFileSync(at('check.qcow2'), bytes);
    const { status, stdout } = image('check', '--json', at('check.qcow2'));
    expect([status, JSON.parse(stdout)]).toMatchObject([
      1,
      { corruptions: 1, leaks: 1, problems: ['cluster 0 is used 1 times, but its refcount is 0'] },
    ]);
    expect(image('check', at('check.qcow2'), '--repair', 'leaks')).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(ONE_LINE),
    });
  });

  it('a backing file outside of the folder is refused, unless a larger folder is given', () => {
    mkdirSync(at('inner'), { recursive: true });
    writeFileSync(at('outside.raw'), filled(65_536, 1));
    symlinkSync('../outside.raw', at('inner/link.raw'));
    for (const name of ['../outside.raw', 'link.raw', at('outside.raw')]) {
      const args = ['create', at('inner/over.qcow2'), '--backing', name];
      expect(image(...args)).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringContaining('a backing file outside of '),
      });
      expect(existsSync(at('inner/over.qcow2'))).toBe(false);
    }
    expect(image('create', at('inner/over.qcow2'), '--backing', '../outside.raw', '--folder', partita.folder)).toMatchObject(
      GOOD,
    );
    const refused = image('convert', at('inner/over.qcow2'), at('inner/copy.raw'));
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringMatching(ONE_LINE) });
    expect(existsSync(at('inner/copy.raw'))).toBe(false);
    expect(image('convert', at('inner/over.qcow2'), at('inner/copy.raw'), '--folder', '/')).toMatchObject(GOOD);
  });

  it('a mistake is one line, and status 2', () => {
    expect(image('info', 'none.qcow2')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'partita: none.qcow2: there is no such file\n',
    });
  });

  it.each([
    [['shrink', 'a'], 'there is no "image shrink": use info, create, convert, commit, check'],
    [['info'], 'the image is missing: partita image info FILE'],
    [['info', 'none.qcow2'], 'none.qcow2: there is no such file'],
    [['info', 'boards'], 'boards: it is'],
    [['info', 'a', 'b'], 'one argument too many: b'],
    [['create', 'a', '1M', '--backing-format', 'raw'], '--backing-format has no effect without --backing'],
    [['create', 'a', '1M', '--format', 'raw', '--cluster-size', '4K'], '--cluster-size has no effect on a raw image'],
    [['info', '--wrong', 'a'], '--wrong'],
    [['create', 'new.qcow2'], 'the size is missing'],
    [['create', 'new.qcow2', 'huge'], 'the size huge: give a number of bytes'],
    [['create', 'new.qcow2', '1000'], 'the size 1000: give a multiple of 512'],
    [['create', 'new.qcow2', '1G', '--cluster-size', '3K'], '--cluster-size 3K: give a power of two'],
    [['create', 'new.qcow2', '1G', '--refcount-bits', '12'], '--refcount-bits 12: give 1, 2, 4'],
    [['create', 'new.qcow2', '1G', '--compat', '2', '--refcount-bits', '8'], '--compat 2: its refcounts have 16 bits'],
    [['create', 'new.qcow2', '1G', '--format', 'vmdk'], '--format vmdk: give raw or qcow2'],
    [
      ['create', 'new.qcow2', '1P', '--cluster-size', '512'],
      'new.qcow2: a disk of 1125899906842624 bytes in clusters of 512: take larger clusters',
    ],
    [['create', 'new.qcow2', '--backing', 'none.raw'], 'none.raw: there is no such file'],
    [['create', 'text.txt', '1G'], 'text.txt: it is there already: choose another name, or give --force'],
    [['create', 'none/new.qcow2', '1G'], 'none/new.qcow2: there is no such file'],
    [['convert', 'text.txt'], 'the new image is missing'],
    [['convert', 'text.txt', 'text.txt', '--force'], 'text.txt: it cannot be written while it is read'],
    [['commit', 'text.txt'], 'text.txt: it lies over nothing to commit to'],
    [['check', 'text.txt'], 'text.txt: there is nothing to check in a raw image'],
    [['info', '--format', 'qcow2', 'text.txt'], 'text.txt: this is no qcow2 image'],
    [['check', 'text.txt', '--repair', 'all'], '--repair all: give leaks or refcounts'],
  ])('one line: image %s', (args, message) => {
    partita.file('text.txt', 'no disk at all\n');
    const before = process.cwd();
    process.chdir(partita.folder);
    const { error } = attempt(args);
    process.chdir(before);
    expect(error).toBeInstanceOf(UsageError);
    expect(error?.message).toContain(message);
    expect(error?.message).not.toContain('\n');
    expect(existsSync(at('new.qcow2'))).toBe(false);
    expect(readFileSync(at('text.txt'), 'utf8')).toBe('no disk at all\n');
  });
});
