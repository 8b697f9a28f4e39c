/**
 * Malformed qcow2 images: sound ones of several kinds, with fields, tables and bytes replaced, put at the top or in the middle of a chain.
 * Each is opened, read, written, checked and repaired; whatever happens must be a refusal in one line, within bounds of time and memory.
 */
import { realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { MemoryFile } from '../../core/storage/block-file.ts';
import { bytesOf, put64, viewOf } from '../../core/storage/bytes.ts';
import { type ImageStore, type OpenImage, openChain } from '../../core/storage/chain.ts';
import { copyVolume } from '../../core/storage/copy.ts';
import { DiskError } from '../../core/storage/error.ts';
import { checkQcow2, repairQcow2 } from '../../core/storage/qcow2/check.ts';
import type { Qcow2 } from '../../core/storage/qcow2/image.ts';
import type { Volume } from '../../core/storage/volume.ts';
import { ImageFolder, INFLATERS } from '../../tools/cli/image-files.ts';
import { Random } from '../../tools/oracle/random.ts';
import { newImage, openImage, pattern } from './images.ts';

export interface FuzzResult {
  readonly images: number;
  /** Refused when opened, by kind of refusal. */
  readonly refused: Readonly<Record<string, number>>;
  readonly written: number;
  readonly slowest: number;
  readonly failures: readonly string[];
}

const MOST_MILLISECONDS = 5000;
const MOST_GROWTH = 2 ** 26;

/** `parts` are images to start from, besides some of ours; `folder` is an image folder, with files beside it that must not be read. */
export function fuzz(first: number, count: number, folder: string, parts: readonly Uint8Array[]): FuzzResult {
  const [failures, refused]: [string[], Record<string, number>] = [[], {}];
  const starts = [...sources(), ...parts];
  let [written, slowest] = [0, 0];
  for (let seed = first; seed < first + count; seed++) {
    const random = new Random(seed);
    const images = new Map([
      [join(folder, 'top.qcow2'), malformed(random, random.pick(starts).slice())],
      [join(folder, 'middle.qcow2'), random.once(3) ? malformed(random, random.pick(starts).slice()) : random.pick(starts)],
    ]);
    const start = process.hrtime.bigint();
    const outcome = attempt(() => use(random, folder, images));
    const took = Number(process.hrtime.bigint() - start) / 1e6;
    slowest = Math.max(slowest, took);
    if (took > MOST_MILLISECONDS) failures.push(`seed ${seed}: ${took} ms`);
    if (outcome.kind === 'done') written++;
    else if (outcome.kind === 'refused') refused[outcome.why] = (refused[outcome.why] ?? 0) + 1;
    else failures.push(`seed ${seed}: ${outcome.why}`);
  }
  return { images: count, refused, written, slowest, failures };
}

type Done = { readonly kind: 'done' } | { readonly kind: 'refused' | 'failed'; readonly why: string };

function attempt(act: () => void): Done {
  try {
    act();
    return { kind: 'done' };
  } catch (error) {
    if (!(error instanceof DiskError)) return { kind: 'failed', why: String((error as Error).stack) };
    if (/\p{Cc}/u.test(error.message)) return { kind: 'failed', why: `not one line: ${error.message}` };
    return { kind: 'refused', why: error.fault };
  }
}

/** The images are in memory, under names that lead nowhere else; all other names go to the real folder. */
class WatchedFolder implements ImageStore {
  readonly #folder: ImageFolder;
  readonly #root: string;
  readonly #images: ReadonlyMap<string, Uint8Array>;
  readonly files: { readonly path: string; readonly file: MemoryFile; readonly before: Uint8Array; readonly written: boolean }[] =
    [];

  constructor(folder: string, images: ReadonlyMap<string, Uint8Array>) {
    this.#images = images;
    this.#folder = new ImageFolder(folder, [join(folder, 'top.qcow2')]);
    this.#root = realpathSync(folder) + sep;
  }

  open(path: string, writable: boolean): OpenImage {
    const known = this.#images.get(path);
    const { content: before, identity } = known === undefined ? this.#real(path, writable) : { content: known, identity: path };
    const copy = new MemoryFile(undefined, writable);
    copy.write(0, before);
    this.files.push({ path, file: copy, before, written: writable });
    return { file: copy, identity };
  }

  #real(path: string, writable: boolean): { readonly content: Uint8Array; readonly identity: string } {
    const { file, identity } = this.#folder.open(path, writable);
    if (!realpathSync(path).startsWith(this.#root)) throw new Error(`outside: ${path}`);
    const content = new Uint8Array(file.size);
    file.read(0, content);
    file.close();
    return { content, identity };
  }

  resolve(from: string, name: string): string {
    return this.#folder.resolve(from, name);
  }
}

function use(random: Random, folder: string, images: ReadonlyMap<string, Uint8Array>): void {
  const store = new WatchedFolder(folder, images);
  const writable = random.once(4) ? 0 : 1;
  const layers = openChain(store, join(folder, 'top.qcow2'), { writable, inflaters: INFLATERS, format: 'qcow2' });
  const volume = layers[0]?.volume as Qcow2;
  const steps = [
    () => volume.snapshots(),
    () => read(random, volume),
    () => writable && change(random, volume),
    () => volume.size < 2 ** 26 && copyVolume(volume, new Nothing(volume.size)),
    () => writable && random.once(3) && volume.grow(volume.size + 2 ** 21),
    () => writable && random.once(4) && volume.empty(),
    () => writable && volume.flush(),
    ...store.files.flatMap(({ file, written }) => [
      () => checkQcow2(file),
      () => written && random.once(2) && repairQcow2(file, random.pick(['leaks', 'refcounts'])),
    ]),
  ];
  for (const step of steps) {
    const outcome = attempt(step);
    if (outcome.kind === 'failed') throw new Error(outcome.why);
  }
  for (const { path, file, before, written } of store.files) {
    if (!written && Buffer.compare(file.content(), before) !== 0) throw new Error(`${path}: written, though only read`);
    if (file.size > before.length + MOST_GROWTH) throw new Error(`${path}: has grown to ${file.size}`);
  }
}

function place(random: Random, size: number, length: number): number {
  const most = Math.max(0, size - length);
  return Math.floor(random.pick([0, most, (random.word() / 2 ** 32) * most, Math.min(most, random.below(2 ** 20))]) / 512) * 512;
}

function read(random: Random, volume: Volume): void {
  const into = new Uint8Array(Math.min(volume.size, 20_480));
  for (let i = 0; i < 12; i++) {
    const outcome = attempt(() => {
      const offset = place(random, volume.size, into.length);
      volume.read(offset, into);
      volume.extent(offset, volume.size - offset);
      if (Buffer.from(into.buffer).includes('SECRET')) throw new Error('read what lies outside of the folder');
    });
    if (outcome.kind === 'failed') throw new Error(outcome.why);
  }
}

function change(random: Random, volume: Volume): void {
  const bytes = pattern(random, Math.min(volume.size, 1536));
  if (bytes.length === 0) return;
  for (let i = 0; i < 12; i++) {
    const offset = place(random, volume.size, bytes.length);
    const outcome = attempt(() => {
      if (i % 4 === 0) volume.discard(offset, Math.min(2 ** 20, volume.size - offset));
      else if (i % 4 === 1) volume.writeZeroes(offset, Math.min(2 ** 20, volume.size - offset), random.once(2));
      else volume.write(offset, bytes);
      if (random.once(4)) volume.flush();
    });
    if (outcome.kind === 'failed') throw new Error(outcome.why);
  }
}

/** Takes what is copied, and forgets it. */
class Nothing implements Volume {
  readonly writable = true;
  readonly size: number;

  constructor(size: number) {
    this.size = size;
  }

  read(_: number, into: Uint8Array): void {
    into.fill(0);
  }

  write(): void {}
  discard(): void {}
  writeZeroes(): void {}
  flush(): void {}
  extent(_: number, length: number) {
    return { zero: true, length };
  }

  close(): void {}
}

/** Sound images of ours, of many shapes. */
function sources(): Uint8Array[] {
  const shapes = [
    { clusterBits: 9 },
    { clusterBits: 9, refcountOrder: 0 },
    { clusterBits: 9, refcountOrder: 6 },
    { version: 2, clusterBits: 10 },
    { clusterBits: 12 },
  ] as const;
  return shapes.flatMap((shape, i) =>
    [undefined, 'middle.qcow2', 'base.raw'].map((name) => {
      const backing = name === undefined ? undefined : { name, format: name.endsWith('raw') ? 'raw' : 'qcow2' };
      const file = newImage(300_000 + i * 512, shape, name === undefined ? undefined : backing);
      const volume = openImage(file);
      const random = new Random(i);
      for (let j = 0; j < 6; j++) volume.write(random.below(500) * 512, pattern(random, 3000 - (3000 % 512)));
      volume.writeZeroes(51_200, 20_480, true);
      volume.flush();
      return file.content();
    }),
  );
}

const NAMES = [
  'top.qcow2',
  './top.qcow2',
  'middle.qcow2',
  '../secret.raw',
  '../../../../../../etc/passwd',
  '/etc/passwd',
  '/dev/zero',
  '/proc/self/mem',
  'link.raw',
  'folder',
  'folder/../../secret.raw',
  'json:{"driver":"qcow2"}',
  'nbd://localhost/x',
  'file:../secret.raw',
  'file:base.raw',
  '\u001b[2Jx',
  'a\nb',
  'loop',
  'none',
  'pipe',
  '',
];
const NUMBERS = [
  0,
  1,
  2,
  3,
  7,
  8,
  9,
  16,
  21,
  22,
  31,
  63,
  64,
  255,
  256,
  511,
  512,
  513,
  1024,
  4096,
  65_535,
  65_536,
  2 ** 20,
  2 ** 22,
  2 ** 24,
  2 ** 31,
  2 ** 32 - 1,
];
const FIELDS = [4, 16, 20, 32, 36, 56, 60, 76, 84, 92, 96, 100, 104, 112] as const;
const WIDE = [8, 24, 40, 48, 64, 72, 80, 88] as const;

/** Offsets within the file, at its end, far behind it, and past what a number holds. */
function offset(random: Random, length: number): number {
  const cluster = random.pick([512, 1024, 4096, 65_536]);
  const inside = Math.floor(random.below(length + 1) / cluster) * cluster;
  return random.pick([
    inside,
    inside,
    inside,
    inside + 1,
    0,
    cluster,
    length,
    length + cluster,
    2 ** 40,
    2 ** 52,
    2 ** 56,
    2 ** 62,
  ]);
}

function malformed(random: Random, bytes: Uint8Array): Uint8Array {
  const view = viewOf(bytes);
  for (let times = 1 + random.below(4); times > 0; times--) {
    const kind = random.below(8);
    if (kind === 0) view.setUint32(random.pick(FIELDS), random.pick(NUMBERS));
    else if (kind === 1) put64(view, random.pick(WIDE), random.once(2) ? offset(random, bytes.length) : random.pick(NUMBERS));
    else if (kind === 2) entries(random, view, 1 + random.below(4));
    else if (kind === 3) entries(random, view, 1 + random.below(200));
    else if (kind === 4) name(random, bytes);
    else if (kind === 5) for (let i = random.below(30); i > 0; i--) bytes[random.below(bytes.length)] = random.below(256);
    else if (kind === 6) copy(random, bytes);
    else extension(random, view);
  }
  return random.once(6) ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
}

/** In any table: offsets with flags. */
function entries(random: Random, view: DataView, times: number): void {
  for (let i = 0; i < times; i++) {
    const at = Math.floor(random.below(view.byteLength - 8) / 8) * 8;
    put64(view, at, offset(random, view.byteLength));
    view.setUint32(
      at,
      (view.getUint32(at) | random.pick([0, 0x8000_0000, 0x4000_0000, 0xc000_0000, 0x4001_0000, 0x3f00_0000])) >>> 0,
    );
    if (random.once(4)) view.setUint32(at + 4, (view.getUint32(at + 4) | 1) >>> 0);
  }
}

function name(random: Random, bytes: Uint8Array): void {
  const text = bytesOf(random.pick(NAMES));
  const at = random.pick([112, 200, 256, 400, 510]);
  if (at + text.length > bytes.length) return;
  put64(viewOf(bytes), 8, at);
  viewOf(bytes).setUint32(16, text.length);
  if (random.once(2)) viewOf(bytes).setUint32(112, 0);
  bytes.set(text, at);
}

/** Some bytes over others: tables that look sound in a wrong place. */
function copy(random: Random, bytes: Uint8Array): void {
  const length = random.pick([8, 64, 512]);
  const from = Math.floor(random.below(Math.max(1, bytes.length - length)) / 8) * 8;
  bytes.copyWithin(Math.floor(random.below(Math.max(1, bytes.length - length)) / 8) * 8, from, from + length);
}

function extension(random: Random, view: DataView): void {
  const at = random.pick([72, 104, 112, 128]);
  view.setUint32(at, random.pick([0, 0xe2792aca, 0x6803f857, 0x23852875, 0x0537be77, 0x44415441, 1]));
  view.setUint32(at + 4, random.pick(NUMBERS));
}
