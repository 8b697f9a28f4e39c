/** The instruction words of real software, each once: Debian's kernel with its modules, U-Boot. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isWide } from '../../core/cpu/decode.ts';
import type { Word } from './disassembly.ts';

const XZ_MAGIC = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]);

/** The kernel inside a zImage that is packed with XZ. The decompressor's own code may have the magic number too. */
export function unpackZImage(zImage: Buffer): Buffer {
  for (let at = zImage.indexOf(XZ_MAGIC); at >= 0; at = zImage.indexOf(XZ_MAGIC, at + 1)) {
    // What follows the compressed stream makes xz end with an error.
    const { stdout } = spawnSync('xz', ['-dc'], { input: zImage.subarray(at), maxBuffer: 1 << 28 });
    if (stdout !== null && stdout.length > zImage.length) return stdout;
  }
  throw new Error('no kernel packed with XZ');
}

/** Sections of an ELF file that hold code. */
function codeSections(file: Buffer): Buffer[] {
  const [table, size, count] = [file.readUInt32LE(32), file.readUInt16LE(46), file.readUInt16LE(48)];
  return Array.from({ length: count }, (_, i) => table + i * size).flatMap((at) => {
    const executable = (file.readUInt32LE(at + 8) & 4) !== 0;
    const [offset, bytes] = [file.readUInt32LE(at + 16), file.readUInt32LE(at + 20)];
    return file.readUInt32LE(at + 4) === 1 && executable ? [file.subarray(offset, offset + bytes)] : [];
  });
}

function addWords(words: Set<number>, code: Buffer): void {
  for (let at = 0; at + 4 <= code.length; at += 4) words.add(code.readUInt32LE(at));
}

/** A32 words of the kernel's image, its data among them, and of the code of all modules. */
export function kernelWords(folder: string): Word[] {
  const words = new Set<number>();
  const image = readdirSync(join(folder, 'boot')).find((name) => name.startsWith('vmlinuz'));
  addWords(words, unpackZImage(readFileSync(join(folder, 'boot', image ?? 'vmlinuz'))));
  for (const name of readdirSync(join(folder, 'lib'), { recursive: true, encoding: 'utf8' }).sort()) {
    if (name.endsWith('.ko')) for (const code of codeSections(readFileSync(join(folder, 'lib', name)))) addWords(words, code);
  }
  return [...words].map((bits) => ({ bits, width: 32 }));
}

/** The words of a file, at their alignment. */
export function armWords(code: Buffer): Word[] {
  const words = new Set<number>();
  addWords(words, code);
  return [...words].map((bits) => ({ bits, width: 32 }));
}

/** Thumb instructions that may start at any halfword of a file, but IT, which changes how the next is shown. */
export function thumbWords(code: Buffer): Word[] {
  const narrow = new Set<number>();
  const wide = new Set<number>();
  for (let at = 0; at + 4 <= code.length; at += 2) {
    const first = code.readUInt16LE(at);
    if (isWide(first)) wide.add(((first << 16) | code.readUInt16LE(at + 2)) >>> 0);
    else if (first >>> 8 !== 0xbf) narrow.add(first);
  }
  return [...[...narrow].map((bits) => ({ bits, width: 16 })), ...[...wide].map((bits) => ({ bits, width: 32 }))];
}
