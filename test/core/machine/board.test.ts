import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyOptions, copyTree, memoryRegions, readCpus, tellSlots } from '../../../core/machine/board.ts';
import { cpuRegions } from '../../../core/machine/devicetree/addresses.ts';
import { readDtb } from '../../../core/machine/devicetree/dtb-reader.ts';
import { writeDtb } from '../../../core/machine/devicetree/dtb-writer.ts';
import { DeviceTreeError } from '../../../core/machine/devicetree/error.ts';
import type { DeviceTree, Node } from '../../../core/machine/devicetree/tree.ts';
import { Machine } from '../../../core/machine/machine.ts';
import { have } from '../../support/oracles.ts';
import { type Board, readBoard } from './rig.ts';

const BOARDS: readonly Board[] = ['virt', 'vexpress-a15'];

const cpuNames = (tree: DeviceTree) => tree.root.find('/cpus')?.children.map(({ name }) => name);

describe('options of a board', () => {
  it.each(BOARDS)('change memory, cores and processor of %s in its tree', (board) => {
    const tree = readBoard(board);
    const base = memoryRegions(tree)[0]?.address;
    applyOptions(tree, { virtualization: false, memory: 0x1000_0000, cores: 3, cpu: 'cortex-a7' });
    expect(memoryRegions(tree)[0]).toMatchObject({ address: base, size: 0x1000_0000 });
    expect(cpuNames(tree)).toEqual(['cpu@0', 'cpu@1', 'cpu@2']);
    expect(readCpus(tree)).toEqual({ count: 3, name: 'cortex-a7' });
    expect(tree.root.find('/cpus/cpu@2')?.get('reg')?.cell()).toBe(2);
  });

  it('start the cores of virt by PSCI once there are several', () => {
    const tree = readBoard('virt');
    applyOptions(tree, { virtualization: false, cores: 2 });
    expect(tree.root.find('/cpus/cpu@1')?.get('enable-method')?.string()).toBe('psci');
    expect(tree.root.find('/psci')?.get('method')?.string()).toBe('hvc');
  });

  it('take cores away', () => {
    const tree = readBoard('vexpress-a15');
    applyOptions(tree, { virtualization: false, cores: 1 });
    expect(cpuNames(tree)).toEqual(['cpu@0']);
  });

  it('leave HVC to the hypervisor: PSCI is then called by SMC', () => {
    const tree = readBoard('virt');
    applyOptions(tree, { virtualization: true });
    expect(tree.root.find('/psci')?.get('method')?.string()).toBe('smc');
  });

  it.each([
    ['no processor', (tree: DeviceTree) => tree.root.find('/cpus')?.children.splice(0), 'the board has no cpu node'],
    ['five of them', (tree: DeviceTree) => applyOptions(tree, { virtualization: false, cores: 5 }), 'the board has 5 cores'],
    [
      'an unknown one',
      (tree: DeviceTree) => tree.root.find('/cpus/cpu@0')?.set('compatible', 'arm,cortex-a53'),
      'unknown processor "arm,cortex-a53"; expected arm,cortex-a15 or arm,cortex-a7',
    ],
  ])('refuse a board with %s', (_, spoil, problem) => {
    const tree = readBoard('virt');
    spoil(tree);
    expect(() => readCpus(tree)).toThrow(DeviceTreeError);
    expect(() => readCpus(tree)).toThrow(problem);
  });

  it('refuse memory beyond the 40-bit physical address space', () => {
    expect(() => applyOptions(readBoard('virt'), { virtualization: false, memory: 2 ** 40 })).toThrow('do not fit below 2^40');
  });
});

it.each(BOARDS)('a copy of the tree of %s is the same bytes, and another tree', (board) => {
  const tree = readBoard(board);
  const copy = copyTree(tree);
  expect(writeDtb(copy)).toEqual(writeDtb(tree));
  copy.root.set('model', 'changed');
  expect(tree.root.get('model')?.string()).not.toBe('changed');
});

/** What the boards' descriptions have and nothing models: announced when a machine starts. */
const UNMODELLED: Readonly<Record<Board, readonly string[]>> = {
  virt: [],
  'vexpress-a15': [
    '/hdlcd@2b000000',
    '/memory-controller@2b0a0000',
    '/dmc@7ffd0000',
    '/dma@7ffb0000',
    '/motherboard/ethernet@1a000000',
    '/motherboard/usb@1b000000',
    '/motherboard/sysctl@1c020000',
    // These identify themselves, and do nothing else.
    '/motherboard/aaci@1c040000',
    '/motherboard/mmci@1c050000',
    '/motherboard/kmi@1c060000',
    '/motherboard/kmi@1c070000',
    '/motherboard/i2c@1c160000',
    '/motherboard/clcd@1c1f0000',
  ],
};

it.each(BOARDS)('a machine models every device of %s but those that are known to be missing', (board) => {
  const { unmodelled } = new Machine(readBoard(board), { virtualization: false });
  expect(unmodelled.map(({ path }) => path)).toEqual(UNMODELLED[board]);
});

/** The tree of QEMU's virt machine with one core and GICv2, as QEMU itself gives it to its guests. */
function dumped(): DeviceTree {
  const folder = mkdtempSync(join(tmpdir(), 'virt-'));
  const file = join(folder, 'virt.dtb');
  const options = ['-M', `virt,gic-version=2,virtualization=on,dumpdtb=${file}`, '-cpu', 'cortex-a15', '-m', '128', '-nographic'];
  spawnSync('qemu-system-arm', options, { timeout: 20_000 });
  const tree = readDtb(readFileSync(file), file);
  rmSync(folder, { recursive: true });
  return tree;
}

/** Every node and property as a line; references as the path of what they refer to. */
function lines(tree: DeviceTree): Map<string, string> {
  const phandles = new Map([...tree.root.walk()].map((node) => [node.phandle, node.path]));
  const show = (node: Node, name: string): string => {
    const property = node.get(name)!;
    const [width, column] = REFERENCES[name] ?? [];
    if (width === undefined) return Buffer.from(property.value).toString('hex');
    return property
      .cells()
      .map((cell, i) => (i % width === column ? phandles.get(cell) : cell))
      .join(' ');
  };
  return new Map(
    [...tree.root.walk()].flatMap((node) => [
      [node.path, 'node'] as const,
      ...node.properties
        .filter(({ name }) => name !== 'phandle')
        .map(({ name }) => [`${node.path} ${name}`, show(node, name)] as const),
    ]),
  );
}

/** Properties that refer to nodes: cells of a row, and the one with the phandle. */
const REFERENCES: Readonly<Record<string, readonly [width: number, column: number]>> = {
  'interrupt-parent': [1, 0],
  clocks: [1, 0],
  gpios: [3, 0],
  'msi-parent': [1, 0],
  'msi-map': [4, 1],
  'interrupt-map': [10, 4],
};

it('firmware of the virt board finds the configuration space of PCI below 4 GiB, a kernel high', () => {
  const [kernel, firmware] = [readBoard('virt'), readBoard('virt')];
  applyOptions(firmware, { virtualization: false, firmware: true });
  const pci = (tree: DeviceTree) => ['reg', 'bus-range'].map((name) => tree.root.find('/pcie@10000000')?.need(name).cells());
  expect(pci(kernel)).toEqual([
    [0x40, 0x10000000, 0, 0x10000000],
    [0, 255],
  ]);
  expect(pci(firmware)).toEqual([
    [0, 0x3f000000, 0, 0x01000000],
    [0, 15],
  ]);
});

it.skipIf(!have('qemu-system-arm'))("the virt board is QEMU's, but for what differs on purpose", () => {
  const tree = readBoard('virt');
  applyOptions(tree, { virtualization: true });
  const [ours, theirs] = [lines(tree), lines(dumped())];
  const different = [...new Set([...ours.keys(), ...theirs.keys()])]
    .filter((line) => ours.get(line) !== theirs.get(line))
    .map((line) =>
      ours.has(line) ? (theirs.has(line) ? `other value: ${line}` : `only ours: ${line}`) : `only QEMU's: ${line}`,
    );
  expect(different.sort()).toMatchInlineSnapshot(`
    [
      "only QEMU's: /chosen kaslr-seed",
      "only QEMU's: /chosen rng-seed",
      "only QEMU's: /cpus/cpu-map",
      "only QEMU's: /cpus/cpu-map/socket0",
      "only QEMU's: /cpus/cpu-map/socket0/cluster0",
      "only QEMU's: /cpus/cpu-map/socket0/cluster0/core0",
      "only QEMU's: /cpus/cpu-map/socket0/cluster0/core0 cpu",
      "only ours: /aliases",
      "only ours: /aliases serial0",
      "only ours: /intc@8000000 partita,interrupts",
      "only ours: /intc@8000000/v2m@8020000 partita,msi-spis",
      "only ours: /pcie@10000000 partita,firmware-reg",
      "only ours: /pmu compatible",
      "only ours: /pmu interrupts",
    ]
  `);
});

describe('a tree of somebody else', () => {
  const slots = (tree: DeviceTree) => [...tree.root.walk()].filter((node) => node.isCompatible('virtio,mmio'));
  const board = readBoard('vexpress-a15');
  slots(board)[2]?.set('partita,virtio', 'block');
  const stranger = () => {
    const tree = readBoard('vexpress-a15');
    for (const node of slots(tree)) node.parent?.remove(node);
    return tree;
  };

  it('is told of the slots that have a device', () => {
    const tree = stranger();
    tellSlots(tree, board);
    const [slot, ...others] = slots(tree);
    expect([slot?.path, others.length]).toEqual(['/virtio_mmio@1c130400', 0]);
    expect(cpuRegions(slot as Node)).toEqual([{ address: 0x1c130400, size: 0x200 }]);
    expect(slot?.get('interrupts')?.cells()).toEqual([0, 42, 4]);
    expect(tree.root.byPhandle(slot?.get('interrupt-parent')?.cell() ?? 0)?.isCompatible('arm,cortex-a15-gic')).toBe(true);
  });

  it('stays as it is where it knows some, or has no GIC for their interrupts', () => {
    const own = readBoard('vexpress-a15');
    tellSlots(own, board);
    expect(slots(own).length).toBe(4);
    const tree = stranger();
    for (const node of [...tree.root.walk()]) if (node.isCompatible('arm,cortex-a15-gic')) node.parent?.remove(node);
    tellSlots(tree, board);
    expect(slots(tree)).toEqual([]);
  });
});
