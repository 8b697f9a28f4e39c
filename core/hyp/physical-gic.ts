/**
 * The machine's own GICv2, driven through its registers on the bus: distributor, CPU interface, virtual interface control. Reference: IHI 0048B.
 * EOImode is 1: an end of interrupt drops the priority, and deactivation follows when the interrupt is dealt with, by us or by a guest.
 */
import type { AddressMap } from '../bus/address-map.ts';
import type { Cpu } from '../cpu/state.ts';
import { GICC, GICD, GICH } from '../devices/gic/registers.ts';
import type { HypervisorConfig } from './config.ts';

/** Interrupts that the hypervisor takes itself. */
export const KICK = 0;
export const MAINTENANCE_IRQ = 25;
export const HYP_TIMER_IRQ = 26;
export const VIRTUAL_TIMER_IRQ = 27;

/** The same for all: the hypervisor does not nest interrupts. */
const PRIORITY = 0xa0;
const EOI_MODE = 1 << 9;

export class PhysicalGic {
  readonly #map: AddressMap;
  readonly #base: HypervisorConfig['gic'];

  constructor(map: AddressMap, base: HypervisorConfig['gic']) {
    this.#map = map;
    this.#base = base;
  }

  /** Once per core. */
  start(cpu: Cpu): void {
    const { distributor, cpuInterface, virtualControl } = this.#base;
    this.#write(cpu, distributor + GICD.CTLR.at, 1);
    for (const id of [KICK, MAINTENANCE_IRQ, HYP_TIMER_IRQ, VIRTUAL_TIMER_IRQ]) this.enable(cpu, id);
    this.#write(cpu, cpuInterface + GICC.PMR.at, 0xff);
    this.#write(cpu, cpuInterface + GICC.CTLR.at, 1 | EOI_MODE);
    this.#write(cpu, virtualControl + GICH.HCR.at, 0);
    for (let i = 0; i < GICH.LR.count; i++) this.writeList(cpu, i, 0);
  }

  enable(cpu: Cpu, id: number): void {
    this.#map.write(this.#base.distributor + GICD.IPRIORITYR.at + id, 1, PRIORITY, cpu.initiator);
    this.#setBit(cpu, GICD.ISENABLER.at, id);
  }

  disable(cpu: Cpu, id: number): void {
    this.#setBit(cpu, GICD.ICENABLER.at, id);
  }

  /** Where a shared interrupt goes. */
  target(cpu: Cpu, id: number, core: number): void {
    this.#map.write(this.#base.distributor + GICD.ITARGETSR.at + id, 1, 1 << core, cpu.initiator);
  }

  configureEdge(cpu: Cpu, id: number, edge: boolean): void {
    const at = this.#base.distributor + GICD.ICFGR.at + 4 * (id >>> 4);
    const bit = 2 << (2 * (id & 15));
    const value = this.#read(cpu, at);
    this.#write(cpu, at, edge ? value | bit : value & ~bit);
  }

  /** GICC_IAR: the interrupt that this core takes now. */
  acknowledge(cpu: Cpu): number {
    return this.#read(cpu, this.#base.cpuInterface + GICC.IAR.at);
  }

  /** GICC_EOIR: drops the priority. The interrupt stays active. */
  drop(cpu: Cpu, acknowledged: number): void {
    this.#write(cpu, this.#base.cpuInterface + GICC.EOIR.at, acknowledged);
  }

  /** GICC_DIR. */
  deactivate(cpu: Cpu, acknowledged: number): void {
    this.#write(cpu, this.#base.cpuInterface + GICC.DIR.at, acknowledged);
  }

  /** Makes an interrupt active, or not, as the guest that it belongs to has it. */
  setActive(cpu: Cpu, id: number, active: boolean): void {
    this.#setBit(cpu, active ? GICD.ISACTIVER.at : GICD.ICACTIVER.at, id);
  }

  /** Whether an interrupt is pending: for a level-sensitive one, whether its input is high. */
  isPending(cpu: Cpu, id: number): boolean {
    const word = this.#read(cpu, this.#base.distributor + GICD.ISPENDR.at + 4 * (id >>> 5));
    return ((word >>> (id & 31)) & 1) !== 0;
  }

  /** Interrupts a core: with its own number, the core that asks. */
  kick(cpu: Cpu, core: number): void {
    this.#write(cpu, this.#base.distributor + GICD.SGIR.at, (1 << (16 + core)) | KICK);
  }

  readList(cpu: Cpu, index: number): number {
    return this.#read(cpu, this.#base.virtualControl + GICH.LR.at + 4 * index);
  }

  writeList(cpu: Cpu, index: number, value: number): void {
    this.#write(cpu, this.#base.virtualControl + GICH.LR.at + 4 * index, value);
  }

  readVirtual(cpu: Cpu, register: 'HCR' | 'VMCR' | 'APR'): number {
    return this.#read(cpu, this.#base.virtualControl + GICH[register].at);
  }

  writeVirtual(cpu: Cpu, register: 'HCR' | 'VMCR' | 'APR', value: number): void {
    this.#write(cpu, this.#base.virtualControl + GICH[register].at, value);
  }

  #setBit(cpu: Cpu, register: number, id: number): void {
    this.#write(cpu, this.#base.distributor + register + 4 * (id >>> 5), (1 << (id & 31)) >>> 0);
  }

  #read(cpu: Cpu, address: number): number {
    return (this.#map.read(address, 4, cpu.initiator) ?? 0) | 0;
  }

  #write(cpu: Cpu, address: number, value: number): void {
    this.#map.write(address, 4, value >>> 0, cpu.initiator);
  }
}
