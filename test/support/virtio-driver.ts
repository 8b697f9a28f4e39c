/** A small virtio driver in TypeScript: a device behind its transport, its registers, and a ring of either kind for each queue. */
import { VirtualClock } from '../../core/bus/clock.ts';
import { IrqLine } from '../../core/bus/irq-line.ts';
import { NOBODY } from '../../core/bus/registers.ts';
import { DeviceWindow, type Width } from '../../core/bus/window.ts';
import type { VirtioDevice } from '../../core/devices/virtio/device.ts';
import { VirtioMmio } from '../../core/devices/virtio/transport.ts';
import { type Buffer, type DriverRing, PackedDriver, RAM, RAM_SIZE, SplitDriver, TestMemory, type Used } from './virtio-rings.ts';

export interface RingOptions {
  readonly legacy?: boolean;
  readonly packed?: boolean;
  readonly indirect?: boolean;
  readonly eventIndex?: boolean;
  readonly size?: number;
  /** Beside those of the ring. */
  readonly features?: bigint;
}

/** Where the rings of queue i lie, and where data may. */
export const ringAt = (queue: number): number => RAM + 0x4000 * queue;
export const DATA = RAM + 0x20_0000;

const OFFSETS = {
  MagicValue: 0x00,
  Version: 0x04,
  DeviceID: 0x08,
  VendorID: 0x0c,
  DeviceFeatures: 0x10,
  DeviceFeaturesSel: 0x14,
  DriverFeatures: 0x20,
  DriverFeaturesSel: 0x24,
  GuestPageSize: 0x28,
  QueueSel: 0x30,
  QueueNumMax: 0x34,
  QueueNum: 0x38,
  QueueAlign: 0x3c,
  QueuePFN: 0x40,
  QueueReady: 0x44,
  QueueNotify: 0x50,
  InterruptStatus: 0x60,
  InterruptACK: 0x64,
  Status: 0x70,
  QueueDescLow: 0x80,
  QueueDescHigh: 0x84,
  QueueDriverLow: 0x90,
  QueueDriverHigh: 0x94,
  QueueDeviceLow: 0xa0,
  QueueDeviceHigh: 0xa4,
  ConfigGeneration: 0xfc,
  Config: 0x100,
} as const;
export type Register = keyof typeof OFFSETS;

/** A device behind its transport, and what a driver does with it. */
export class Bench<D extends VirtioDevice> {
  readonly clock = new VirtualClock();
  readonly memory: TestMemory;
  readonly device: D;
  readonly transport: VirtioMmio;
  readonly rings: DriverRing[] = [];
  readonly options: RingOptions;
  irq = false;
  interrupts = 0;
  notifications = 0;
  readonly #window: DeviceWindow<VirtioMmio['registers']>;
  #data = DATA;

  constructor(device: D, options: RingOptions = {}, memory = new TestMemory()) {
    this.memory = memory;
    this.device = device;
    this.options = options;
    const irq = new IrqLine((level) => {
      this.irq = level;
      if (level) this.interrupts++;
    });
    this.transport = new VirtioMmio({ irq, dma: memory }, this.clock, device, { legacy: options.legacy ?? false });
    this.#window = new DeviceWindow('virtio', this.transport);
  }

  get(register: Register, extra = 0, width: Width = 4): number {
    return this.#window.read(OFFSETS[register] + extra, width, NOBODY);
  }

  set(register: Register, value: number, extra = 0, width: Width = 4): void {
    this.#window.write(OFFSETS[register] + extra, width, value >>> 0, NOBODY);
  }

  config(offset: number, width: Width): number {
    return this.get('Config', offset, width);
  }

  /** What the device offers. */
  offered(): bigint {
    const half = (select: number) => {
      this.set('DeviceFeaturesSel', select);
      return BigInt(this.get('DeviceFeatures'));
    };
    return half(0) | (half(1) << 32n);
  }

  choose(features: bigint): void {
    for (const select of [0, 1]) {
      this.set('DriverFeaturesSel', select);
      this.set('DriverFeatures', Number((features >> BigInt(32 * select)) & 0xffffffffn));
    }
  }

  /** The whole start of a driver (section 3.1.1). */
  start(): this {
    const { legacy = false, packed = false, indirect = false, eventIndex = false, features = 0n } = this.options;
    this.set('Status', 0);
    this.set('Status', 1);
    this.set('Status', 3);
    const ring = (indirect ? 1n << 28n : 0n) | (eventIndex ? 1n << 29n : 0n);
    this.choose(ring | features | (legacy ? 0n : 1n << 32n) | (packed ? 1n << 34n : 0n));
    if (!legacy) this.set('Status', 0xb);
    else this.set('GuestPageSize', 4096);
    this.rings.length = 0;
    for (let queue = 0; queue < this.device.queues; queue++) this.#queue(queue);
    this.set('Status', legacy ? 7 : 0xf);
    return this;
  }

  #queue(queue: number): void {
    const { legacy = false, packed = false, eventIndex = false, size = 16 } = this.options;
    this.set('QueueSel', queue);
    this.set('QueueNum', size);
    const base = ringAt(queue);
    this.memory.at(base, 0x4000).fill(0);
    const ring = new (packed ? PackedDriver : SplitDriver)(this.memory, base, size, eventIndex);
    this.rings.push(ring);
    if (legacy) {
      this.set('QueueAlign', 4096);
      this.set('QueuePFN', base / 4096);
      return;
    }
    const [driver, device] = ring instanceof SplitDriver ? [ring.avail, ring.usedAt] : [ring.driverEvents, ring.deviceEvents];
    for (const [register, address] of [
      ['QueueDesc', base],
      ['QueueDriver', driver],
      ['QueueDevice', device],
    ] as const) {
      this.set(`${register}Low`, address);
      this.set(`${register}High`, 0);
    }
    this.set('QueueReady', 1);
  }

  /** Room for data, filled with `bytes` or with 0xee. */
  readable(bytes: Uint8Array): Buffer {
    return { ...this.#place(bytes), write: false };
  }

  writable(length: number): Buffer {
    return { ...this.#place(new Uint8Array(length).fill(0xee)), write: true };
  }

  bytes({ address, length }: Buffer): Uint8Array {
    return this.memory.at(address, length);
  }

  add(queue: number, buffers: readonly Buffer[]): number {
    return (this.rings[queue] as DriverRing).add(buffers, this.options.indirect ?? false);
  }

  /** Notifies if the device wants that. */
  kick(queue: number): void {
    if (!(this.rings[queue] as DriverRing).mustNotify()) return;
    this.notifications++;
    this.set('QueueNotify', queue);
  }

  /** Lets time pass, and returns what was used; interrupts are acknowledged. */
  wait(queue: number, nanoseconds = 1_000_000): Used[] {
    this.clock.advance(this.clock.now() + nanoseconds);
    this.set('InterruptACK', this.get('InterruptStatus'));
    return (this.rings[queue] as DriverRing).used();
  }

  /** One buffer, and what the device made of it. */
  request(queue: number, buffers: readonly Buffer[]): Used | undefined {
    this.add(queue, buffers);
    this.kick(queue);
    return this.wait(queue)[0];
  }

  #place(bytes: Uint8Array): { address: number; length: number } {
    if (this.#data + bytes.length > RAM + RAM_SIZE) this.#data = DATA;
    const address = this.#data;
    this.memory.at(address, bytes.length).set(bytes);
    this.#data += Math.ceil(bytes.length / 16) * 16;
    return { address, length: bytes.length };
  }
}

/** The ways to drive a ring that every device is tested with. */
export const WAYS: readonly (readonly [string, RingOptions])[] = [
  ['legacy split ring', { legacy: true }],
  ['legacy split ring with event index', { legacy: true, eventIndex: true }],
  ['split ring', {}],
  ['split ring with indirect descriptors', { indirect: true }],
  ['split ring with event index', { eventIndex: true }],
  ['packed ring', { packed: true }],
  ['packed ring with indirect descriptors', { packed: true, indirect: true }],
  ['packed ring with event index', { packed: true, eventIndex: true }],
  ['packed ring of 7 with all', { packed: true, indirect: true, eventIndex: true, size: 7 }],
];
