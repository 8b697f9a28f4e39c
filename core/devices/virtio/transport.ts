/**
 * Virtio over MMIO: version 2, and the legacy layout (version 1). Reference: Virtual I/O Device 1.1, section 4.2.
 * The device works in virtual time: LATENCY after a notification it takes its turn, does work worth up to BATCH nanoseconds, and is busy
 * for as long as that work costs. A driver that breaks its rings stops this device until it resets it, and nothing else.
 */
import type { State } from '../../base/state.ts';
import type { Alarm, Clock } from '../../bus/clock.ts';
import type { IrqLine } from '../../bus/irq-line.ts';
import type { Device, Readable, Writable } from '../../bus/registers.ts';
import type { Chain } from './chain.ts';
import type { Driver, VirtioDevice } from './device.ts';
import type { DmaPort } from './dma.ts';
import { MAX_QUEUE, Queue, type QueueFeatures } from './queue.ts';
import * as R from './registers.ts';

/** From a notification to the device's answer, and how much work it does before others get a turn, in nanoseconds. */
export const LATENCY = 1000;
const BATCH = 20_000;
/** What looking at a chain costs, beside what the device asks for it: attempts that come to nothing have their price too. */
const CHAIN_PRICE = 200;
const DESCRIPTOR_PRICE = 50;

const ALL_ONES = 0xffffffff;
const WORD = 32n;

/** `pending`: a bit for each queue with work to do; `turn`: the queue to begin with. `features` become `accepted` with FEATURES_OK. */
const RESET = {
  status: 0,
  interrupt: 0,
  generation: 0,
  deviceSel: 0,
  driverSel: 0,
  queueSel: 0,
  pageSize: 0,
  features: 0n,
  accepted: 0n,
  pending: 0,
  turn: 0,
  broken: '',
};

export interface TransportPorts {
  readonly irq: IrqLine;
  readonly dma: DmaPort;
}

export interface TransportOptions {
  readonly legacy?: boolean;
  /** Whether packed rings are offered, to drivers of version 2. */
  readonly packed?: boolean;
}

export class VirtioMmio implements Device<typeof R.VIRTIO_MMIO> {
  readonly registers = R.VIRTIO_MMIO;
  readonly #ports: TransportPorts;
  readonly #clock: Clock;
  readonly #device: VirtioDevice;
  readonly #legacy: boolean;
  readonly #offered: bigint;
  readonly #queues: readonly Queue[];
  readonly #work: Alarm;
  #r = { ...RESET };
  /** Until when the last work keeps the device busy, and what it has cost so far in this turn. */
  #busy = 0;
  #cost = 0;

  constructor(
    ports: TransportPorts,
    clock: Clock,
    device: VirtioDevice,
    { legacy = false, packed = true }: TransportOptions = {},
  ) {
    this.#ports = ports;
    this.#clock = clock;
    this.#device = device;
    this.#legacy = legacy;
    const modern = R.F_VERSION_1 | (packed ? R.F_RING_PACKED : 0n);
    this.#offered = device.features | R.F_INDIRECT_DESC | R.F_EVENT_IDX | (legacy ? R.F_ANY_LAYOUT : modern);
    this.#queues = Array.from({ length: device.queues }, () => new Queue(ports.dma));
    this.#work = clock.alarm('virtio', () => this.#turn());
    device.attach(this.#driver());
  }

  /** Why the device stopped serving its driver; empty while it serves. */
  get broken(): string {
    return this.#r.broken;
  }

  read(register: Readable<typeof R.VIRTIO_MMIO>, index = 0): number {
    switch (register) {
      case 'MagicValue':
        return 0x74726976; // "virt"
      case 'Version':
        return this.#legacy ? 1 : 2;
      case 'DeviceID':
        return this.#device.id;
      case 'VendorID':
        return 0x554d4551; // "QEMU", which drivers may know
      case 'DeviceFeatures':
        return this.#half(this.#offered, this.#r.deviceSel);
      case 'QueueNumMax':
        return this.#selected === undefined ? 0 : MAX_QUEUE;
      case 'QueuePFN':
        return this.#legacy ? (this.#selected?.registers.pfn ?? 0) : 0;
      case 'QueueReady':
        return this.#legacy ? 0 : (this.#selected?.registers.ready ?? 0);
      case 'InterruptStatus':
        return this.#r.interrupt;
      case 'Status':
        return this.#r.status;
      case 'SHMLen':
        return ALL_ONES;
      case 'SHMBase':
        return this.#legacy ? 0 : ALL_ONES;
      case 'ConfigGeneration':
        return this.#legacy ? 0 : this.#r.generation;
      case 'Config':
        return this.#device.config()[index] ?? 0xff; // beyond the end: as in QEMU
    }
  }

  write(register: Writable<typeof R.VIRTIO_MMIO>, value: number, index = 0): void {
    switch (register) {
      case 'DeviceFeaturesSel':
        this.#r.deviceSel = value;
        break;
      case 'DriverFeaturesSel':
        this.#r.driverSel = value;
        break;
      case 'DriverFeatures':
        this.#choose(value);
        break;
      case 'QueueSel':
        this.#r.queueSel = value;
        break;
      case 'QueueNotify':
        if (value < this.#queues.length) this.#wake(value);
        break;
      case 'InterruptACK':
        this.#r.interrupt &= ~value;
        this.#driveIrq();
        break;
      case 'Status':
        this.#setStatus(value);
        break;
      case 'Config':
        this.#device.configure?.(index, value);
        break;
      default:
        this.#setQueue(register, value, index);
    }
  }

  save(): State {
    const { at } = this.#work;
    const work = at === Number.POSITIVE_INFINITY ? null : at;
    const queues = this.#queues.map((queue) => queue.save());
    return { ...this.#r, busy: this.#busy, work, queues, device: this.#device.save() };
  }

  load(state: State): void {
    const { busy, work, queues, device, ...registers } = state as typeof RESET & {
      busy: number;
      work: number | null;
      queues: State[];
      device: State;
    };
    this.#r = { ...registers };
    this.#busy = busy;
    for (const [i, queue] of this.#queues.entries()) queue.load(queues[i] as State, this.#queueFeatures);
    this.#device.load(device);
    this.#work.set(work ?? Number.POSITIVE_INFINITY);
    this.#driveIrq();
  }

  reset(): void {
    this.#restart();
    this.#r = { ...RESET };
    this.#busy = 0;
    this.#device.reset();
  }

  get #selected(): Queue | undefined {
    return this.#queues[this.#r.queueSel];
  }

  get #queueFeatures(): QueueFeatures {
    const has = (feature: bigint) => (this.#r.accepted & feature) !== 0n;
    return { packed: has(R.F_RING_PACKED), indirect: has(R.F_INDIRECT_DESC), eventIndex: has(R.F_EVENT_IDX) };
  }

  /** The device side's handle on what is here. */
  #driver(): Driver {
    const features = () => this.#r.accepted;
    const running = () => this.#r.broken === '' && (this.#r.status & R.DRIVER_OK) !== 0;
    return {
      get features() {
        return features();
      },
      get running() {
        return running();
      },
      take: (queue) => this.#take(queue),
      done: (queue, chain, written) => this.#done(queue, chain, written),
      unless: (queue, attempt) => this.#unless(queue, attempt),
      wake: (queue) => this.#wake(queue),
      changed: () => this.#changed(),
      broke: (why) => this.#break(why),
    };
  }

  #half(features: bigint, select: number): number {
    if (select > 1 || (this.#legacy && select !== 0)) return 0;
    return Number((features >> (WORD * BigInt(select))) & 0xffffffffn);
  }

  /** Features can be chosen until FEATURES_OK; a legacy driver has no such bit, and its choice holds at once. */
  #choose(value: number): void {
    if ((this.#r.status & R.FEATURES_OK) !== 0 || this.#r.driverSel > 1) return;
    const shift = this.#r.driverSel === 1 ? WORD : 0n;
    if (this.#legacy && shift !== 0n) return;
    this.#r.features = (this.#r.features & ~(0xffffffffn << shift)) | (BigInt(value) << shift);
    if (this.#legacy) this.#r.accepted = this.#r.features & this.#offered;
  }

  #setStatus(value: number): void {
    if (value === 0) return this.#restart();
    const rises = value & ~this.#r.status;
    const kept = this.#r.status & R.NEEDS_RESET;
    this.#r.status = (value & ~R.NEEDS_RESET) | kept;
    if (!this.#legacy && (rises & R.FEATURES_OK) !== 0) this.#negotiate();
    if ((rises & R.DRIVER_OK) === 0) return;
    this.#device.started?.();
    for (const [i, { ring }] of this.#queues.entries()) if (ring !== undefined) this.#wake(i);
  }

  /** Section 2.2: FEATURES_OK stays only if the driver wants nothing that is not there, and knows version 1. */
  #negotiate(): void {
    const { features } = this.#r;
    if ((features & ~this.#offered) === 0n && (features & R.F_VERSION_1) !== 0n) this.#r.accepted = features;
    else this.#r.status &= ~R.FEATURES_OK;
  }

  /** The driver's reset. Selectors stay, and so does the page size, which legacy drivers name before they reset the device. */
  #restart(): void {
    const { generation, deviceSel, driverSel, queueSel, pageSize } = this.#r;
    this.#r = { ...RESET, generation, deviceSel, driverSel, queueSel, pageSize };
    for (const queue of this.#queues) queue.reset();
    this.#work.clear();
    this.#device.restart();
    this.#driveIrq();
  }

  #setQueue(register: QueueRegister, value: number, index: number): void {
    const queue = this.#selected;
    if (register === 'GuestPageSize' && this.#legacy) this.#r.pageSize = value;
    if (queue === undefined) return;
    const legacy = register === 'QueueAlign' || register === 'QueuePFN';
    if (legacy !== this.#legacy && register !== 'QueueNum') return;
    const { registers } = queue;
    if (register === 'QueuePFN') this.#placeLegacy(queue, value);
    else if (register === 'QueueReady') this.#ready(queue, value);
    else if (queue.ring !== undefined)
      return; // a queue in use stays as it is
    else if (register === 'QueueNum') registers.num = value;
    else if (register === 'QueueAlign') registers.align = value;
    else if (register === 'QueueDesc') registers.desc[index] = value;
    else if (register === 'QueueDriver') registers.driver[index] = value;
    else if (register === 'QueueDevice') registers.device[index] = value;
  }

  #ready(queue: Queue, value: number): void {
    queue.registers.ready = value;
    if (value === 0) queue.close();
    else if (queue.ring === undefined) this.#open(queue);
  }

  /** Page 0 resets the whole device, as in QEMU and as legacy drivers expect when they take their queues back. */
  #placeLegacy(queue: Queue, value: number): void {
    if (value === 0) return this.#restart();
    queue.registers.pfn = value;
    queue.registers.pageSize = this.#r.pageSize;
    this.#open(queue);
  }

  #open(queue: Queue): void {
    const wrong = queue.open(this.#queueFeatures);
    if (wrong !== undefined) this.#break(wrong);
  }

  #wake(queue: number): void {
    if (this.#r.broken !== '' || this.#queues[queue]?.ring === undefined) return;
    if (!this.#legacy && (this.#r.status & R.DRIVER_OK) === 0) return; // legacy drivers may be early, section 3.1.2
    this.#r.pending |= 1 << queue;
    if (this.#work.at === Number.POSITIVE_INFINITY) this.#work.set(Math.max(this.#clock.now() + LATENCY, this.#busy));
  }

  /** The device's turn: a piece of work for each queue that has some, round and round, up to the batch. */
  #turn(): void {
    this.#cost = 0;
    while (this.#r.pending !== 0 && this.#cost < BATCH) {
      const queue = this.#nextPending();
      const spent = this.#device.serve(queue);
      if (spent === undefined) {
        this.#r.pending &= ~(1 << queue);
        this.#queues[queue]?.ring?.listen(this.#r.broken === '');
      } else this.#cost += spent;
      this.#r.turn = (queue + 1) % this.#queues.length;
    }
    this.#busy = this.#clock.now() + this.#cost;
    this.#rest();
  }

  /** After a turn: notifications off where work is left, and one interrupt for all that was done. */
  #rest(): void {
    let told = false;
    for (const [i, { ring }] of this.#queues.entries()) {
      if (ring === undefined) continue;
      if ((this.#r.pending & (1 << i)) !== 0) ring.listen(false);
      told = ring.interrupts() || told;
    }
    if (told) this.#r.interrupt |= R.USED_BUFFER;
    if (this.#r.pending !== 0 && this.#r.broken === '') this.#work.set(this.#busy);
    this.#driveIrq();
  }

  #nextPending(): number {
    let queue = this.#r.turn;
    while ((this.#r.pending & (1 << queue)) === 0) queue = (queue + 1) % this.#queues.length;
    return queue;
  }

  #take(queue: number): Chain | undefined {
    const ring = this.#r.broken === '' ? this.#queues[queue]?.ring : undefined;
    const chain = ring?.next();
    this.#cost += CHAIN_PRICE;
    if (chain === undefined) return undefined;
    if (chain.ok) {
      this.#cost += DESCRIPTOR_PRICE * (chain.value?.descriptors ?? 0);
      return chain.value;
    }
    this.#break(`queue ${queue}: ${chain.why ?? chain.error}`);
    return undefined;
  }

  #done(queue: number, chain: Chain, written: number): void {
    const returned = this.#queues[queue]?.ring?.complete(chain, written);
    if (returned?.ok === false) this.#break(`queue ${queue}: ${returned.why ?? returned.error}`);
  }

  #unless(queue: number, attempt: () => boolean): boolean {
    const ring = this.#queues[queue]?.ring;
    const before = ring?.save();
    const kept = attempt();
    if (!kept && before !== undefined && this.#r.broken === '') ring?.load(before);
    return kept;
  }

  #changed(): void {
    this.#r.generation = (this.#r.generation + 1) >>> 0;
    this.#tellChange();
  }

  #tellChange(): void {
    if ((this.#r.status & R.DRIVER_OK) === 0) return;
    this.#r.interrupt |= R.CONFIG_CHANGE;
    this.#driveIrq();
  }

  /** Section 2.1.2: a device of version 2 says NEEDS_RESET and tells the driver; a legacy one can only fall silent. */
  #break(why: string): void {
    if (this.#r.broken !== '') return;
    this.#r.broken = why;
    this.#r.pending = 0;
    this.#work.clear();
    if (this.#legacy) return;
    this.#r.status |= R.NEEDS_RESET;
    this.#tellChange();
  }

  #driveIrq(): void {
    this.#ports.irq.set(this.#r.interrupt !== 0);
  }
}

type QueueRegister = Exclude<
  Writable<typeof R.VIRTIO_MMIO>,
  'DeviceFeaturesSel' | 'DriverFeaturesSel' | 'DriverFeatures' | 'QueueSel' | 'QueueNotify' | 'InterruptACK' | 'Status' | 'Config'
>;
