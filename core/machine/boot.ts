/**
 * Starting a bare machine: where images, device tree and initial RAM disk go, and how the first core is entered.
 * References: Linux Documentation/arch/arm/booting.rst; where QEMU's `-kernel` and `-bios` put things.
 */
import { resetCpu } from '../cpu/reset.ts';
import * as S from '../cpu/scalars.ts';
import { WAIT } from '../cpu/state.ts';
import { GICS } from './bindings.ts';
import { copyTree, memoryRegions, tellMemory, tellSlots } from './board.ts';
import { cpuRegions } from './devicetree/addresses.ts';
import { HEADER } from './devicetree/dtb-layout.ts';
import { readDtb } from './devicetree/dtb-reader.ts';
import { writeDtb } from './devicetree/dtb-writer.ts';
import type { DeviceTree } from './devicetree/tree.ts';
import { cells } from './devicetree/values.ts';
import { openInterrupts } from './firmware.ts';
import { ImageError } from './images/error.ts';
import { type Image, readImage } from './images/image.ts';
import { Machine, type MachineOptions } from './machine.ts';
import { switches } from './networks.ts';
import { Psci } from './psci.ts';

export interface BootOptions extends Omit<MachineOptions, 'virtualization'> {
  /** What to enter: a kernel or program, or firmware for the first flash bank. */
  readonly image: Uint8Array;
  readonly firmware: boolean;
  /** The guest's device tree instead of the board's; it gets the command line, the RAM disk and the memory too. */
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
function put(machine: Machine, what: string, address: number, bytes: Uint8Array, size = bytes.length): void {
  machine.loaded.push({ address, size });
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
    for (const { address, data, size } of image.segments) put(machine, 'a segment of the ELF file', address, data, size);
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
  const tree = describe(options.dtb === undefined ? machine.tree : fromFile(options.dtb, machine), options, initrdAt);
  const bytes = withRoom(writeDtb(tree), options.firmware ? room : 0);
  const linux = image !== undefined && image.kind !== 'elf';
  const after = initrdAt + (initrd?.length ?? 0);
  const at = linux ? Math.ceil(after / (2 * MEBIBYTE)) * 2 * MEBIBYTE : ram.address;
  const covered =
    image?.kind === 'elf' && image.segments.some(({ address, size }) => address < at + bytes.length && at < address + size);
  if (!covered) put(machine, 'the device tree', at, bytes);
  return at;
}

/** A tree from a file, which need not know how much memory and which devices this board was given. */
function fromFile(dtb: Uint8Array, machine: Machine): DeviceTree {
  const tree = readDtb(dtb, 'the device tree');
  tellMemory(tree, memoryRegions(machine.tree));
  tellSlots(tree, machine.tree);
  return tree;
}

/** Firmware adds to the tree before it passes it on: as in QEMU, the block has a mebibyte then (less on a board with little RAM). */
function withRoom(dtb: Uint8Array, room: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(dtb.length, Math.min(room, MEBIBYTE)));
  bytes.set(dtb);
  new DataView(bytes.buffer).setUint32(HEADER.totalsize, bytes.length);
  return bytes;
}

/** The tree with what a boot loader adds under /chosen, and without the nodes and properties that only this simulator reads. */
function describe(tree: DeviceTree, { append, initrd }: BootOptions, initrdAt: number): DeviceTree {
  const copy = copyTree(tree);
  const chosen = copy.root.child('chosen');
  if (append !== undefined) chosen.set('bootargs', append);
  if (initrd !== undefined) {
    chosen.set('linux,initrd-start', cells(initrdAt));
    chosen.set('linux,initrd-end', cells(initrdAt + initrd.length));
  }
  for (const node of switches(copy.root)) node.parent?.remove(node);
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
    if (el === 'hyp') openInterrupts(machine, cpu.index);
    if (cpu.index > 0) cpu.s[S.WAIT] = WAIT.off;
  }
  if (psci === undefined) startSecondaries(machine, el, secure);
  const [first] = machine.cpus;
  if (first === undefined || image === undefined || image.kind === 'elf') return;
  first.words.set([0, -1, dtb | 0]);
}

/**
 * Without PSCI the other cores wait in a stub, until the first writes an address to the board's boot register and sends them an interrupt.
 * The stub opens the core's GIC interface, so that any interrupt ends its WFI.
 */
const STUB = [
  0xe59f0024, // ldr r0, [pc, #36]   the GIC's CPU interface
  0xe3a01001, // mov r1, #1
  0xe5801000, // str r1, [r0]        GICC_CTLR
  0xe3a010ff, // mov r1, #255
  0xe5801004, // str r1, [r0, #4]    GICC_PMR
  0xe59f0014, // ldr r0, [pc, #20]   the boot register
  0xe320f003, // wfi
  0xe5901000, // ldr r1, [r0]
  0xe3510000, // cmp r1, #0
  0x0afffffb, // beq                 back to the WFI
  0xe12fff11, // bx r1
] as const;

function startSecondaries(machine: Machine, mode: 'svc' | 'hyp', secure: boolean): void {
  const { root } = machine.tree;
  const [register, at] = ['partita,smp-boot-register', 'partita,smp-boot-stub'].map((name) => root.get(name)?.cell());
  const gic = [...root.walk()].find((node) => node.isCompatible(...GICS));
  const cpuInterface = gic === undefined ? undefined : cpuRegions(gic)[1];
  if (register === undefined || at === undefined || cpuInterface === undefined || machine.cpus.length === 1) return;
  const words = Uint32Array.of(...STUB, cpuInterface.address, register);
  put(machine, 'the boot stub', at, new Uint8Array(words.buffer));
  for (const cpu of machine.cpus.slice(1)) resetCpu(cpu, { entry: at, mode, secure });
}
