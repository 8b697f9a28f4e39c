/** Disk images for tests: in memory, with random changes that a plain array repeats, and in a folder where QEMU's programs see them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlockFile, MemoryFile } from '../../core/storage/block-file.ts';
import { createQcow2, type NewImage, USUAL } from '../../core/storage/qcow2/create.ts';
import { Qcow2 } from '../../core/storage/qcow2/image.ts';
import type { Volume } from '../../core/storage/volume.ts';
import { INFLATERS } from '../../tools/cli/image-files.ts';
import type { Random } from '../../tools/oracle/random.ts';

export type Shape = Pick<NewImage, 'version' | 'clusterBits' | 'refcountOrder'>;

export function newImage(size: number, shape: Partial<Shape> = {}, backing?: NewImage['backing']): MemoryFile {
  const file = new MemoryFile();
  createQcow2(file, { ...USUAL, ...shape, size, ...(backing === undefined ? {} : { backing }) });
  return file;
}

export const openImage = (file: BlockFile, backing?: Volume): Qcow2 => new Qcow2(file, backing, INFLATERS);

export function contentOf(volume: Volume): Uint8Array {
  const bytes = new Uint8Array(volume.size);
  volume.read(0, bytes);
  return bytes;
}

export const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

/** Bytes that differ from place to place. */
export function pattern(random: Random, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const start = random.word();
  for (let i = 0; i < length; i++) bytes[i] = start + i * 7 + (i >> 9);
  return bytes;
}

/** One random change in whole sectors, at most `most` bytes of it; `model` is what the disk should contain. */
export function change(random: Random, volume: Volume, model: Uint8Array, most: number): string {
  const sectors = model.length / 512;
  const from = random.below(sectors);
  const count = 1 + random.below(Math.min(sectors - from, Math.max(1, random.below(Math.floor(most / 512) + 1))));
  const [offset, length] = [from * 512, count * 512];
  const kind = random.below(8);
  if (kind === 0) {
    volume.discard(offset, length);
    takeDiscarded(volume, model, offset, length);
    return `discard ${offset} ${length}`;
  }
  if (kind <= 2) {
    volume.writeZeroes(offset, length, kind === 1);
    model.fill(0, offset, offset + length);
    return `zero ${offset} ${length}`;
  }
  const bytes = pattern(random, length);
  volume.write(offset, bytes);
  model.set(bytes, offset);
  return `write ${offset} ${length}`;
}

/** A discarded sector is as before, or zero. */
function takeDiscarded(volume: Volume, model: Uint8Array, offset: number, length: number): void {
  const now = new Uint8Array(length);
  volume.read(offset, now);
  for (let at = 0; at < length; at += 512) {
    const sector = now.subarray(at, at + 512);
    const before = model.subarray(offset + at, offset + at + 512);
    if (!same(sector, before) && sector.some((byte) => byte !== 0)) throw new Error(`discard changed what is at ${offset + at}`);
    before.set(sector);
  }
}

export const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** A folder with images in it, gone after `remove`. */
export class ImageBench {
  readonly path = mkdtempSync(join(tmpdir(), 'images-'));

  put(name: string, content: Uint8Array | MemoryFile): string {
    const path = join(this.path, name);
    writeFileSync(path, content instanceof MemoryFile ? content.content() : content);
    return path;
  }

  get(name: string): Uint8Array {
    return readFileSync(join(this.path, name));
  }

  at(name: string): string {
    return join(this.path, name);
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }

  /** Runs one of QEMU's programs in the folder, which must succeed. */
  qemu(program: 'qemu-img' | 'qemu-io', ...args: readonly string[]): string {
    const { status, stdout, stderr } = this.try(program, ...args);
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  try(
    program: 'qemu-img' | 'qemu-io',
    ...args: readonly string[]
  ): { readonly status: number | null; stdout: string; stderr: string } {
    return spawnSync(program, args, { cwd: this.path, encoding: 'utf8', timeout: 60_000 });
  }

  /** What QEMU reads from a disk, whatever it lies over. */
  content(name: string): Uint8Array {
    this.qemu('qemu-img', 'convert', '-O', 'raw', name, 'content.raw');
    return this.get('content.raw');
  }

  check(name: string): { readonly corruptions: number; readonly leaks: number; readonly errors: number } {
    const { stdout, stderr } = this.try('qemu-img', 'check', '--output=json', name);
    if (!stdout.trimStart().startsWith('{')) throw new Error(`qemu-img check ${name}: ${stderr}`);
    const { corruptions = 0, leaks = 0, 'check-errors': errors = 0 } = JSON.parse(stdout.slice(stdout.indexOf('{')));
    return { corruptions, leaks, errors };
  }
}

export const SOUND = { corruptions: 0, leaks: 0, errors: 0 };
