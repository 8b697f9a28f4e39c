import { describe, expect, it } from 'vitest';
import { AddressMap } from '../../../core/bus/address-map.ts';
import { Arena } from '../../../core/bus/memory.ts';
import { NOBODY } from '../../../core/bus/registers.ts';
import { parseDts } from '../../../core/machine/devicetree/dts-parser.ts';
import { Machine } from '../../../core/machine/machine.ts';
import { boardMemory, type VirtioHost } from '../../../core/machine/virtio.ts';
import { MemoryTree } from '../../support/file-tree.ts';
import { memoryDisk } from '../../support/memory-disk.ts';
import { filesWith, problemsOf } from './rig.ts';

const machineWith = (properties: string, virtio: VirtioHost = {}) => {
  const text = `#include "board.dts"\n/ { virtio_mmio@a000000 {\n${properties}\n}; };\n`;
  return new Machine(parseDts('boards/virt/test.dts', filesWith({ 'boards/virt/test.dts': text })), {
    virtualization: false,
    virtio,
  });
};
const HOST: VirtioHost = {
  network: (name) => (name === 'known' ? { send: () => {}, onReceive: () => {} } : undefined),
  folder: (name, writable) => (name === 'docs' ? new MemoryTree({}, !writable) : undefined),
  disk: (name) => (name === 'disk' ? memoryDisk(new Uint8Array(512)) : undefined),
};
const identify = (machine: Machine) => [4, 8].map((offset) => machine.map.read(0x0a00_0000 + offset, 4, NOBODY));

describe('a virtio slot', () => {
  it('is empty unless it says what it has', () => {
    expect(identify(machineWith(''))).toEqual([1, 0]);
  });

  it('has the device that it names, in the layout it names', () => {
    expect(identify(machineWith('partita,virtio = "entropy"; partita,virtio-version = <2>;'))).toEqual([2, 4]);
    expect(identify(machineWith('partita,virtio = "console";'))).toEqual([1, 3]);
    expect([...machineWith('partita,virtio = "console";').consoles.keys()]).toContain('virtio_mmio@a000000');
  });

  it.each([
    ['block', 2, 'partita,disk = "disk";'],
    ['net', 1, 'partita,network = "known"; partita,mtu = <9000>;'],
    ['balloon', 5, 'partita,balloon-pages = <256>;'],
    ['9p', 9, 'partita,folder = "docs"; partita,tag = "docs";'],
    ['vsock', 19, 'partita,cid = <7>;'],
  ])('may have %s', (kind, id, properties) => {
    const machine = machineWith(`partita,virtio = "${kind}"; ${properties}`, HOST);
    expect(identify(machine)).toEqual([1, id]);
    const before = machine.stateHash();
    const saved = machine.save();
    machine.reset();
    machine.load(saved);
    expect(machine.stateHash()).toBe(before);
  });

  it.each([
    ['partita,virtio = "printer";', /names "printer".*"console"/s],
    ['partita,virtio = "entropy"; partita,virtio-version = <3>;', /is 3/],
    ['partita,virtio = "block";', /partita,disk/],
    ['partita,virtio = "block"; partita,disk = "none.img";', /names "none.img", and there is no such disk/],
    ['partita,virtio = "net"; partita,network = "lan";', /names "lan", and there is no such network/],
    ['partita,virtio = "net"; partita,network = "known"; local-mac-address = [01 02];', /has 2 bytes/],
    ['partita,virtio = "net"; partita,network = "known"; partita,mtu = <60>;', /is 60/],
    ['partita,virtio = "9p"; partita,folder = "none";', /names "none", and there is no such folder/],
    ['partita,virtio = "vsock"; partita,cid = <2>;', /context id 2 is no guest's/],
  ])('is an error of the description otherwise: %s', (properties, message) => {
    expect(() => machineWith(properties, HOST)).toThrow(message);
  });
});

it('a slot with a device is for no partition, whose memory would not be its only one', () => {
  const domain = `a { compatible = "xen,domain"; cpus = <1>; memory = <0 1024>; partita,devices = <&{/virtio_mmio@a000200}>;
    m { compatible = "multiboot,kernel", "multiboot,module"; partita,image = "image.bin"; }; };`;
  expect(problemsOf(domain)).toEqual([]);
  const [own, other] = ['a000200', 'a000400'].map((slot) =>
    problemsOf(`${domain} }; virtio_mmio@${slot} { partita,virtio = "entropy";`),
  );
  expect(own?.join()).toMatch(/isolation: .*gives \/virtio_mmio@a000200 to "a": its DMA reaches all memory/);
  expect(other?.join()).toMatch(/isolation: .*shares a page with \/virtio_mmio@a000400: its DMA reaches all memory/);
});

describe('memory as the devices of a board reach it', () => {
  const map = new AddressMap(new Arena(new ArrayBuffer(0x1_0000)));
  map.addMemory('ram', 0x1000, 0x2000);
  map.addMemory('more', 0x3000, 0x1000);
  map.addMemory('rom', 0x4000, 0x1000, { readOnly: true });
  map.addWindow(0x5000, 0x1000, { name: 'device', read: () => 0, write: () => {} });
  const dma = boardMemory(map);

  it('is RAM, also across two pieces of it', () => {
    expect(dma.write(0x2ffe, Uint8Array.of(1, 2, 3, 4))).toBe(true);
    const bytes = new Uint8Array(4);
    expect(dma.read(0x2ffe, bytes)).toBe(true);
    expect([...bytes]).toEqual([1, 2, 3, 4]);
    expect(dma.reaches(0x1000, 0x3000, true)).toBe(true);
  });

  it.each([
    [0xfff, 2],
    [0x3fff, 2],
    [0x4000, 4],
    [0x5000, 4],
    [0x9000, 1],
    [0x1000, 2 ** 40],
    [2 ** 64, 16],
  ])('is nothing else: 0x%i', (address, length) => {
    expect(dma.reaches(address, length, false)).toBe(false);
    if (length > 64) return;
    const untouched = new Uint8Array(length).fill(7);
    expect(dma.read(address, untouched)).toBe(false);
    expect(dma.write(address, untouched)).toBe(false);
    expect(untouched.every((byte) => byte === 7)).toBe(true);
  });
});
