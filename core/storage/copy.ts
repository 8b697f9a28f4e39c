/** From one disk to another: conversion, and the commit of an image into the one it lies over. */
import { isZero } from './bytes.ts';
import { unsupported } from './error.ts';
import type { Qcow2 } from './qcow2/image.ts';
import type { Raw } from './raw.ts';
import type { Volume } from './volume.ts';

/** Also the most that is held in memory; a multiple of every cluster size. */
const STEP = 2 ** 21;
/** Zeros are looked for in pieces of this size. */
const PIECE = 0x10000;

/** `to` is as large as `from`, and all zero. Returns how many bytes were written. */
export function copyVolume(from: Volume, to: Volume, unit = PIECE): number {
  let written = 0;
  for (let offset = 0; offset < from.size; ) {
    const { zero, length } = from.extent(offset, from.size - offset);
    if (!zero) written += copyPieces(from, to, offset, length, Math.max(unit, PIECE));
    offset += zero ? length : Math.min(length, STEP);
  }
  to.flush();
  return written;
}

function copyPieces(from: Volume, to: Volume, start: number, length: number, unit: number): number {
  let written = 0;
  const end = start + Math.min(length, STEP);
  for (let offset = start; offset < end; ) {
    const bytes = new Uint8Array(Math.min(unit - (offset % unit), end - offset));
    from.read(offset, bytes);
    if (!isZero(bytes)) {
      to.write(offset, bytes);
      written += bytes.length;
    }
    offset += bytes.length;
  }
  return written;
}

/** What `top` itself has goes into `base`, which it lies over; then `top` is empty. Returns how many bytes were written. */
export function commit(top: Qcow2, base: Raw | Qcow2): number {
  if (top.header.snapshotCount > 0) throw unsupported('the image has snapshots inside: delete them with qemu-img snapshot -d');
  if (top.size > base.size) base.grow(top.size);
  let written = 0;
  for (let offset = 0; offset < top.size; ) {
    const { kind, length } = top.ownExtent(offset, top.size - offset);
    if (kind === 'zero') base.writeZeroes(offset, length, true);
    if (kind === 'data' || kind === 'compressed') {
      const bytes = new Uint8Array(length);
      top.read(offset, bytes);
      base.write(offset, bytes);
      written += length;
    }
    offset += length;
  }
  base.flush();
  top.empty();
  return written;
}
