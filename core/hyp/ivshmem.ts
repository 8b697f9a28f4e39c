/**
 * An ivshmem function of version 2, with INTx. Reference: ivshmem v2 specification (Jailhouse, Documentation/ivshmem-v2-specification.md).
 * It differs where stock drivers want it: as with other PCI functions, the status register tells that an interrupt waits, until the guest
 * writes Interrupt Control. So Linux's uio_pci_generic, which asks that bit, can have it; drivers made for ivshmem need not look.
 */
import type { State, Stateful } from '../base/state.ts';
import { registerMap } from '../bus/registers.ts';
import type { Width } from '../bus/window.ts';
import type { Caller } from './caller.ts';
import type { FunctionConfig } from './config.ts';
import { COMMAND, CONFIG, header, ONE_SHOT, REGISTERS_SIZE, STATUS } from './ivshmem-header.ts';
import type { Link, Peer, Sender } from './ivshmem-link.ts';
import { counter } from './machine-registers.ts';
import type { Partition } from './partition.ts';
import { ConfigSpace } from './pci-config-space.ts';
import { tellMessage, tellWithdrawn } from './watch.ts';

export const REGISTERS = registerMap({
  ID: { at: 0x00, access: 'ro' },
  MAXIMUM_PEERS: { at: 0x04, access: 'ro' },
  INTERRUPT_CONTROL: { at: 0x08, access: 'rw', mask: 1 },
  DOORBELL: { at: 0x0c, access: 'wo' },
  STATE: { at: 0x10, access: 'rw' },
});

export class Ivshmem implements Peer, Stateful {
  readonly #link: Link;
  readonly #config: FunctionConfig;
  readonly #partition: Partition;
  readonly #space: ConfigSpace;
  #enabled = false;
  #state = 0;
  /** Something came that the guest has not yet said to know. */
  #waiting = false;

  constructor(link: Link, config: FunctionConfig, partition: Partition) {
    this.#link = link;
    this.#config = config;
    this.#partition = partition;
    this.#space = new ConfigSpace(header(link.config, config));
    link.join(config.peer, this);
  }

  // Configuration space

  readConfig(offset: number, width: Width): number {
    const at = CONFIG.STATUS - offset;
    const status = this.#waiting && at >= 0 && at < width ? STATUS.INTERRUPT * 2 ** (8 * at) : 0;
    return (this.#space.read(offset, width) | status) >>> 0;
  }

  /** An interrupt that waits while INTx is disabled is raised when it no longer is. */
  writeConfig(offset: number, width: Width, value: number): void {
    const before = this.#masked;
    this.#space.write(offset, width, value);
    if (before && !this.#masked && this.#waiting) this.#raise();
  }

  // The register region

  /** Whether the region is at a PCI address: BAR 0 says so, and memory accesses are enabled. */
  decodes(address: number): boolean {
    const enabled = (this.#space.read(CONFIG.COMMAND, 2) & COMMAND.MEMORY) !== 0;
    return enabled && address - (address % REGISTERS_SIZE) === this.#space.read(CONFIG.BAR0, 4);
  }

  /** Only whole words; what is no register reads as zero. */
  read(offset: number, width: Width): number {
    if (width !== 4) return 0;
    switch (offset) {
      case REGISTERS.ID.at:
        return this.#config.peer;
      case REGISTERS.MAXIMUM_PEERS.at:
        return this.#link.config.peers;
      case REGISTERS.INTERRUPT_CONTROL.at:
        return Number(this.#enabled);
      case REGISTERS.STATE.at:
        return this.#state;
      default:
        return 0;
    }
  }

  write(caller: Caller, offset: number, width: Width, value: number): void {
    if (width !== 4) return;
    if (offset === REGISTERS.INTERRUPT_CONTROL.at) {
      this.#acknowledge();
      this.#enabled = (value & REGISTERS.INTERRUPT_CONTROL.mask) !== 0;
    } else if (offset === REGISTERS.DOORBELL.at) {
      charge(caller);
      if ((value & 0xffff) === 0) this.#link.ring(caller, value >>> 16); // INTx is vector 0, the only one
    } else if (offset === REGISTERS.STATE.at && value !== this.#state) {
      charge(caller);
      this.#setState(caller, value);
    }
  }

  /** A peer rang, or changed state. It is heard if the guest wants interrupts; a paused one hears it later. */
  notify(from: Sender): void {
    const partition = this.#partition;
    const alive = partition.state === 'running' || partition.state === 'paused';
    if (!alive || partition.ending !== undefined || !this.#enabled) return;
    this.#waiting = true;
    if ((this.#space.read(CONFIG.PRIVILEGED_CONTROL, 1) & ONE_SHOT) !== 0) this.#enabled = false;
    tellMessage(from, this.#link.config.name, partition, this.#config.irq);
    if (!this.#masked) this.#raise();
  }

  /** The partition ends: the others see state 0, and a new start finds the function as after a reset. */
  disconnect(): void {
    const [vcpu] = this.#partition.vcpus;
    this.#clear();
    if (this.#state !== 0 && vcpu !== undefined) this.#setState({ partition: this.#partition, vcpu }, 0);
  }

  save(): State {
    return { space: this.#space.save(), enabled: this.#enabled, state: this.#state, waiting: this.#waiting };
  }

  load(state: State): void {
    this.#space.load(state['space'] as State);
    this.#enabled = state['enabled'] as boolean;
    this.#state = state['state'] as number;
    this.#waiting = state['waiting'] as boolean;
  }

  /** As before the first start: nobody is told. */
  reset(): void {
    this.#clear();
    this.#state = 0;
  }

  get #masked(): boolean {
    return (this.#space.read(CONFIG.COMMAND, 2) & COMMAND.INTX_DISABLE) !== 0;
  }

  #clear(): void {
    this.#space.reset();
    this.#enabled = false;
    this.#waiting = false;
  }

  #setState(from: Sender, state: number): void {
    this.#state = state;
    this.#link.announce(from, this.#config.peer, state);
  }

  /** INTx is wired as an edge, as Jailhouse has it: each event is one, whether or not the guest has seen to the last. */
  #raise(): void {
    this.#partition.vgic.pend(this.#config.irq);
  }

  #acknowledge(): void {
    if (this.#waiting && this.#masked) tellWithdrawn(this.#partition, this.#config.irq);
    this.#waiting = false;
  }
}

/** A doorbell is never lost to the limit: who rings too often waits until it may again, as for a bus that is busy. */
function charge({ cpu, partition: { doorbellLimit }, vcpu }: Caller): void {
  const now = counter(cpu);
  doorbellLimit.take(now, 1);
  if (doorbellLimit.available(now) === 0) vcpu.heldUntil = Math.max(vcpu.heldUntil, doorbellLimit.next);
}
