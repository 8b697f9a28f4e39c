/**
 * A disk as a device (virtio-blk, say) sees it: bytes, and a refusal instead of an exception. Reference for what it must offer: OASIS
 * Virtual I/O Device 1.1, section 5.2 (Block Device).
 */
import { fail, type Outcome, ok } from '../base/outcome.ts';
import { DiskError, type DiskFault } from './error.ts';
import type { Volume } from './volume.ts';

export interface Disk {
  /** In bytes, whole sectors of 512. */
  readonly size: number;
  readonly readOnly: boolean;
  /** What VIRTIO_BLK_T_GET_ID answers: at most 20 ASCII characters. */
  readonly identity: string;
  read(offset: number, into: Uint8Array): Outcome<null, DiskFault>;
  write(offset: number, bytes: Uint8Array): Outcome<null, DiskFault>;
  discard(offset: number, length: number): Outcome<null, DiskFault>;
  /** `mayUnmap` is the request's unmap flag. */
  writeZeroes(offset: number, length: number, mayUnmap?: boolean): Outcome<null, DiskFault>;
  flush(): Outcome<null, DiskFault>;
}

export function asDisk(volume: Volume, identity: string): Disk {
  const within = (offset: number, length: number, change: boolean, act: () => void): Outcome<null, DiskFault> => {
    if (!isInside(offset, length, volume.size)) return fail('RANGE', `${length} bytes at ${offset}: the disk has ${volume.size}`);
    if (change && !volume.writable) return fail('READ_ONLY', 'the disk is read-only');
    return length === 0 ? ok(null) : attempt(act);
  };
  return {
    size: volume.size,
    readOnly: !volume.writable,
    identity: identity.replace(/[^\x20-\x7e]/g, '?').slice(0, 20),
    read: (offset, into) => within(offset, into.length, false, () => volume.read(offset, into)),
    write: (offset, bytes) => within(offset, bytes.length, true, () => volume.write(offset, bytes)),
    discard: (offset, length) => within(offset, length, true, () => volume.discard(offset, length)),
    writeZeroes: (offset, length, mayUnmap = false) =>
      within(offset, length, true, () => volume.writeZeroes(offset, length, mayUnmap)),
    flush: () => (volume.writable ? attempt(() => volume.flush()) : ok(null)),
  };
}

/** Offsets that a number does not hold exactly are outside of any disk. */
const isInside = (offset: number, length: number, size: number): boolean =>
  Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0 && offset <= size - length;

function attempt(act: () => void): Outcome<null, DiskFault> {
  try {
    act();
    return ok(null);
  } catch (error) {
    if (error instanceof DiskError) return fail(error.fault, error.message);
    throw error;
  }
}
