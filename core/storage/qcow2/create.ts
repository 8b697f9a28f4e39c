/** A new qcow2 image. Reference: QEMU, docs/interop/qcow2.txt. The header is written last, so a half-written file is no image. */
import type { BlockFile } from '../block-file.ts';
import { bytesOf, put64, roundUp, viewOf } from '../bytes.ts';
import { unsupported } from '../error.ts';
import { EXTENSION } from './extensions.ts';
import { MAGIC } from './header.ts';
import { widthOf } from './width.ts';

export interface NewImage {
  /** In bytes. */
  readonly size: number;
  readonly version: 2 | 3;
  readonly clusterBits: number;
  readonly refcountOrder: number;
  readonly backing?: { readonly name: string; readonly format: string };
}

/** What QEMU takes if it is not told otherwise. */
export const USUAL = { version: 3, clusterBits: 16, refcountOrder: 4 } as const;

export function createQcow2(file: BlockFile, image: NewImage): void {
  const clusterSize = 2 ** image.clusterBits;
  const l1Size = Math.ceil(image.size / (clusterSize * (clusterSize / 8)));
  if (l1Size * 8 > 32 * 2 ** 20)
    throw unsupported(`a disk of ${image.size} bytes in clusters of ${clusterSize}: take larger clusters`);
  const places = layOut(image, clusterSize, l1Size);
  file.truncate(0);
  writeRefcounts(file, image, clusterSize, places);
  // Tables that are all zero still have to lie within the file.
  file.write(places.l1 * clusterSize + Math.max(l1Size * 8, 8) - 8, new Uint8Array(8));
  file.flush();
  file.write(0, header(image, clusterSize, l1Size, places));
  file.flush();
}

interface Places {
  readonly tableClusters: number;
  readonly blocks: number;
  readonly l1: number;
  /** All clusters in use. */
  readonly used: number;
}

/** In clusters: header, refcount table, refcount blocks, L1 table. */
function layOut(image: NewImage, clusterSize: number, l1Size: number): Places {
  const perBlock = (clusterSize * 8) / widthOf(image.refcountOrder).bits;
  const l1Clusters = Math.max(1, Math.ceil((l1Size * 8) / clusterSize));
  for (let blocks = 1; ; blocks++) {
    const tableClusters = Math.ceil((blocks * 8) / clusterSize);
    const l1 = 1 + tableClusters + blocks;
    if (l1 + l1Clusters <= blocks * perBlock) return { tableClusters, blocks, l1, used: l1 + l1Clusters };
  }
}

function writeRefcounts(file: BlockFile, image: NewImage, clusterSize: number, { tableClusters, blocks, used }: Places): void {
  const width = widthOf(image.refcountOrder);
  const perBlock = (clusterSize * 8) / width.bits;
  const table = viewOf(new Uint8Array(tableClusters * clusterSize));
  for (let i = 0; i < blocks; i++) {
    const offset = (1 + tableClusters + i) * clusterSize;
    const block = new Uint8Array(clusterSize);
    for (let cluster = i * perBlock; cluster < Math.min(used, (i + 1) * perBlock); cluster++)
      width.set(viewOf(block), cluster % perBlock, 1);
    file.write(offset, block);
    put64(table, i * 8, offset);
  }
  file.write(clusterSize, new Uint8Array(table.buffer));
}

function header(image: NewImage, clusterSize: number, l1Size: number, { tableClusters, l1 }: Places): Uint8Array {
  const length = image.version === 2 ? 72 : 112;
  const name = bytesOf(image.backing?.name ?? '');
  const extensions =
    image.version === 2 ? backingFormat(image) : [...backingFormat(image), extension(EXTENSION.features, featureNames())];
  const area = [...extensions, extension(EXTENSION.end, new Uint8Array(0))];
  const nameAt = length + area.reduce((sum, part) => sum + part.length, 0);
  if (name.length > 1023 || nameAt + name.length > clusterSize)
    throw unsupported("the backing file's name is too long for the first cluster");
  const bytes = new Uint8Array(roundUp(nameAt + name.length, 8));
  const view = viewOf(bytes);
  view.setUint32(0, MAGIC);
  view.setUint32(4, image.version);
  if (name.length > 0) put64(view, 8, nameAt);
  view.setUint32(16, name.length);
  view.setUint32(20, image.clusterBits);
  put64(view, 24, image.size);
  view.setUint32(36, l1Size);
  put64(view, 40, l1 * clusterSize);
  put64(view, 48, clusterSize);
  view.setUint32(56, tableClusters);
  if (image.version === 3) {
    view.setUint32(96, image.refcountOrder);
    view.setUint32(100, length);
  }
  let at = length;
  for (const part of [...area, name]) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const backingFormat = ({ backing }: NewImage): Uint8Array[] =>
  backing === undefined ? [] : [extension(EXTENSION.backingFormat, bytesOf(backing.format))];

function extension(type: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + roundUp(data.length, 8));
  viewOf(bytes).setUint32(0, type);
  viewOf(bytes).setUint32(4, data.length);
  bytes.set(data, 8);
  return bytes;
}

/** So that other programs can say what they do not know: kind (0 incompatible, 1 compatible, 2 autoclear), bit, name. */
const FEATURES: readonly (readonly [number, number, string])[] = [
  [0, 0, 'dirty bit'],
  [0, 1, 'corrupt bit'],
  [1, 0, 'lazy refcounts'],
];

function featureNames(): Uint8Array {
  const bytes = new Uint8Array(FEATURES.length * 48);
  for (const [i, [kind, bit, name]] of FEATURES.entries()) bytes.set([kind, bit, ...bytesOf(name)], i * 48);
  return bytes;
}
