/** Memory as a service sees it that works for a guest: a device's DMA (physical addresses) or semihosting (the caller's addresses). */
export interface GuestMemory {
  /** A copy of the bytes, or undefined if some address cannot be read. */
  read(address: number, length: number): Uint8Array | undefined;
  /** Returns false, and may have written a part, if some address cannot be written. */
  write(address: number, bytes: Uint8Array): boolean;
}
