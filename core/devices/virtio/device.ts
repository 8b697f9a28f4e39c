/**
 * What a virtio device is to its transport, and the transport to its device. Reference: Virtual I/O Device 1.1, chapter 2.
 * A device has no clock: it is asked to serve a queue, does one piece of work, and names its price in virtual time.
 */
import type { State } from '../../base/state.ts';
import type { Chain } from './chain.ts';

/** The driver's side, as the device sees it: queues, what was negotiated, and ways to say something. */
export interface Driver {
  /** What was negotiated; 0 before. */
  readonly features: bigint;
  /** Whether it said DRIVER_OK and is in order: what arrives for others is lost. */
  readonly running: boolean;
  /** The next chain of a queue. Undefined if there is none, or the driver broke the ring. */
  take(queue: number): Chain | undefined;
  done(queue: number, chain: Chain, written: number): void;
  /** Runs `attempt`, and gives all chains back that it took and did not return if it ends in false. */
  unless(queue: number, attempt: () => boolean): boolean;
  /** There is something to do for a queue. */
  wake(queue: number): void;
  /** The configuration space changed. */
  changed(): void;
  /** The driver did what no driver may do: nothing more until it resets the device. */
  broke(why: string): void;
}

export interface VirtioDevice {
  /** Device ID, chapter 5. */
  readonly id: number;
  readonly queues: number;
  /** What it offers beside the features of queues and transport. */
  readonly features: bigint;
  /** Told once, when it is put behind a transport. */
  attach(driver: Driver): void;
  /** The configuration space as it is now, little-endian, at most 256 bytes. */
  config(): Uint8Array;
  /** The driver writes a byte of the configuration space. */
  configure?(offset: number, value: number): void;
  /** The driver said DRIVER_OK. */
  started?(): void;
  /** One piece of work for a queue: its price in nanoseconds, or undefined if there is nothing to do now. */
  serve(queue: number): number | undefined;
  /** The driver resets the device; what belongs to its owner (typed input, a disk's content) stays. */
  restart(): void;
  save(): State;
  load(state: State): void;
  /** Power-on. */
  reset(): void;
}

/** What a request costs in virtual time: a microsecond, and a nanosecond for four bytes moved. */
export const price = (bytes: number): number => 1000 + (bytes >>> 2);
