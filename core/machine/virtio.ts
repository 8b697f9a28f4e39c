/**
 * Virtio devices of a board: a slot that names one in `partita,virtio` has it, the others are empty. What lies outside of the machine (disks,
 * networks, folders) comes from the host, by the name that the description gives it.
 */
import type { AddressMap } from '../bus/address-map.ts';
import { type Disk, VirtioBlock } from '../devices/virtio/block.ts';
import { VirtioConsole } from '../devices/virtio/console.ts';
import type { VirtioDevice } from '../devices/virtio/device.ts';
import type { DmaPort } from '../devices/virtio/dma.ts';
import { VirtioEntropy } from '../devices/virtio/entropy.ts';
import { VirtioMmio } from '../devices/virtio/transport.ts';
import { EmptySlot } from '../devices/virtio-mmio.ts';
import type { Board } from './bindings.ts';
import type { Node } from './devicetree/tree.ts';

/** What the host has, by name; undefined where it has nothing of that name. */
export interface VirtioHost {
  disk?(name: string, node: Node): Disk | undefined;
}

type Make = (node: Node, board: Board) => VirtioDevice;

const console: Make = (node, board) => {
  const terminal = board.console(node);
  const device = new VirtioConsole({ rx: terminal, tx: (byte) => terminal.put(byte) });
  terminal.onInput(() => device.poll());
  return device;
};

const block: Make = (node, board) => {
  const property = node.need('partita,disk');
  const disk = board.virtio.disk?.(property.string(), node);
  if (disk === undefined) throw property.fail(`names "${property.string()}", and there is no such disk`);
  return new VirtioBlock(disk);
};

const DEVICES: Readonly<Record<string, Make>> = {
  console,
  block,
  entropy: (node) => new VirtioEntropy(node.get('partita,seed')?.cell() ?? 1),
};

/** The binding of `virtio,mmio`. */
export function addVirtio(node: Node, board: Board): void {
  const kind = node.get('partita,virtio');
  if (kind === undefined) return board.device(node, 0, new EmptySlot());
  const make = Object.hasOwn(DEVICES, kind.string()) ? DEVICES[kind.string()] : undefined;
  if (make === undefined)
    throw kind.fail(`names "${kind.string()}"`, { expected: `one of "${Object.keys(DEVICES).join('", "')}"` });
  const ports = { irq: board.irq(node, 0), dma: boardMemory(board.map) };
  const legacy = version(node) === 1;
  board.device(node, 0, new VirtioMmio(ports, board.clock, make(node, board), { legacy }));
}

/** QEMU's boards have the legacy layout, so that is what a slot has unless it says otherwise. */
function version(node: Node): number {
  const property = node.get('partita,virtio-version');
  const value = property?.cell() ?? 1;
  if (property !== undefined && value !== 1 && value !== 2) throw property.fail(`is ${value}`, { expected: '1 or 2' });
  return value;
}

/** The board's RAM by physical address. Flash, ROM and devices are out of reach. */
export function boardMemory(map: AddressMap): DmaPort {
  const ram = (address: number) => {
    const region = map.find(address);
    return region?.kind === 'memory' && !region.readOnly && region.window === undefined ? region : undefined;
  };
  const reaches = (address: number, length: number): boolean => {
    if (!Number.isSafeInteger(address + length)) return false; // where adding could do nothing
    for (let at = address; at < address + length; ) {
      const region = ram(at);
      if (region === undefined) return false;
      at = region.base + region.size;
    }
    return true;
  };
  return {
    reaches,
    read: (address, into) => {
      const region = ram(address);
      if (region !== undefined && address + into.length <= region.base + region.size) {
        const at = region.offset + (address - region.base);
        into.set(map.arena.u8.subarray(at, at + into.length));
        return true;
      }
      const bytes = reaches(address, into.length) ? map.dump(address, into.length) : undefined;
      if (bytes !== undefined) into.set(bytes);
      return bytes !== undefined;
    },
    write: (address, bytes) => reaches(address, bytes.length) && map.load(address, bytes),
  };
}
