/**
 * Virtio devices, by what a description says of them. A slot of the board that names one in `partita,virtio` has it, the others are empty; those
 * of partitions are in `system/virtio.ts`. What lies outside of the machine (disks, networks, folders) comes from the host, by name.
 */
import type { AddressMap } from '../bus/address-map.ts';
import type { Clock } from '../bus/clock.ts';
import type { IrqLine } from '../bus/irq-line.ts';
import { VirtioBalloon } from '../devices/virtio/balloon.ts';
import { type Disk, VirtioBlock } from '../devices/virtio/block.ts';
import { VirtioConsole } from '../devices/virtio/console.ts';
import type { VirtioDevice } from '../devices/virtio/device.ts';
import type { DmaPort } from '../devices/virtio/dma.ts';
import { VirtioEntropy } from '../devices/virtio/entropy.ts';
import type { FileTree } from '../devices/virtio/file-tree.ts';
import { type NetPort, VirtioNet } from '../devices/virtio/net.ts';
import { VirtioP9 } from '../devices/virtio/p9.ts';
import { VirtioMmio } from '../devices/virtio/transport.ts';
import { VirtioVsock } from '../devices/virtio/vsock.ts';
import { FIRST_GUEST_CID } from '../devices/virtio/vsock-packet.ts';
import type { VsockSwitch } from '../devices/virtio/vsock-switch.ts';
import { EmptySlot } from '../devices/virtio-mmio.ts';
import type { Sink } from '../net/capture.ts';
import type { Board } from './bindings.ts';
import type { Console } from './console.ts';
import type { Node } from './devicetree/tree.ts';
import type { Networks } from './networks.ts';
import type { Asked, OutsideLink } from './outside.ts';

/** What the host has, by name; undefined where it has nothing of that name. */
export interface VirtioHost {
  disk?(name: string, node: Node): Disk | undefined;
  /** A network that is no switch of the description. */
  network?(name: string, node: Node): NetPort | undefined;
  /** Takes what a port of a switch writes down: a pcap file's bytes. */
  capture?(name: string, node: Node): Sink | undefined;
  /** What is beyond a port that leads out; undefined if the host offers nothing: then nobody is there. */
  outside?(node: Node, asked: Asked): OutsideLink | undefined;
  /** A folder, read-only unless `writable`. */
  folder?(name: string, writable: boolean, node: Node): FileTree | undefined;
  /** What the board's socket devices are connected to. */
  readonly sockets?: VsockSwitch;
}

/** Where a device is: on the board, or in a partition. */
export interface VirtioPlace {
  readonly clock: Clock;
  readonly memory: DmaPort;
  readonly virtio: VirtioHost;
  readonly networks: Networks;
  /** What its sockets are connected to. */
  readonly sockets: VsockSwitch;
  console(node: Node): Console;
}

type Make = (node: Node, place: VirtioPlace) => VirtioDevice;

const console: Make = (node, place) => {
  const terminal = place.console(node);
  const device = new VirtioConsole({ rx: terminal, tx: (byte) => terminal.put(byte) });
  terminal.onInput(() => device.poll());
  return device;
};

/** What the host has under the name that a property gives. */
function named<T>(node: Node, what: string, find: (name: string) => T | undefined): T {
  const property = node.need(`partita,${what}`);
  const found = find(property.string());
  if (found === undefined) throw property.fail(`names "${property.string()}", and there is no such ${what}`);
  return found;
}

const block: Make = (node, { virtio }) => new VirtioBlock(named(node, 'disk', (name) => virtio.disk?.(name, node)));

const net: Make = (node, { networks, clock, virtio }) => {
  const plug = networks.plug(node, clock);
  const port = plug?.cable ?? named(node, 'network', (name) => virtio.network?.(name, node));
  const address = node.get('local-mac-address');
  if (address !== undefined && address.value.length !== 6)
    throw address.fail(`has ${address.value.length} bytes`, { expected: '6' });
  const mac = address?.value ?? plug?.mac ?? usualAddress(node);
  const mtu = node.get('partita,mtu');
  if (mtu === undefined) return new VirtioNet(port, { mac });
  if (mtu.cell() < LEAST_MTU || mtu.cell() > MOST_MTU) throw mtu.fail(`is ${mtu.cell()}`, { expected: '68 to 65535' });
  return new VirtioNet(port, { mac, mtu: mtu.cell() });
};
const LEAST_MTU = 68;
const MOST_MTU = 65_535;

/** 52:54:00:12:34:56 for the first that has none of its own, and so on: what QEMU gives them. */
function usualAddress(node: Node): Uint8Array {
  const all = [...node.root.walk()].filter(
    (other) => other.get('partita,virtio')?.string() === 'net' && !other.has('local-mac-address'),
  );
  return Uint8Array.of(0x52, 0x54, 0x00, 0x12, 0x34, 0x56 + all.indexOf(node));
}

const p9: Make = (node, { virtio }) => {
  const writable = node.has('partita,writable');
  const tree = named(node, 'folder', (name) => virtio.folder?.(name, writable, node));
  return new VirtioP9(tree, node.get('partita,tag')?.string() ?? 'shared');
};

/** A page in the balloon is cleared, so that it needs no room in a saved state. */
const balloon: Make = (node, { memory }) => {
  const empty = new Uint8Array(4096);
  const device = new VirtioBalloon({ release: (address) => memory.write(address, empty), restore: () => {} });
  device.inflateTo(node.get('partita,balloon-pages')?.cell() ?? 0);
  return device;
};

const vsock: Make = (node, { sockets }) => {
  const property = node.get('partita,cid');
  const cid = property?.cell() ?? FIRST_GUEST_CID;
  const device = new VirtioVsock(cid, sockets);
  if (cid < FIRST_GUEST_CID || cid === 0xffffffff) throw node.fail(`context id ${cid} is no guest's`, { expected: '3 or more' });
  if (!sockets.connect(cid, device)) throw node.fail(`context id ${cid} is taken`, { advice: "Give another in 'partita,cid'." });
  return device;
};

const DEVICES: Readonly<Record<string, Make>> = {
  console,
  block,
  net,
  entropy: (node) => new VirtioEntropy(node.get('partita,seed')?.cell() ?? 1),
  balloon,
  '9p': p9,
  vsock,
};

/** The binding of `virtio,mmio`. */
export function addVirtio(node: Node, board: Board): void {
  const kind = node.get('partita,virtio');
  if (kind === undefined) return board.device(node, 0, new EmptySlot());
  const memory = boardMemory(board.map);
  const { clock, virtio, networks } = board;
  const sockets = virtio.sockets ?? networks.sockets();
  const place = { clock, memory, virtio, networks, sockets, console: (of: Node) => board.console(of) };
  board.device(node, 0, makeVirtio(node, board.irq(node, 0), place, LEGACY));
}

/** QEMU's boards have the legacy layout, so that is what a slot has unless it says otherwise. */
const LEGACY = 1;

/** The device that `partita,virtio` names, behind its registers. `usual`: the version that it has if it does not say. */
export function makeVirtio(node: Node, irq: IrqLine, place: VirtioPlace, usual: 1 | 2): VirtioMmio {
  const legacy = version(node, usual) === LEGACY;
  const device = (DEVICES[kindOf(node)] as Make)(node, place);
  return new VirtioMmio({ irq, dma: place.memory }, place.clock, device, { legacy });
}

/** What `partita,virtio` names. */
export function kindOf(node: Node): string {
  const kind = node.need('partita,virtio');
  if (Object.hasOwn(DEVICES, kind.string())) return kind.string();
  throw kind.fail(`names "${kind.string()}"`, { expected: `one of "${Object.keys(DEVICES).join('", "')}"` });
}

function version(node: Node, usual: 1 | 2): number {
  const property = node.get('partita,virtio-version');
  const value = property?.cell() ?? usual;
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
