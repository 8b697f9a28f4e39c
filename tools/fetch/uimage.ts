/** U-Boot's legacy image: a header that says where an uncompressed kernel goes. Reference: U-Boot include/image.h. */
import { crc32 } from 'node:zlib';

const MAGIC = 0x27051956;
const HEADER = 64;
const [OS_LINUX, ARCH_ARM, TYPE_KERNEL, NO_COMPRESSION] = [5, 2, 2, 0];

/** The kernel, to be loaded to `address` and entered there. */
export function makeUImage(name: string, kernel: Uint8Array, address: number): Uint8Array {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32BE(MAGIC, 0);
  header.writeUInt32BE(kernel.length, 12);
  header.writeUInt32BE(address, 16);
  header.writeUInt32BE(address, 20);
  header.writeUInt32BE(crc32(kernel), 24);
  header.set([OS_LINUX, ARCH_ARM, TYPE_KERNEL, NO_COMPRESSION], 28);
  header.write(name.slice(0, 31), 32, 'latin1');
  header.writeUInt32BE(crc32(header), 4); // over the header with this field still zero
  return Buffer.concat([header, kernel]);
}
