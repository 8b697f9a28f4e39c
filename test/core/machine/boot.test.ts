import { describe, expect, it } from 'vitest';
import { applyOptions, memoryRegions } from '../../../core/machine/board.ts';
import { type BootOptions, bootMachine } from '../../../core/machine/boot.ts';
import { readDtb } from '../../../core/machine/devicetree/dtb-reader.ts';
import { writeDtb } from '../../../core/machine/devicetree/dtb-writer.ts';
import { DeviceTreeError } from '../../../core/machine/devicetree/error.ts';
import { DeviceTree } from '../../../core/machine/devicetree/tree.ts';
import { cells } from '../../../core/machine/devicetree/values.ts';
import { ImageError } from '../../../core/machine/images/error.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { type Board, elf, ramOf, readBoard } from './rig.ts';

const MIB = 0x10_0000;
const code = new Uint8Array(256).fill(0xaa);
const initrd = Uint8Array.from({ length: 5000 }, (_, i) => i);

function boot(board: Board, image: Uint8Array, more: Partial<BootOptions> = {}): Machine {
  const tree = readBoard(board);
  applyOptions(tree, { virtualization: false, memory: 64 * MIB });
  return bootMachine(tree, { image, firmware: false, el: 'svc', ...more });
}

const registers = (machine: Machine) => [0, 1, 2].map((n) => (machine.cpus[0]!.words[n] as number) >>> 0);
const dump = (machine: Machine, address: number, length: number) => machine.map.dump(address, length);

function zImage(): Uint8Array {
  const image = new Uint8Array(4096).fill(0x55);
  new DataView(image.buffer).setUint32(0x24, 0x016f2818, true);
  return image;
}

describe.each(['virt', 'vexpress-a15'] as const)('on %s', (board) => {
  const ram = ramOf(board);

  it('an ELF file goes where it is linked to', () => {
    const machine = boot(board, elf([0xeafffffe, 0x12345678], ram + 0x8000));
    expect(dump(machine, ram + 0x8000, 8)).toEqual(Uint8Array.of(0xfe, 0xff, 0xff, 0xea, 0x78, 0x56, 0x34, 0x12));
  });

  it('a kernel is entered by the boot protocol: r0 = 0, r1 = -1, r2 = the device tree', () => {
    const machine = boot(board, zImage(), { append: 'console=ttyAMA0' });
    const [r0, r1, dtb] = registers(machine) as [number, number, number];
    expect([r0, r1]).toEqual([0, 0xffff_ffff]);
    expect(dump(machine, ram + 0x1_0000, 4096)).toEqual(zImage());
    const tree = readDtb(dump(machine, dtb, 0x1_0000)!, 'memory');
    expect(tree.root.find('/chosen')?.get('bootargs')?.string()).toBe('console=ttyAMA0');
    expect([...tree.root.walk()].flatMap((node) => node.properties).filter(({ name }) => name.startsWith('partita,'))).toEqual(
      [],
    );
  });

  it('the initial RAM disk is where the device tree says', () => {
    const machine = boot(board, zImage(), { initrd });
    const tree = readDtb(dump(machine, registers(machine)[2]!, 0x1_0000)!, 'memory');
    const chosen = tree.root.find('/chosen')!;
    const [start, end] = ['linux,initrd-start', 'linux,initrd-end'].map((name) => chosen.need(name).cell()) as [number, number];
    expect(end - start).toBe(initrd.length);
    expect(dump(machine, start, initrd.length)).toEqual(initrd);
  });

  it('a device tree from a file takes the place of the board’s, and gets the memory, the command line and the RAM disk', () => {
    const tree = new DeviceTree();
    tree.root.set('model', 'another');
    tree.root.set('#address-cells', cells(1));
    tree.root.append('memory@1000').set('device_type', 'memory');
    const machine = boot(board, zImage(), { dtb: writeDtb(tree), append: 'quiet', initrd });
    const seen = readDtb(dump(machine, registers(machine)[2]!, 0x1_0000)!, 'memory');
    expect(seen.root.get('model')?.string()).toBe('another');
    expect(seen.root.children.map(({ name }) => name)).toEqual([`memory@${ram.toString(16)}`, 'chosen']);
    expect(memoryRegions(seen)).toMatchObject([{ address: ram, size: 64 * MIB }]);
    expect(seen.root.find('/chosen')?.get('bootargs')?.string()).toBe('quiet');
    expect(seen.root.find('/chosen')?.has('linux,initrd-end')).toBe(true);
  });

  it('a device tree that is none is refused', () => {
    expect(() => boot(board, zImage(), { dtb: Uint8Array.from({ length: 64 }, (_, i) => i) })).toThrow(DeviceTreeError);
  });

  it('firmware goes to the first flash bank', () => {
    const machine = boot(board, code, { firmware: true });
    const flash = machine.map.regions.find((region) => region.kind === 'memory' && region.window !== undefined)!;
    expect(dump(machine, flash.base, code.length)).toEqual(code);
  });

  it.each([
    ['below memory', elf([0], ram - 0x1000), 'a segment of the ELF file does not fit the board'],
    ['beyond memory', elf([0], ram + 64 * MIB), 'a segment of the ELF file does not fit the board'],
    ['across its end', elf([0, 0], ram + 64 * MIB - 4), 'a segment of the ELF file does not fit the board'],
    ['larger than memory', new Uint8Array(65 * MIB), 'the image does not fit the board'],
  ])('an image %s is refused', (_, image, problem) => {
    expect(() => boot(board, image)).toThrow(ImageError);
    expect(() => boot(board, image)).toThrow(problem);
  });

  it('firmware larger than the flash, and RAM disks and device trees larger than memory, are refused', () => {
    expect(() => boot(board, new Uint8Array(65 * MIB), { firmware: true })).toThrow(/firmware has \d+ bytes, the flash \d+/);
    expect(() => boot(board, zImage(), { initrd: new Uint8Array(40 * MIB) })).toThrow('the initial RAM disk does not fit');
    const tree = new DeviceTree();
    tree.root.set('large', new Uint8Array(40 * MIB));
    expect(() => boot(board, zImage(), { dtb: writeDtb(tree) })).toThrow('the device tree does not fit');
  });
});

it('the device tree gives way to an ELF file that wants its place', () => {
  const ram = ramOf('virt');
  const machine = boot('virt', elf([0x11111111], ram));
  expect(dump(machine, ram, 4)).toEqual(Uint8Array.of(0x11, 0x11, 0x11, 0x11));
  const beside = boot('virt', elf([0x11111111], ram + MIB));
  expect(
    readDtb(dump(beside, ram, 0x1_0000)!, 'memory')
      .root.get('model')
      ?.string(),
  ).toBe('linux,dummy-virt');
});

it('on vexpress-a15 the second core waits until the first writes an address to SYS_FLAGS and sends an interrupt', () => {
  const first = [
    0xe59f001c,
    0xe59f101c,
    0xe5801000, // SYS_FLAGS = ram + 0x8100
    0xe59f2018,
    0xe3a03003,
    0xe5823000, // GICD_CTLR
    0xe3a03802,
    0xe5823f00,
    0xeafffffe, // SGI 0 to core 1, then b .
    0x1c010030,
    0x80008100,
    0x2c001000,
  ];
  const second = [0xe3a00102, 0xe3a0102a, 0xe5801000, 0xeafffffe]; // *0x80000000 = 42
  const program = [...first, ...Array.from({ length: 64 - first.length }, () => 0), ...second];
  const machine = boot('vexpress-a15', elf(program, 0x8000_8000));
  machine.run(1_000_000);
  expect(machine.map.read(0x8000_0000, 4, machine.cpus[1]!.initiator)).toBe(42);
});

it('firmware finds a device tree with room to add to it', () => {
  const machine = boot('virt', code, { firmware: true });
  const dtb = dump(machine, ramOf('virt'), MIB)!;
  expect(new DataView(dtb.buffer).getUint32(4)).toBe(MIB);
  expect(readDtb(dtb, 'memory').root.find('/chosen')).toBeDefined();
});
