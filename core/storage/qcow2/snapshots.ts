/** The snapshots inside an image. Reference: QEMU, docs/interop/qcow2.txt, 'Snapshots'. They are shown and kept, not made. */
import type { BlockFile } from '../block-file.ts';
import { get64, roundUp, textOf, viewOf } from '../bytes.ts';
import { corrupt } from '../error.ts';
import type { Claims } from './claims.ts';
import type { Header } from './header.ts';

export interface Snapshot {
  readonly id: string;
  readonly name: string;
  readonly l1Offset: number;
  readonly l1Size: number;
  /** Seconds since 1970. */
  readonly date: number;
  readonly vmStateSize: number;
}

const FIXED = 40;
const LARGEST_TABLE = 64 * 2 ** 20;

/** With the length of the table, which only its entries tell. */
export function readSnapshots(file: BlockFile, header: Header): { readonly list: Snapshot[]; readonly length: number } {
  const list: Snapshot[] = [];
  let at = header.snapshotsOffset;
  for (let i = 0; i < header.snapshotCount; i++) {
    const { snapshot, length } = readOne(file, at);
    if (
      snapshot.l1Offset % header.clusterSize !== 0 ||
      snapshot.l1Offset > Number.MAX_SAFE_INTEGER ||
      snapshot.l1Size * 8 > 32 * 2 ** 20
    ) {
      throw corrupt(`snapshot ${i}: its L1 table has ${snapshot.l1Size} entries at ${snapshot.l1Offset}`);
    }
    list.push(snapshot);
    at += length;
    if (at > file.size + 7 || at - header.snapshotsOffset > LARGEST_TABLE) throw corrupt('the snapshot table is cut off');
  }
  return { list, length: at - header.snapshotsOffset };
}

function readOne(file: BlockFile, at: number): { readonly snapshot: Snapshot; readonly length: number } {
  const fixed = new Uint8Array(FIXED);
  file.read(at, fixed);
  const view = viewOf(fixed);
  const [idLength, nameLength, extraLength] = [view.getUint16(12), view.getUint16(14), view.getUint32(36)];
  if (extraLength > 1024) throw corrupt(`a snapshot with ${extraLength} bytes of extra data`);
  const more = new Uint8Array(extraLength + idLength + nameLength);
  file.read(at + FIXED, more);
  const text = (from: number, length: number) => textOf(more.subarray(from, from + length)) ?? '?';
  const snapshot = {
    id: text(extraLength, idLength),
    name: text(extraLength + idLength, nameLength),
    l1Offset: get64(view, 0),
    l1Size: view.getUint32(8),
    date: view.getUint32(16),
    vmStateSize: extraLength >= 8 ? get64(viewOf(more), 0) : view.getUint32(32),
  };
  return { snapshot, length: roundUp(FIXED + more.length, 8) };
}

/** Their tables are not to be written by mistake. */
export function claimSnapshots(file: BlockFile, header: Header, claims: Claims): void {
  if (header.snapshotCount === 0) return;
  const { list, length } = readSnapshots(file, header);
  claims.add(header.snapshotsOffset, length, 'snapshot table');
  for (const { l1Offset, l1Size } of list) if (l1Size > 0) claims.add(l1Offset, l1Size * 8, "snapshot's L1 table");
}
