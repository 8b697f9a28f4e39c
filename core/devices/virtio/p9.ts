/** A folder of the host as a 9P device. Reference: Virtual I/O Device 1.2, section 5.14 (9P Device), and Linux net/9p/trans_virtio.c. */
import type { State } from '../../base/state.ts';
import { type Driver, price, type VirtioDevice } from './device.ts';
import { get32, put16 } from './dma.ts';
import type { FileTree } from './file-tree.ts';
import { HEAD } from './p9-message.ts';
import { MOST_MESSAGE, P9Session } from './p9-session.ts';

const F_MOUNT_TAG = 1n << 0n;
/** The host has files to open and folders to read. */
const FILE_PRICE = 2000;

export class VirtioP9 implements VirtioDevice {
  readonly id = 9;
  readonly queues = 1;
  readonly features = F_MOUNT_TAG;
  readonly #session: P9Session;
  readonly #tag: string;
  #driver: Driver | undefined;

  /** `tag` is what the guest mounts it by, ASCII of at most 128 characters. */
  constructor(tree: FileTree, tag: string) {
    this.#session = new P9Session(tree);
    this.#tag = tag.slice(0, 128);
  }

  attach(driver: Driver): void {
    this.#driver = driver;
  }

  config(): Uint8Array {
    const bytes = new Uint8Array(2 + this.#tag.length);
    put16(bytes, 0, this.#tag.length);
    for (let i = 0; i < this.#tag.length; i++) bytes[2 + i] = this.#tag.charCodeAt(i);
    return bytes;
  }

  serve(queue: number): number | undefined {
    const chain = this.#driver?.take(queue);
    if (chain === undefined) return undefined;
    const size = chain.readLength < HEAD ? 0 : get32(chain.read(0, 4), 0);
    if (size < HEAD || size > chain.readLength || size > MOST_MESSAGE || chain.writeLength < HEAD + 4) {
      this.#driver?.broke('a 9P message of a wrong size, or without room for the answer');
      return undefined;
    }
    const answer = this.#session.handle(chain.read(0, size), chain.writeLength);
    this.#driver?.done(queue, chain, chain.write(0, answer));
    return price(size + answer.length) + FILE_PRICE;
  }

  restart(): void {
    this.#session.reset();
  }

  save(): State {
    return this.#session.save();
  }

  load(state: State): void {
    this.#session.load(state);
  }

  reset(): void {
    this.#session.reset();
  }
}
