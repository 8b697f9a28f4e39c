/** How `partita image` shows what it found. Names come out of images: they are made printable first. */
import { statSync } from 'node:fs';
import type { Layer } from '../../core/storage/chain.ts';
import { printable } from '../../core/storage/error.ts';
import type { CheckResult } from '../../core/storage/qcow2/check.ts';
import { Qcow2 } from '../../core/storage/qcow2/image.ts';
import type { Snapshot } from '../../core/storage/qcow2/snapshots.ts';

export interface ImageInfo {
  readonly file: string;
  readonly format: string;
  /** Of the disk, in bytes. */
  readonly size: number;
  /** What the file takes on the host. */
  readonly used: number;
  readonly qcow2?: {
    readonly version: number;
    readonly clusterSize: number;
    readonly refcountBits: number;
    readonly compression: string;
    readonly dirty: boolean;
    readonly corrupt: boolean;
    readonly backing: string | undefined;
    readonly backingFormat: string | undefined;
    readonly snapshots: readonly Snapshot[];
  };
}

/** The image, and what it lies over. */
export const jsonInfo = (layers: readonly Layer[]): ImageInfo[] => layers.map(infoOf);

function infoOf({ path, format, volume }: Layer): ImageInfo {
  const { blocks, size } = statSync(path);
  const common = { file: path, format, size: volume.size, used: blocks === undefined ? size : blocks * 512 };
  if (!(volume instanceof Qcow2)) return common;
  const { version, clusterSize, refcountOrder, compression, dirty, corrupt, backing, backingFormat } = volume.header;
  const snapshots = volume.snapshots();
  const qcow2 = {
    version,
    clusterSize,
    refcountBits: 2 ** refcountOrder,
    compression,
    dirty,
    corrupt,
    backing,
    backingFormat,
    snapshots,
  };
  return { ...common, qcow2 };
}

export function infoText(layers: readonly Layer[]): string {
  return `${jsonInfo(layers)
    .map((info, i) => lines(info, i))
    .join('\n')}`;
}

function lines({ file, format, size, used, qcow2 }: ImageInfo, depth: number): string {
  const all = [
    `${depth === 0 ? '' : 'over '}${printable(file)}`,
    `  ${format}${qcow2 === undefined ? '' : ` version ${qcow2.version}`}, a disk of ${bytes(size)}, ${bytes(used)} on the host`,
  ];
  if (qcow2 !== undefined) {
    const { clusterSize, refcountBits, compression, dirty, corrupt, snapshots } = qcow2;
    all.push(`  clusters of ${bytes(clusterSize)}, refcounts of ${refcountBits} bits, compression ${compression}`);
    if (dirty) all.push('  not closed properly: partita image check --repair refcounts mends it');
    if (corrupt) all.push('  marked as corrupt');
    for (const { id, name, date } of snapshots) {
      all.push(`  snapshot ${printable(id)} "${printable(name)}" of ${new Date(date * 1000).toISOString()}`);
    }
  }
  return `${all.join('\n')}\n`;
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

function bytes(value: number): string {
  let [rest, unit] = [value, 0];
  while (rest >= 1024 && unit < UNITS.length - 1) [rest, unit] = [rest / 1024, unit + 1];
  return `${Number.isInteger(rest) ? rest : rest.toFixed(1)} ${UNITS[unit]}`;
}

export function checkText({ leaks, corruptions, problems, allocated }: CheckResult): string {
  const hidden = corruptions - problems.length;
  return [
    ...problems.map(printable),
    ...(hidden > 0 ? [`and ${hidden} more`] : []),
    ...(corruptions + leaks === 0 ? ['nothing wrong'] : [`${corruptions} corruptions, ${leaks} leaked clusters`]),
    `${allocated} clusters with data`,
    '',
  ].join('\n');
}
