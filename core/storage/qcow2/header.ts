/**
 * The header of a qcow2 image. Reference: QEMU, docs/interop/qcow2.txt, 'Header'. Everything that later code counts on is checked here:
 * sizes are bounded as in QEMU, offsets aligned and exact.
 */
import type { BlockFile } from '../block-file.ts';
import { get64, textOf, viewOf } from '../bytes.ts';
import { corrupt, printable, unsupported } from '../error.ts';
import { type Extensions, readExtensions } from './extensions.ts';

export const MAGIC = 0x514649fb;
/** Where the fields lie that are written again. */
export const AT = { size: 24, l1Size: 36, refcountTable: 48, incompatible: 72, autoclear: 88 } as const;
export const INCOMPATIBLE = { dirty: 1, corrupt: 2, dataFile: 4, compression: 8, extendedL2: 16 } as const;

export interface Header {
  readonly version: 2 | 3;
  readonly length: number;
  readonly clusterBits: number;
  readonly clusterSize: number;
  /** In bytes. */
  readonly size: number;
  readonly l1Size: number;
  readonly l1Offset: number;
  readonly refcountTable: number;
  readonly refcountTableClusters: number;
  readonly refcountOrder: number;
  readonly snapshotCount: number;
  readonly snapshotsOffset: number;
  readonly backing: string | undefined;
  readonly backingFormat: string | undefined;
  /** The refcounts may be too small. */
  readonly dirty: boolean;
  readonly corrupt: boolean;
  readonly lazyRefcounts: boolean;
  readonly autoclear: boolean;
  readonly compression: 'zlib' | 'zstd';
  readonly bitmaps: Extensions['bitmaps'];
}

const MAX_L1 = 32 * 2 ** 20;
const MAX_REFCOUNT_TABLE = 8 * 2 ** 20;
const MAX_SNAPSHOTS = 65536;

export function isQcow2(file: BlockFile): boolean {
  const start = new Uint8Array(4);
  file.read(0, start);
  return viewOf(start).getUint32(0) === MAGIC;
}

export function readHeader(file: BlockFile): Header {
  const start = new Uint8Array(112);
  file.read(0, start);
  const view = viewOf(start);
  const version = view.getUint32(4);
  if (view.getUint32(0) !== MAGIC) throw corrupt('this is no qcow2 image: the magic number is missing (is it raw?)');
  if (version !== 2 && version !== 3)
    throw unsupported(`qcow2 version ${version}: convert it to version 3 with qemu-img convert`);
  const clusterBits = view.getUint32(20);
  if (clusterBits < 9 || clusterBits > 21) throw corrupt(`clusters of 2^${clusterBits} bytes: 9 to 21 bits are possible`);
  const clusterSize = 2 ** clusterBits;
  const length = version === 2 ? 72 : view.getUint32(100);
  if (version === 3 && (length < 104 || length > clusterSize)) throw corrupt(`a header of ${length} bytes`);
  const first = new Uint8Array(Math.min(clusterSize, file.size));
  file.read(0, first);
  return {
    version,
    length,
    clusterBits,
    clusterSize,
    ...tables(view, clusterSize),
    ...rest(first, version, length, clusterSize),
  };
}

function tables(view: DataView, clusterSize: number) {
  const [size, l1Size, l1Offset] = [get64(view, 24), view.getUint32(36), get64(view, 40)];
  const [refcountTable, refcountTableClusters] = [get64(view, 48), view.getUint32(56)];
  const [snapshotCount, snapshotsOffset] = [view.getUint32(60), get64(view, 64)];
  if (size > Number.MAX_SAFE_INTEGER - clusterSize) throw unsupported(`a disk of ${size} bytes: more than 2^53`);
  if (l1Size * 8 > MAX_L1) throw corrupt(`an L1 table of ${l1Size} entries: too large`);
  const needed = Math.ceil(size / (clusterSize * (clusterSize / 8)));
  if (l1Size < needed) throw corrupt(`an L1 table of ${l1Size} entries: a disk of ${size} bytes needs ${needed}`);
  if (refcountTableClusters === 0) throw corrupt('there is no refcount table');
  if (refcountTableClusters * clusterSize > MAX_REFCOUNT_TABLE)
    throw corrupt(`a refcount table of ${refcountTableClusters} clusters: too large`);
  if (snapshotCount > MAX_SNAPSHOTS) throw corrupt(`${snapshotCount} snapshots: too many`);
  const offsets: [string, number][] = [['refcount table', refcountTable]];
  if (l1Size > 0) offsets.push(['L1 table', l1Offset]);
  if (snapshotCount > 0) offsets.push(['snapshot table', snapshotsOffset]);
  for (const [what, offset] of offsets) {
    if (offset === 0 || offset > Number.MAX_SAFE_INTEGER || offset % clusterSize !== 0) throw corrupt(`the ${what} at ${offset}`);
  }
  return { size, l1Size, l1Offset, refcountTable, refcountTableClusters, snapshotCount, snapshotsOffset };
}

function rest(first: Uint8Array, version: number, length: number, clusterSize: number) {
  const view = viewOf(first);
  const backingOffset = get64(view, 8);
  if (backingOffset > clusterSize) throw corrupt(`the backing file's name at ${backingOffset}: outside of the first cluster`);
  const extensions = readExtensions(first.subarray(length, backingOffset === 0 ? first.length : backingOffset));
  const newer = version === 3;
  const [high, low] = newer ? [view.getUint32(72), view.getUint32(76)] : [0, 0];
  refuse(high, low, view.getUint32(32), extensions.features);
  const refcountOrder = newer ? view.getUint32(96) : 4;
  if (refcountOrder > 6) throw corrupt(`refcounts of 2^${refcountOrder} bits: 64 at most`);
  return {
    refcountOrder,
    backing: backingName(first, backingOffset),
    backingFormat: extensions.backingFormat,
    dirty: (low & INCOMPATIBLE.dirty) !== 0,
    corrupt: (low & INCOMPATIBLE.corrupt) !== 0,
    lazyRefcounts: newer && (view.getUint32(84) & 1) !== 0,
    autoclear: newer && (view.getUint32(88) | view.getUint32(92)) !== 0,
    compression: compression(low, length > 104 ? (first[104] ?? 0) : 0),
    // Without its autoclear bit the extension says nothing.
    bitmaps: newer && (view.getUint32(92) & 1) !== 0 ? extensions.bitmaps : undefined,
  };
}

function compression(incompatible: number, type: number): 'zlib' | 'zstd' {
  if (((incompatible & INCOMPATIBLE.compression) !== 0) !== (type !== 0))
    throw corrupt(`the compression type is ${type}, its feature bit says otherwise`);
  if (type > 1) throw unsupported(`compression type ${type}: zlib and zstd are known`);
  return type === 0 ? 'zlib' : 'zstd';
}

function backingName(first: Uint8Array, offset: number): string | undefined {
  const length = viewOf(first).getUint32(16);
  if (offset === 0) return undefined;
  if (length > 1023 || offset + length > first.length) throw corrupt(`a backing file's name of ${length} bytes`);
  const name = textOf(first.subarray(offset, offset + length));
  if (name === undefined || name.includes('\0')) throw corrupt("the backing file's name is no text");
  // An empty name is none, as in QEMU.
  return name === '' ? undefined : name;
}

const KNOWN = INCOMPATIBLE.dirty | INCOMPATIBLE.corrupt | INCOMPATIBLE.compression;

function refuse(high: number, low: number, crypt: number, names: ReadonlyMap<number, string>): void {
  const how = 'qemu-img convert makes an image without it';
  if (crypt !== 0) throw unsupported(`the image is encrypted (${crypt === 1 ? 'AES' : crypt === 2 ? 'LUKS' : crypt}): ${how}`);
  if (low & INCOMPATIBLE.dataFile) throw unsupported(`the image has an external data file: ${how}`);
  if (low & INCOMPATIBLE.extendedL2) throw unsupported(`the image has extended L2 entries (subclusters): ${how}`);
  for (let bit = 0; bit < 64; bit++) {
    const set = ((bit < 32 ? low & ~KNOWN : high) >>> (bit % 32)) & 1;
    if (set === 1) throw unsupported(`the image has the unknown feature "${printable(names.get(bit) ?? `bit ${bit}`)}": ${how}`);
  }
}
