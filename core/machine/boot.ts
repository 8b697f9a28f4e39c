/**
 * Starting a bare machine: where images, device tree and initial RAM disk go, and how the first core is entered.
 * References: Linux Documentation/arch/arm/booting.rst; where QEMU's `-kernel` and `-bios` put things.
 */
import { resetCpu } from '../cpu/reset.ts';
import * as S from '../cpu/scalars.ts';
import { WAIT } from '../cpu/state.ts';
import { copyTree, memoryRegions } from './board.ts';
import { writeDtb } from './devicetree/dtb-writer.ts';
import type { DeviceTree } from './devicetree/tree.ts';
import { cells } from './devicetree/values.ts';
import { ImageError } from './images/error.ts';
import { type Image, readImage } from './images/image.ts';
import { Machine, type MachineOptions } from './machine.ts';
import { Psci } from './psci.ts';

export interface BootOptions extends Omit<MachineOptions, 'virtualization'> {
  /** What to enter: a kernel or program, or firmware for the first flash bank. */
  readonly image: Uint8Array;
  readonly firmware: boolean;
  readonly dtb?: Uint8Array;
  readonly initrd?: Uint8Array;
  readonly append?: string;
  readonly el: 'svc' | 'hyp';
}

/** Linux is loaded this far into RAM, below the 32 KiB its page tables want and the decompressor's room. */
const KERNEL_OFFSET = 0x10000;
const MEBIBYTE = 0x100000;

/** A machine whose first core is about to execute the image. Throws ImageError and DeviceTreeError. */
export function bootMachine(tree: DeviceTree, options: BootOptions): Machine {
  const machine = new Machine(tree, { ...options, virtualization: options.el === 'hyp' });
  const image = options.firmware ? undefined : readImage(options.image);
  const entry = image === undefined ? loadFirmware(machine, options.image) : loadImage(machine, image);
  const dtb = loadDescription(machine, image, options);
  enter(machine, entry, image, dtb, options.el);
  return machine;
}

/** Where loading may go wrong: names what was to be put where. */
function put(machine: Machine, what: string, address: number, bytes: Uint8Array): void {
  if (machine.map.load(address, bytes)) return;
  const ranges = memoryRegions(machine.tree).map(
    ({ address: base, size }) => `0x${base.toString(16)}-0x${(base + size - 1).toString(16)}`,
  );
  const range = `0x${address.toString(16)}-0x${(address + bytes.length - 1).toString(16)}`;
  throw new ImageError(
    `${what} does not fit the board: it goes to ${range}, memory is at ${ranges.join(', ')}. Give more memory or link it elsewhere.`,
  );
}

function loadFirmware(machine: Machine, bytes: Uint8Array): number {
  const flash = machine.map.regions.find((region) => region.kind === 'memory' && region.window !== undefined);
  if (flash === undefined) throw new ImageError('the board has no flash for firmware: boot a kernel or an ELF file instead');
  if (bytes.length > flash.size) throw new ImageError(`the firmware has ${bytes.length} bytes, the flash ${flash.size}`);
  put(machine, 'the firmware', flash.base, bytes);
  return flash.base;
}

function loadImage(machine: Machine, image: Image): number {
  if (image.kind === 'elf') {
    for (const { address, data } of image.segments) put(machine, 'a segment of the ELF file', address, data);
    return image.entry;
  }
  const [load, entry] =
    image.kind === 'uImage' ? [image.load, image.entry] : [ramBase(machine) + KERNEL_OFFSET, ramBase(machine) + KERNEL_OFFSET];
  put(machine, 'the image', load, image.data);
  return entry;
}

const ramBase = (machine: Machine): number => memoryRegions(machine.tree)[0]?.address ?? 0;

/** Puts the initial RAM disk and the device tree into memory. Returns the address of the latter. */
function loadDescription(machine: Machine, image: Image | undefined, options: BootOptions): number {
  const [ram] = memoryRegions(machine.tree);
  if (ram === undefined) throw machine.tree.root.fail('the board has no memory');
  const room = Math.min(Math.floor(ram.size / 2), 128 * MEBIBYTE);
  const { initrd } = options;
  const initrdAt = ram.address + room;
  if (initrd !== undefined) put(machine, 'the initial RAM disk', initrdAt, initrd);
  const bytes = options.dtb ?? writeDtb(describe(machine.tree, options, initrdAt));
  const linux = image !== undefined && image.kind !== 'elf';
  const after = initrdAt + (initrd?.length ?? 0);
  const at = linux ? Math.ceil(after / (2 * MEBIBYTE)) * 2 * MEBIBYTE : ram.address;
  const covered =
    image?.kind === 'elf' && image.segments.some(({ address, size }) => address < at + bytes.length && at < address + size);
  if (!covered) put(machine, 'the device tree', at, bytes);
  return at;
}

/** The board's tree with what a boot loader adds under /chosen, and without the properties that only this simulator reads. */
function describe(tree: DeviceTree, { append, initrd }: BootOptions, initrdAt: number): DeviceTree {
  const copy = copyTree(tree);
  const chosen = copy.root.child('chosen');
  if (append !== undefined) chosen.set('bootargs', append);
  if (initrd !== undefined) {
    chosen.set('linux,initrd-start', cells(initrdAt));
    chosen.set('linux,initrd-end', cells(initrdAt + initrd.length));
  }
  for (const node of copy.root.walk()) {
    for (const { name } of node.properties) if (name.startsWith('partita,')) node.delete(name);
  }
  return copy;
}

function enter(machine: Machine, entry: number, image: Image | undefined, dtb: number, el: 'svc' | 'hyp'): void {
  const secure = machine.cpus[0]?.model.security === true && el === 'svc';
  const psci = machine.tree.root.find('/psci');
  const conduit = psci?.get('method')?.string() === 'smc' ? 'smc' : 'hvc';
  for (const cpu of machine.cpus) {
    resetCpu(cpu, { entry, mode: el, secure });
    if (psci !== undefined) cpu.ports.firmware = new Psci(machine, conduit, el);
    if (cpu.index > 0) cpu.s[S.WAIT] = WAIT.off;
  }
  const [first] = machine.cpus;
  if (first === undefined || image === undefined || image.kind === 'elf') return;
  first.words.set([0, -1, dtb | 0]);
}
