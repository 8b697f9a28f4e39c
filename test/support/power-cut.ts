/**
 * A file that remembers every write, so that one can have it as a power cut would leave it: what was written before the last flush is
 * there; of what came later, any sectors may be, and others not.
 */
import { type BlockFile, MemoryFile } from '../../core/storage/block-file.ts';
import { checkQcow2, repairQcow2 } from '../../core/storage/qcow2/check.ts';
import type { Qcow2 } from '../../core/storage/qcow2/image.ts';
import { Raw } from '../../core/storage/raw.ts';
import type { Volume } from '../../core/storage/volume.ts';
import { Random } from '../../tools/oracle/random.ts';
import { change, contentOf, newImage, openImage, pattern, type Shape } from './images.ts';

type Event =
  | { readonly kind: 'write'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly size: number }
  | { readonly kind: 'flush' };

export class RecordedFile implements BlockFile {
  readonly #now: MemoryFile;
  readonly #start: Uint8Array;
  readonly #events: Event[] = [];
  readonly writable = true;

  constructor(start: Uint8Array) {
    this.#start = start;
    this.#now = new MemoryFile(start);
  }

  get size(): number {
    return this.#now.size;
  }

  /** How many things happened to the file. */
  get length(): number {
    return this.#events.length;
  }

  /** A moment for a cut; half the time one just before a flush ends, when most is under way. */
  moment(random: Random): number {
    const flushes = this.#events.flatMap(({ kind }, i) => (kind === 'flush' ? [i] : []));
    return flushes.length > 0 && random.once(2) ? random.pick(flushes) : random.below(this.length + 1);
  }

  read(offset: number, into: Uint8Array): void {
    this.#now.read(offset, into);
  }

  write(offset: number, bytes: Uint8Array): void {
    this.#events.push({ kind: 'write', offset, bytes: bytes.slice() });
    this.#now.write(offset, bytes);
  }

  truncate(size: number): void {
    this.#events.push({ kind: 'truncate', size });
    this.#now.truncate(size);
  }

  flush(): void {
    this.#events.push({ kind: 'flush' });
  }

  close(): void {}

  /** The file after a cut just before event `at`. */
  cut(at: number, random: Random): MemoryFile {
    const file = new MemoryFile(this.#start);
    let sure = at;
    while (sure > 0 && this.#events[sure - 1]?.kind !== 'flush') sure--;
    // Sometimes in order, sometimes as a cache likes it.
    const ordered = random.once(3);
    for (let i = 0; i < at; i++) {
      const event = this.#events[i] as Event;
      if (event.kind === 'write') writeSome(file, event, i < sure || ordered ? undefined : random);
      if (event.kind === 'truncate' && (i < sure || random.once(2))) file.truncate(event.size);
    }
    return file;
  }
}

function writeSome(
  file: MemoryFile,
  { offset, bytes }: { readonly offset: number; readonly bytes: Uint8Array },
  random?: Random,
): void {
  if (random === undefined) return file.write(offset, bytes);
  const all = random.below(3);
  for (let from = 0; from < bytes.length; ) {
    const end = Math.min(bytes.length, from + 512 - ((offset + from) % 512));
    if (all === 0 || (all === 1 && random.once(2))) file.write(offset + from, bytes.subarray(from, end));
    from = end;
  }
}

/** The disk at a flush, and which of its sectors have changed since. */
interface Mark {
  readonly event: number;
  readonly model: Uint8Array;
  readonly touched: { readonly event: number; readonly sectors: Uint8Array }[];
}

/** Random changes and flushes of an image, of which any moment may be the last. */
export class Session {
  readonly #marks: Mark[] = [];
  readonly file: RecordedFile;

  constructor(image: Uint8Array, backing: Volume | undefined, random: Random, steps: number) {
    this.file = new RecordedFile(image);
    const volume = openImage(this.file, backing);
    const model = new Uint8Array(volume.size);
    volume.read(0, model);
    this.#marks.push({ event: 0, model: model.slice(), touched: [] });
    for (let i = 0; i < steps; i++) this.#step(volume, model, random);
  }

  #step(volume: Qcow2, model: Uint8Array, random: Random): void {
    const [event, before] = [this.file.length, model.slice()];
    if (random.once(6)) {
      volume.flush();
      this.#marks.push({ event: this.file.length, model: before, touched: [] });
      return;
    }
    change(random, volume, model, model.length / 12);
    const sectors = new Uint8Array(model.length / 512);
    for (let i = 0; i < sectors.length; i++) {
      if (Buffer.compare(before.subarray(i * 512, i * 512 + 512), model.subarray(i * 512, i * 512 + 512)) !== 0) sectors[i] = 1;
    }
    this.#marks.at(-1)?.touched.push({ event, sectors });
  }

  /** The first sector that was flushed before event `at`, has not been written since, and is not in `content` as it was. */
  lost(at: number, content: Uint8Array): number | undefined {
    const mark = this.#marks.filter(({ event }) => event <= at).at(-1) as Mark;
    const later = mark.touched.filter(({ event }) => event < at);
    for (let i = 0; i < content.length / 512; i++) {
      if (later.some(({ sectors }) => sectors[i] === 1)) continue;
      if (Buffer.compare(content.subarray(i * 512, i * 512 + 512), mark.model.subarray(i * 512, i * 512 + 512)) !== 0) return i;
    }
    return undefined;
  }
}

const SHAPES: readonly (readonly [Partial<Shape>, number])[] = [
  [{ clusterBits: 9 }, 2 ** 18],
  [{ clusterBits: 10, refcountOrder: 0 }, 2 ** 19],
  [{ version: 2, clusterBits: 12 }, 2 ** 19],
  // So full that the refcount table will have to grow.
  [{ clusterBits: 9, refcountOrder: 6 }, 2 ** 21 + 2 ** 19],
];

/** Cuts of all kinds, judged by our own check: how many there were, and what was wrong. */
export function tryCuts(seeds: number, perSeed: number): { readonly cuts: number; readonly wrong: string[] } {
  const wrong: string[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const random = new Random(seed);
    const [shape, size] = SHAPES[seed % SHAPES.length] as (typeof SHAPES)[number];
    const backing = random.once(2) ? new Raw(new MemoryFile(pattern(random, size / 2), false), false) : undefined;
    const session = new Session(startImage(shape, size, random), backing, random, 30);
    for (let i = 0; i < perSeed; i++) {
      const problem = judge(session, backing, random);
      if (problem !== undefined) wrong.push(`seed ${seed}, cut ${i}: ${problem}`);
    }
  }
  return { cuts: seeds * perSeed, wrong };
}

function startImage(shape: Partial<Shape>, size: number, random: Random): Uint8Array {
  const file = newImage(size, shape);
  if (shape.refcountOrder === 6) {
    const volume = openImage(file);
    volume.write(0, pattern(random, 1_830_400));
    volume.flush();
  }
  return file.content();
}

function judge(session: Session, backing: Volume | undefined, random: Random): string | undefined {
  const at = session.file.moment(random);
  const file = session.file.cut(at, random);
  const { corruptions, problems } = checkQcow2(file);
  if (corruptions > 0) return problems[0];
  repairQcow2(file, 'leaks');
  const after = checkQcow2(file);
  if (after.corruptions + after.leaks > 0) return 'leaks stay';
  const lost = session.lost(at, contentOf(openImage(file, backing)));
  return lost === undefined ? undefined : `sector ${lost} is lost`;
}
