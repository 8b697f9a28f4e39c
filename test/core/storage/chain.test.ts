/** Chains of images in a folder: where names lead, loops, what is opened how. */
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryFile } from '../../../core/storage/block-file.ts';
import { bytesOf, put64, viewOf } from '../../../core/storage/bytes.ts';
import { type Layer, openChain } from '../../../core/storage/chain.ts';
import { commit, copyVolume } from '../../../core/storage/copy.ts';
import { checkQcow2 } from '../../../core/storage/qcow2/check.ts';
import type { Qcow2 } from '../../../core/storage/qcow2/image.ts';
import { Raw } from '../../../core/storage/raw.ts';
import { ImageFolder, INFLATERS, imageFolder, openDisk } from '../../../tools/cli/image-files.ts';
import { Random } from '../../../tools/oracle/random.ts';
import { change, contentOf, filled, newImage, openImage, pattern, same } from '../../support/images.ts';

let outer: string;
let folder: string;
beforeAll(() => {
  outer = realpathSync(mkdtempSync(join(tmpdir(), 'chain-')));
  folder = join(outer, 'images');
  mkdirSync(join(folder, 'below'), { recursive: true });
  writeFileSync(join(outer, 'secret.raw'), filled(65_536, 0x53));
  writeFileSync(join(folder, 'base.raw'), filled(65_536, 0xba));
  symlinkSync('../secret.raw', join(folder, 'link.raw'));
  symlinkSync('../base.raw', join(folder, 'below', 'link.raw'));
});
afterAll(() => rmSync(outer, { recursive: true }));

/** An image in the folder that names `backing`, in whatever words. */
function put(name: string, backing: string, format: string | undefined = 'raw'): string {
  const bytes = newImage(65_536).content();
  const view = viewOf(bytes);
  const text = bytesOf(backing);
  bytes.fill(0, 112, 300);
  if (format !== undefined) {
    view.setUint32(112, 0xe2792aca);
    view.setUint32(116, format.length);
    bytes.set(bytesOf(format), 120);
  }
  put64(view, 8, 300);
  view.setUint32(16, text.length);
  bytes.set(text, 300);
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

const open = (path: string, at = folder, writable = 0) =>
  openChain(new ImageFolder(at, [path]), path, { writable, inflaters: INFLATERS });
/** Opens, looks, and closes again. */
function look<T>(path: string, at: string, act: (layers: readonly Layer[]) => T): T {
  const layers = open(path, at);
  try {
    return act(layers);
  } finally {
    layers[0]?.volume.close();
  }
}
const first = (path: string, at = folder) => look(path, at, (layers) => contentOf(layers[0]?.volume as Qcow2)[0]);

describe('the name of a backing file', () => {
  it.each(['base.raw', './base.raw', 'below/../base.raw', 'file:base.raw', 'below/link.raw'])(
    'leads from the folder of the image: %s',
    (name) => {
      expect(first(put('over.qcow2', name))).toBe(0xba);
    },
  );

  it('may be absolute within the folder', () => {
    expect(first(put('over.qcow2', join(folder, 'base.raw')))).toBe(0xba);
  });

  it.each(['../secret.raw', 'below/../../secret.raw', 'link.raw', '/etc/passwd', '/dev/zero', 'file:../secret.raw'])(
    'leads nowhere else: %s',
    (name) => {
      expect(() => open(put('over.qcow2', name))).toThrow(
        /a backing file outside of .*: name a folder that has all with --folder/,
      );
    },
  );

  it('leads further if a larger folder is given', () => {
    expect(first(put('over.qcow2', '../secret.raw'), outer)).toBe(0x53);
    expect(first(put('over.qcow2', '../secret.raw'), '/')).toBe(0x53);
  });

  it.each([
    ['json:{"driver":"file"}', 'raw', /is no plain file/],
    ['nbd://localhost/disk', 'raw', /is no plain file/],
    ['base.raw', 'vmdk', /format "vmdk"/],
    ['none.raw', 'raw', /none\.raw: there is no such file \(.*over\.qcow2 lies over it\)/],
    ['below', 'raw', /it is no plain file|it is a folder/],
    ['base.raw', 'qcow2', /base\.raw: this is no qcow2 image/],
  ])('is refused in one line: %s (%s)', (name, format, why) => {
    expect(() => open(put('over.qcow2', name, format))).toThrow(why);
  });

  it('without a format: the file says', () => {
    expect(look(put('over.qcow2', 'base.raw', ''), folder, (layers) => layers.map(({ format }) => format))).toEqual([
      'qcow2',
      'raw',
    ]);
  });
});

describe('a loop', () => {
  it('of an image with itself is found', () => {
    expect(() => open(put('self.qcow2', 'self.qcow2', 'qcow2'))).toThrow('the backing files form a loop');
  });

  it('of three, under other names, is found', () => {
    put('one.qcow2', 'two.qcow2', 'qcow2');
    put('two.qcow2', 'three.qcow2', 'qcow2');
    put('three.qcow2', 'other.qcow2', 'qcow2');
    linkSync(join(folder, 'one.qcow2'), join(folder, 'other.qcow2'));
    expect(() => open(join(folder, 'one.qcow2'))).toThrow('the backing files form a loop');
    expect(() => open(join(folder, 'one.qcow2'), folder, 1)).toThrow(/loop|in use already/);
  });
});

describe('a chain', () => {
  it('may be 300 images deep', () => {
    put('deep0.qcow2', 'base.raw');
    for (let i = 1; i < 300; i++) put(`deep${i}.qcow2`, `deep${i - 1}.qcow2`, 'qcow2');
    const layers = open(join(folder, 'deep299.qcow2'));
    expect(layers.length).toBe(301);
    expect(contentOf(layers[0]?.volume as Qcow2).every((byte) => byte === 0xba)).toBe(true);
    layers[0]?.volume.close();
  });

  it('is written at the top alone: what lies below is open for reading, and stays as it was', () => {
    put('mid.qcow2', 'base.raw');
    const path = put('top.qcow2', 'mid.qcow2', 'qcow2');
    const before = ['base.raw', 'mid.qcow2'].map((name) => [
      readFileSync(join(folder, name)),
      statSync(join(folder, name)).mtimeMs,
    ]);
    const layers = open(path, folder, 1);
    expect(layers.map(({ volume }) => volume.writable)).toEqual([true, false, false]);
    const volume = layers[0]?.volume as Qcow2;
    const model = filled(65_536, 0xba);
    for (let i = 0, random = new Random(1); i < 12; i++) change(random, volume, model, 20_000);
    volume.flush();
    expect(same(contentOf(volume), model)).toBe(true);
    volume.close();
    expect(
      ['base.raw', 'mid.qcow2'].map((name) => [readFileSync(join(folder, name)), statSync(join(folder, name)).mtimeMs]),
    ).toEqual(before);
  });

  it('has no file that is written and also used elsewhere', () => {
    const store = imageFolder(undefined, join(folder, 'base.raw'));
    const reader = store.open(join(folder, 'base.raw'), false);
    expect(() => store.open(join(folder, 'base.raw'), true)).toThrow('in use already');
    reader.file.close();
    const writer = store.open(join(folder, 'base.raw'), true);
    expect(() => store.open(join(folder, 'base.raw'), false)).toThrow('in use already');
    writer.file.close();
    store.open(join(folder, 'base.raw'), false).file.close();
  });
});

describe('a disk for a machine', () => {
  it('whose changes stay in memory leaves the file as it is', () => {
    const path = put('top.qcow2', 'base.raw');
    const before = readFileSync(path);
    const { disk, overlay, close } = openDisk(path, { use: 'snapshot' });
    expect(disk).toMatchObject({ size: 65_536, readOnly: false, identity: 'top.qcow2' });
    disk.write(512, filled(512, 1));
    const sector = new Uint8Array(512);
    disk.read(512, sector);
    expect(sector[0]).toBe(1);
    expect(overlay?.save()['pages']).toHaveLength(1);
    close();
    expect(same(readFileSync(path), before)).toBe(true);
  });

  it.each(['write', 'read'] as const)('opened to %s', (use) => {
    const path = put('top.qcow2', 'base.raw');
    const { disk, close } = openDisk(path, { use });
    expect(disk.write(0, filled(512, 3)).ok).toBe(use === 'write');
    close();
    const again = openDisk(path, { use: 'read' });
    const sector = new Uint8Array(512);
    again.disk.read(0, sector);
    again.close();
    expect(sector[0]).toBe(use === 'write' ? 3 : 0xba);
  });
});

describe('two disks of one machine', () => {
  it('may share what they lie over, but not a file that one of them writes', () => {
    const [one, two] = [put('one.qcow2', 'base.raw'), put('two.qcow2', 'base.raw')];
    const disks = [openDisk(one, { use: 'write' }), openDisk(two, { use: 'write' })];
    for (const use of ['write', 'read', 'snapshot'] as const) expect(() => openDisk(one, { use })).toThrow('in use already');
    expect(() => openDisk(join(folder, 'base.raw'), { use: 'write' })).toThrow('in use already');
    for (const { close } of disks) close();
    const shared = [openDisk(one, { use: 'snapshot' }), openDisk(one, { use: 'snapshot' })];
    for (const { close } of shared) close();
    openDisk(join(folder, 'base.raw'), { use: 'write' }).close();
  });
});

describe('copies', () => {
  it.each([9, 16])('have the content of the whole chain, and no room for zeros: clusters of 2^%i', (clusterBits) => {
    const random = new Random(clusterBits);
    const base = new Raw(new MemoryFile(pattern(random, 300_032), false), false);
    const from = openImage(newImage(2 ** 40, { clusterBits: 16 }), base);
    from.write(2 ** 39, pattern(random, 4096));
    const file = newImage(2 ** 40, { clusterBits: 16 });
    const to = openImage(file);
    expect(copyVolume(from, to)).toBeLessThan(2 ** 20);
    const [one, other] = [new Uint8Array(400_384), new Uint8Array(400_384)];
    from.read(0, one);
    to.read(0, other);
    expect(same(one, other)).toBe(true);
    expect(file.size).toBeLessThan(2 ** 20);
  });

  it.each(['raw', 'qcow2'])(
    'a commit brings a %s base to what the image showed, larger if need be, and empties the image',
    (format) => {
      const random = new Random(7);
      const file =
        format === 'raw' ? new MemoryFile(pattern(random, 100_352)) : newImage(100_352, { clusterBits: 9, refcountOrder: 6 });
      const base = format === 'raw' ? new Raw(file, false) : openImage(file);
      if (format === 'qcow2') base.write(0, pattern(random, 90_112));
      const topFile = newImage(2 ** 23, { clusterBits: 12 });
      const top = openImage(topFile, base);
      const model = contentOf(top);
      for (let i = 0; i < 60; i++) change(random, top, model, 2 ** 18);
      commit(top, base);
      expect(base.size).toBe(2 ** 23);
      expect(same(contentOf(base), model)).toBe(true);
      expect(same(contentOf(top), model)).toBe(true);
      expect(checkQcow2(topFile)).toMatchObject({ corruptions: 0, leaks: 0, allocated: 0 });
      expect(topFile.size).toBeLessThan(40_000);
      if (format === 'qcow2') expect(checkQcow2(file)).toMatchObject({ corruptions: 0, leaks: 0 });
    },
  );

  it('what lies below a base does not show through when a commit makes the base larger', () => {
    const deep = new Raw(new MemoryFile(filled(2 ** 20, 0xdd), false), false);
    const base = openImage(newImage(2 ** 18), deep);
    const top = openImage(newImage(2 ** 20), base);
    top.write(2 ** 19, filled(512, 1));
    const shown = contentOf(top);
    commit(top, base);
    expect(same(contentOf(base), shown)).toBe(true);
  });
});
