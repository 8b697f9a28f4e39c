/** A disk in memory. */
import type { Disk } from '../../core/devices/virtio/block.ts';

/** A disk of the bytes given, which writes change. */
export const memoryDisk = (bytes: Uint8Array, identity = ''): Disk => ({
  size: bytes.length,
  readOnly: false,
  identity,
  read: (offset, into) => {
    into.set(bytes.subarray(offset, offset + into.length));
    return { ok: true };
  },
  write: (offset, data) => {
    bytes.set(data, offset);
    return { ok: true };
  },
  discard: () => ({ ok: true }),
  writeZeroes: (offset, length) => {
    bytes.fill(0, offset, offset + length);
    return { ok: true };
  },
  flush: () => ({ ok: true }),
});
