/** Which device model answers for which `compatible`. A node that no row names is listed as not modelled. */
import type { Stateful } from '../base/state.ts';
import type { AddressMap } from '../bus/address-map.ts';
import type { Clock } from '../bus/clock.ts';
import type { IrqLine } from '../bus/irq-line.ts';
import type { Device, RegisterMap } from '../bus/registers.ts';
import { addFlash } from '../devices/cfi-flash.ts';
import { FwCfg, littleEndian, NB_CPUS } from '../devices/fw-cfg.ts';
import { MsiFrame } from '../devices/gic/msi-frame.ts';
import { emptyPciWindow, PciEcam } from '../devices/pci-host.ts';
import { Pl011 } from '../devices/pl011.ts';
import { Pl031 } from '../devices/pl031.ts';
import { Pl061 } from '../devices/pl061.ts';
import { PERIPHERAL_IDS, PrimeCellId } from '../devices/primecell-id.ts';
import { Sp804 } from '../devices/sp804.ts';
import { Sp805 } from '../devices/sp805.ts';
import { VexpressSysreg } from '../devices/vexpress-sysreg.ts';
import type { Console } from './console.ts';
import { cpuRegions, type Region } from './devicetree/addresses.ts';
import type { Node } from './devicetree/tree.ts';
import type { Networks } from './networks.ts';
import { addVirtio, type VirtioHost } from './virtio.ts';

/** What a binding may use of the machine. */
export interface Board {
  readonly clock: Clock;
  readonly map: AddressMap;
  readonly cores: number;
  /** Seconds since 1970 at virtual time 0. */
  readonly date: number;
  /** What virtio devices have to do with outside of the machine. */
  readonly virtio: VirtioHost;
  /** The switches of the description. */
  readonly networks: Networks;
  /** The wire of the node's interrupt `i`; one that leads nowhere if it has none. */
  irq(node: Node, i: number): IrqLine;
  /** The wire of a shared interrupt, 0 the first of them. */
  spi(number: number): IrqLine;
  /** Puts a device in the window that the node's `reg` entry `i` describes, and keeps its state with the machine's. */
  device<M extends RegisterMap>(node: Node, i: number, device: Device<M>): void;
  /** Adds RAM where the `reg` entry `i` says. */
  memory(node: Node, i: number): void;
  /** Adds whatever `make` adds at the `reg` entry `i`; an overlap becomes an error of the description. */
  place<T>(node: Node, i: number, make: (region: Region) => T): T;
  /** Keeps the state of something that is no window of registers. */
  part(path: string, device: Stateful): void;
  /** Rate of the node's clock `i` in Hz, from the fixed clock it refers to. */
  rate(node: Node, i: number, otherwise: number): number;
  console(node: Node): Console;
  /** Lists the node as not modelled. */
  absent(node: Node): void;
  /** The board is reset, or switched off. */
  reset(): void;
  off(): void;
}

type Build = (node: Node, board: Board) => void;

const uart: Build = (node, board) => {
  const console = board.console(node);
  const device = new Pl011({ irq: board.irq(node, 0), rx: console, tx: (byte) => console.put(byte) }, board.clock);
  console.onInput(() => device.poll());
  board.device(node, 0, device);
};

/** Flash banks: one `reg` entry each. */
const flash: Build = (node, board) => {
  for (const [i] of cpuRegions(node).entries()) {
    const bank = board.place(node, i, ({ address, size }) => addFlash(board.map, `${node.name}.${i}`, address, size));
    board.part(`${node.path}.${i}`, bank.flash);
  }
};

/** Configuration space, and the windows of `ranges` through which the processor reaches PCI addresses (3 cells, 2 or 1, 2). */
const pciHost: Build = (node, board) => {
  const ecam = new PciEcam(`${node.name} ECAM`);
  board.place(node, 0, ({ address, size }) => board.map.addWindow(address, size, ecam));
  board.part(node.path, ecam);
  const parent = node.parent?.get('#address-cells')?.cell() ?? 2;
  const cells = node.get('ranges')?.cells() ?? [];
  const wide = (from: number, count: number) =>
    cells.slice(from, from + count).reduce((value, cell) => value * 0x1_0000_0000 + cell, 0);
  for (let at = 0; at < cells.length; at += 5 + parent) {
    board.map.addWindow(
      wide(at + 3, parent),
      wide(at + 3 + parent, 2),
      emptyPciWindow(`${node.name} window ${at / (5 + parent)}`),
    );
  }
};

const identified =
  (compatible: string): Build =>
  (node, board) => {
    board.device(node, 0, new PrimeCellId(PERIPHERAL_IDS[compatible] as number));
    board.absent(node);
  };

/** Without the property, a frame with no interrupt. */
const msiFrame: Build = (node, board) => {
  const [first = FIRST_SPI, count = 0] = node.get('partita,msi-spis')?.cells() ?? [];
  board.device(node, 0, new MsiFrame({ first, count }, (id) => board.spi(id - FIRST_SPI)));
};
const FIRST_SPI = 32;

const ram: Build = (node, board) => board.memory(node, 0);

const MODELS: Readonly<Record<string, Build>> = {
  'arm,pl011': uart,
  'arm,pl031': (node, board) => board.device(node, 0, new Pl031({ irq: board.irq(node, 0) }, board.clock, board.date)),
  'arm,pl061': (node, board) => board.device(node, 0, new Pl061({ irq: board.irq(node, 0) })),
  'arm,sp804': (node, board) => {
    const rates = [board.rate(node, 0, 1_000_000), board.rate(node, 1, 1_000_000)] as const;
    board.device(node, 0, new Sp804({ irq: board.irq(node, 0) }, board.clock, rates));
  },
  'arm,sp805': (node, board) => {
    const ports = { irq: board.irq(node, 0), reset: () => board.reset() };
    board.device(node, 0, new Sp805(ports, board.clock, board.rate(node, 0, 32_768)));
  },
  'arm,vexpress-sysreg': (node, board) =>
    board.device(node, 0, new VexpressSysreg({ reset: () => board.reset(), shutdown: () => board.off() }, board.clock)),
  'virtio,mmio': addVirtio,
  'qemu,fw-cfg-mmio': (node, board) => {
    const memory = {
      read: (address: number, length: number) => board.map.dump(address, length),
      write: (address: number, bytes: Uint8Array) => board.map.load(address, bytes),
    };
    board.device(node, 0, new FwCfg(memory, { items: { [NB_CPUS]: littleEndian(board.cores, 2) } }));
  },
  'arm,gic-v2m-frame': msiFrame,
  'cfi-flash': flash,
  'pci-host-ecam-generic': pciHost,
  'mtd-ram': ram,
  'arm,vexpress-vram': ram,
  'mmio-sram': ram,
};

/** Interrupt controllers that are a GICv2. */
export const GICS: readonly string[] = ['arm,cortex-a15-gic', 'arm,cortex-a7-gic', 'arm,gic-400'];

/** Devices that bring memory of their own. */
export const MEMORIES: readonly string[] = ['cfi-flash', 'mtd-ram', 'arm,vexpress-vram', 'mmio-sram'];

/** PrimeCells that are declared absent: only their identification answers. */
const ABSENT = Object.fromEntries(Object.keys(PERIPHERAL_IDS).map((compatible) => [compatible, identified(compatible)]));

export const BINDINGS: Readonly<Record<string, Build>> = { ...ABSENT, ...MODELS };

/** The name in a node's `compatible` that decides which model it gets. */
export const modelOf = (node: Node): string | undefined => node.compatible.find((name) => Object.hasOwn(BINDINGS, name));

/** Models that a partition may be given: they reach no further than their own registers, their own memory and their own interrupts. */
export const ASSIGNABLE: readonly string[] = ['arm,pl011', 'arm,pl031', 'arm,pl061', 'arm,sp804', 'virtio,mmio', ...MEMORIES];

/** What a node of such a model may not have: a virtio device reaches all memory, an empty slot nothing. */
export const REACHES_OUT: Readonly<Record<string, string>> = { 'partita,virtio': 'its DMA reaches all memory' };

/** Why no partition may have the others. What is not here, only answers to its identification, or to nothing. */
export const BEYOND: Readonly<Record<string, string>> = {
  ...Object.fromEntries(GICS.map((name) => [name, "the interrupt controller is the hypervisor's"])),
  'qemu,fw-cfg-mmio': 'its DMA reaches all memory',
  'pci-host-ecam-generic': 'its DMA reaches all memory',
  'arm,vexpress-sysreg': 'it switches the whole board off',
  'arm,sp805': 'it resets the whole board',
  'arm,gic-v2m-frame': "its messages raise anybody's interrupts",
};
