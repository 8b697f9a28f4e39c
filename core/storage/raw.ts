/** A raw image: the file is the disk. A last part of a sector is padded with zeros. */
import type { BlockFile } from './block-file.ts';
import { roundUp } from './bytes.ts';
import { DiskError } from './error.ts';
import { type Extent, SECTOR, type Volume } from './volume.ts';

const PIECE = new Uint8Array(0x10000);
/** "QFI\xfb": with this in front the file would be taken for another format the next time. */
const MAGIC = [0x51, 0x46, 0x49, 0xfb];

export class Raw implements Volume {
  readonly #file: BlockFile;
  readonly #guessed: boolean;
  #size: number;
  readonly writable: boolean;

  /** `guessed`: nobody said that the file is raw, so a guest must not be able to make it look like qcow2. */
  constructor(file: BlockFile, guessed: boolean) {
    this.#file = file;
    this.#guessed = guessed;
    this.#size = roundUp(file.size, SECTOR);
    this.writable = file.writable;
  }

  get size(): number {
    return this.#size;
  }

  read(offset: number, into: Uint8Array): void {
    this.#file.read(offset, into);
  }

  write(offset: number, bytes: Uint8Array): void {
    if (this.#guessed && offset < MAGIC.length) this.#refuseMagic(offset, bytes);
    this.#file.write(offset, bytes);
  }

  /** A host's file system need not be able to make holes: the content stays. */
  discard(): void {}

  writeZeroes(offset: number, length: number): void {
    for (let done = 0; done < length; done += PIECE.length) {
      this.#file.write(offset + done, PIECE.subarray(0, Math.min(PIECE.length, length - done)));
    }
  }

  flush(): void {
    this.#file.flush();
  }

  extent(offset: number, length: number): Extent {
    return offset >= this.#file.size
      ? { zero: true, length }
      : { zero: false, length: Math.min(length, this.#file.size - offset) };
  }

  close(): void {
    this.#file.close();
  }

  /** The disk becomes larger; the new part is zero. */
  grow(size: number): void {
    this.#file.truncate(size);
    this.#size = size;
  }

  #refuseMagic(offset: number, bytes: Uint8Array): void {
    const start = new Uint8Array(MAGIC.length);
    this.read(0, start);
    start.set(bytes.subarray(0, MAGIC.length - offset), offset);
    if (MAGIC.every((byte, i) => start[i] === byte)) {
      throw new DiskError('DENIED', 'a raw disk whose format was guessed must not start like qcow2: name its format');
    }
  }
}
