/** U-Boot on the bare virt board with a virtio disk, for the tests to run as one bundle (see `bundled.ts`). */
import { readFileSync } from 'node:fs';
import type { Disk } from '../../core/devices/virtio/block.ts';
import { applyOptions } from '../../core/machine/board.ts';
import { bootMachine } from '../../core/machine/boot.ts';
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import { U_BOOT } from './u-boot.ts';

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

/** Types the commands, and returns what was printed until the board is switched off. */
export function typeHere(commands: readonly string[], disk: Uint8Array, version: 1 | 2): string {
  const source = `#include "board.dts"\n/ { virtio_mmio@a003e00 {
    partita,virtio = "block"; partita,disk = "disk"; partita,virtio-version = <${version}>; }; };`;
  const files = {
    readFile: (path: string) => (path.endsWith('test.dts') ? new TextEncoder().encode(source) : readFileSync(path)),
  };
  const tree = parseDts('boards/virt/test.dts', files);
  applyOptions(tree, { memory: 0x1000_0000, virtualization: false, firmware: true });
  const virtio = { disk: (name: string) => (name === 'disk' ? memoryDisk(disk) : undefined) };
  const machine = bootMachine(tree, { image: readFileSync(U_BOOT), firmware: true, el: 'svc', virtio });
  const console = machine.consoles.get('serial0');
  console?.typePatiently(
    ['', ...commands, '']
      .join('\n')
      .split('')
      .map((character) => character.charCodeAt(0)),
  );
  machine.run(500_000_000);
  return console?.text() ?? '';
}
