/** Compressed clusters, read only. Reference: QEMU, docs/interop/qcow2.txt, 'Compressed Clusters Descriptor'. */
import type { BlockFile } from '../block-file.ts';
import { corrupt, unsupported } from '../error.ts';
import { compressedAt, type Entry } from './entry.ts';
import type { Header } from './header.ts';

/**
 * What the host has for decompression: raw deflate, and one zstd frame. The bytes may go on behind the end of the stream. The answer has
 * exactly `size` bytes, or is `undefined` if the bytes are not what they should be.
 */
export interface Inflaters {
  readonly zlib?: (bytes: Uint8Array, size: number) => Uint8Array | undefined;
  readonly zstd?: (bytes: Uint8Array, size: number) => Uint8Array | undefined;
}

export class Compressed {
  readonly #file: BlockFile;
  readonly #header: Header;
  readonly #inflaters: Inflaters;
  /** The last one, for a guest that reads a cluster in pieces. */
  #last: { readonly entry: Entry; readonly content: Uint8Array } | undefined;

  constructor(file: BlockFile, header: Header, inflaters: Inflaters) {
    this.#file = file;
    this.#header = header;
    this.#inflaters = inflaters;
  }

  cluster(entry: Entry): Uint8Array {
    if (this.#last?.entry.high === entry.high && this.#last.entry.low === entry.low) return this.#last.content;
    const { clusterBits, clusterSize, compression } = this.#header;
    const { offset, length } = compressedAt(entry, clusterBits);
    const inflate = this.#inflaters[compression];
    if (inflate === undefined)
      throw unsupported(`clusters compressed with ${compression}: convert the image with qemu-img convert`);
    if (offset >= this.#file.size) throw corrupt(`a compressed cluster at ${offset}: the file has ${this.#file.size} bytes`);
    const bytes = new Uint8Array(length);
    this.#file.read(offset, bytes);
    const content = inflate(bytes, clusterSize);
    if (content?.length !== clusterSize) throw corrupt(`the compressed cluster at ${offset} cannot be decompressed`);
    this.#last = { entry, content };
    return content;
  }

  /** The room may be used for something else from now on. */
  forget(): void {
    this.#last = undefined;
  }
}
