/** Wires a machine: walks the device tree, makes the modelled devices, and lists the nodes that nothing models. */

import type { Stateful } from '../base/state.ts';
import { IrqLine } from '../bus/irq-line.ts';
import type { Device, RegisterMap } from '../bus/registers.ts';
import { DeviceWindow, type Window } from '../bus/window.ts';
import type { Gic } from '../devices/gic/gic.ts';
import { BINDINGS, type Board, GICS, modelOf } from './bindings.ts';
import { Console } from './console.ts';
import { cpuRegions, type Region } from './devicetree/addresses.ts';
import { interrupts } from './devicetree/interrupts.ts';
import type { DeviceTree, Node } from './devicetree/tree.ts';
import type { Machine } from './machine.ts';

const PMUS = ['arm,cortex-a15-pmu', 'arm,cortex-a7-pmu'];

/** Nodes that describe something other than a device with registers. */
const NO_DEVICE = [
  'fixed-clock',
  'arm,armv7-timer',
  ...PMUS,
  'simple-bus',
  'gpio-keys',
  'arm,psci',
  'arm,psci-0.2',
  'arm,psci-1.0',
];

/** Where a core's performance monitors report overflows: a private interrupt, or one of its own in the list; nowhere without such a node. */
export function performanceInterrupt(tree: DeviceTree, gic: Gic, core: number): IrqLine | undefined {
  const node = [...tree.root.walk()].find((candidate) => candidate.okay && candidate.isCompatible(...PMUS));
  const all = node === undefined ? [] : interrupts(node);
  const [kind, number] = (all[core] ?? all[0])?.specifier ?? [];
  if (kind === undefined || number === undefined) return undefined;
  if (kind === GIC_PPI) return gic.ppi(core, FIRST_PPI + number);
  return core < all.length ? gic.spi(number) : undefined;
}

const GIC_PPI = 1;
const FIRST_PPI = 16;

/** What is within /chosen is no hardware: partitions, with addresses of their own. */
const isHardware = (node: Node): boolean => node.okay && !node.path.startsWith('/chosen/');

/** Whether something of the board answers where the node's `reg` says. */
export const isDevice = (node: Node): boolean =>
  isHardware(node) &&
  node.has('reg') &&
  node.compatible.length > 0 &&
  !node.isCompatible(...NO_DEVICE) &&
  node.parent?.baseName !== 'cpus';

export class Wiring implements Board {
  readonly #machine: Machine;
  readonly clock: Machine['clock'];
  readonly map: Machine['map'];
  readonly cores: number;
  readonly date: number;
  readonly virtio: Machine['virtio'];
  readonly networks: Machine['networks'];

  constructor(machine: Machine) {
    this.#machine = machine;
    this.clock = machine.clock;
    this.map = machine.map;
    this.cores = machine.cpus.length;
    this.date = machine.date;
    this.virtio = machine.virtio;
    this.networks = machine.networks;
  }

  build(): void {
    for (const node of this.#machine.tree.root.walk()) if (node.compatible.length > 0 && isHardware(node)) this.#node(node);
  }

  #node(node: Node): void {
    if (node.isCompatible(...GICS)) return this.#gic(node);
    const build = BINDINGS[modelOf(node) ?? ''];
    if (build !== undefined) build(node, this);
    else if (isDevice(node)) this.#unmodelled(node);
  }

  irq(node: Node, i: number): IrqLine {
    const found = interrupts(node)[i];
    if (found === undefined) return new IrqLine(() => {});
    const [kind, number] = found.specifier as [number, number];
    if (kind !== 0) throw node.fail(`interrupt ${i} is a private one`, { expected: 'GIC_SPI' });
    return this.#machine.gic.spi(number);
  }

  spi(number: number): IrqLine {
    return this.#machine.gic.spi(number);
  }

  device<M extends RegisterMap>(node: Node, i: number, device: Device<M>): void {
    const { name, path } = node;
    const stray = (offset: number, write: boolean) => this.#machine.stray(`${name} + 0x${offset.toString(16)}`, write);
    this.place(node, i, ({ address, size }) => this.map.addWindow(address, size, new DeviceWindow(name, device, stray)));
    this.part(path, device);
  }

  part(path: string, device: Stateful): void {
    this.#machine.parts.push({ path, device });
  }

  memory(node: Node, i: number): void {
    this.place(node, i, ({ address, size }) => this.map.addMemory(node.name, address, size));
  }

  place<T>(node: Node, i: number, make: (region: Region) => T): T {
    const region = cpuRegions(node)[i];
    if (region === undefined) throw node.fail(`'reg' has no entry ${i}`, { expected: `at least ${i + 1} ranges` });
    return claim(node, () => make(region));
  }

  rate(node: Node, i: number, otherwise: number): number {
    const phandle = node.get('clocks')?.cells()[i];
    const clock = phandle === undefined ? undefined : node.byPhandle(phandle);
    return clock?.get('clock-frequency')?.cell() ?? otherwise;
  }

  absent(node: Node): void {
    this.#machine.unmodelled.push(node);
  }

  console(node: Node): Console {
    const console = new Console(consoleName(node), this.clock);
    this.#machine.consoles.set(console.name, console);
    return console;
  }

  reset(): void {
    this.#machine.end({ kind: 'reset' });
  }

  off(): void {
    this.#machine.end({ kind: 'off' });
  }

  /** The four blocks of a GICv2; the virtual ones may be absent. */
  #gic(node: Node): void {
    const { distributor, cpuInterface, virtualControl, virtualCpu } = this.#machine.gic;
    const blocks: readonly Device[] = [distributor, cpuInterface, virtualControl, virtualCpu] as never;
    cpuRegions(node).forEach((region, i) => {
      const block = blocks[i];
      if (block === undefined) throw node.fail("'reg' has more than four entries", { expected: 'GICD, GICC, GICH and GICV' });
      claim(node, () => this.map.addWindow(region.address, region.size, new DeviceWindow(`${node.name} ${BLOCKS[i]}`, block)));
    });
  }

  /** Reads as zero, ignores writes, counts both. */
  #unmodelled(node: Node): void {
    this.absent(node);
    const silent: Window = {
      name: node.name,
      read: () => {
        this.#machine.stray(node.path, false);
        return 0;
      },
      write: () => this.#machine.stray(node.path, true),
    };
    for (const region of cpuRegions(node)) claim(node, () => this.map.addWindow(region.address, region.size, silent));
  }
}

/** Turns a clash of addresses into an error of the description. */
function claim<T>(node: Node, add: () => T): T {
  try {
    return add();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw node.fail(`its addresses are taken: ${error.message}`, { advice: "Correct 'reg'." });
  }
}

const BLOCKS = ['GICD', 'GICC', 'GICH', 'GICV'];

/** What the board's own consoles are called. */
export const consoleNames = (root: Node): string[] =>
  [...root.walk()].filter((node) => node.okay && hasConsole(node)).map(consoleName);

const hasConsole = (node: Node): boolean =>
  modelOf(node) === 'arm,pl011' || (modelOf(node) === 'virtio,mmio' && node.get('partita,virtio')?.string() === 'console');

/** The alias of a UART if it has one (`serial0`), else its node's name. */
function consoleName(node: Node): string {
  const aliases = node.root.find('/aliases')?.properties ?? [];
  const alias = aliases.find((property) => node.root.find(property.strings()[0] ?? '') === node);
  return alias?.name ?? node.name;
}
