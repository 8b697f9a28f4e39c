/**
 * A port of a switch: of which VLANs it is, how fast its end may send, and the frames on their way to it. What one port does costs another
 * nothing but its own places here: each sender has a queue of limited length.
 */
import type { State, Stateful } from '../base/state.ts';
import type { Capture } from './capture.ts';
import { addressAt, HEADER, isForBridge, isGroup, isTagged, readTag, SOURCE, type Tag, tagged, untagged } from './frame.ts';
import { type Rate, RateLimit } from './rate-limit.ts';

/** Virtual time, as `core/bus/clock.ts` has it. */
export interface Timer {
  now(): number;
  alarm(name: string, fire: () => void): { set(at: number): void };
}

export interface PortOptions {
  readonly name: string;
  /** Of which VLAN frames without a tag are. Without it there must be none such. */
  readonly vlan?: number | undefined;
  /** VLANs whose frames have a tag here. */
  readonly trunk?: readonly number[] | undefined;
  /** The only source address that its end may use, which is nobody else's then. */
  readonly mac?: Uint8Array | undefined;
  readonly rate?: Rate | undefined;
  readonly capture?: Capture | undefined;
}

/** A frame without tag, and the VLAN that it is of. */
export interface Carried extends Tag {
  readonly frame: Uint8Array;
}

interface Waiting {
  readonly due: number;
  /** Name of the port that it came in by. */
  readonly from: string;
  readonly frame: Uint8Array;
}

const NEVER = { set: (): void => {} };
/** Frames of one sender on their way to one receiver. */
const PLACES = 64;

/** What the other side of the cable sees. */
export interface Cable {
  send(frame: Uint8Array): void;
  onReceive(listener: (frame: Uint8Array) => void): void;
}

export class Port implements Stateful {
  readonly name: string;
  readonly mac: string | undefined;
  readonly vlans: ReadonlySet<number>;
  readonly #options: PortOptions;
  readonly #limit: RateLimit | undefined;
  #listener: ((frame: Uint8Array) => void) | undefined;
  #timer: Timer | undefined;
  #alarm: { set(at: number): void } = NEVER;
  #queue: Waiting[] = [];
  #counts = NOTHING;

  constructor(options: PortOptions) {
    this.name = options.name;
    this.mac = options.mac && addressAt(options.mac, 0);
    this.vlans = new Set([...(options.vlan === undefined ? [] : [options.vlan]), ...(options.trunk ?? [])]);
    this.#options = options;
    this.#limit = options.rate && new RateLimit(options.rate);
  }

  /** Frames that came in, went out, and were dropped: forbidden here, too fast, or with no place in this port's queue. */
  get counts(): Counts {
    return this.#counts;
  }

  get connected(): boolean {
    return this.#timer !== undefined;
  }

  /** Plugs the cable in. `timer` is that of the core that the receiver belongs to; `forward` takes what its end sends. */
  connect(timer: Timer, forward: (frame: Uint8Array) => void): Cable {
    this.#timer = timer;
    this.#alarm = timer.alarm(`switch port ${this.name}`, () => this.#deliver(timer));
    return {
      send: (frame) => forward(frame),
      onReceive: (listener) => {
        this.#listener = listener;
      },
    };
  }

  /** Looks at a frame from the port's end: what is carried, and when it goes on; undefined if it is dropped. */
  enter(frame: Uint8Array, allowed: (carried: Carried) => boolean): (Carried & { readonly at: number }) | undefined {
    const now = this.#timer?.now() ?? 0;
    this.#options.capture?.frame(now, frame);
    const found = this.#classify(frame);
    const carried = found !== undefined && allowed(found) ? found : undefined;
    const at = carried && (this.#limit === undefined ? now : this.#limit.admit(now, frame.length));
    if (carried === undefined || at === undefined) {
      this.#count('dropped');
      return undefined;
    }
    this.#count('received');
    return { ...carried, at };
  }

  /** Puts a frame on its way out, to arrive at `due`. Frames that arrive at the same time do so in the order in which they came. */
  leave(from: Port, { frame, vlan, priority }: Carried, due: number): void {
    if (!this.connected) return;
    if (this.#queue.filter((one) => one.from === from.name).length >= PLACES) return this.#count('dropped');
    const tags = this.#options.trunk?.includes(vlan) === true;
    const bytes = tags ? tagged(frame, { vlan, priority }) : frame;
    let at = this.#queue.length;
    while (at > 0 && (this.#queue[at - 1] as Waiting).due > due) at--;
    this.#queue.splice(at, 0, { due, from: from.name, frame: bytes });
    if (at === 0) this.#alarm.set(due);
  }

  save(): State {
    const queue = this.#queue.map(({ due, from, frame }) => ({ due, from, frame: frame.slice() }));
    return { queue, counts: { ...this.#counts }, limit: this.#limit?.save() ?? null };
  }

  load(state: State): void {
    const { queue, counts, limit } = state as unknown as Saved;
    this.#queue = queue.map((one) => ({ ...one, frame: one.frame.slice() }));
    this.#counts = { ...counts };
    if (limit !== null) this.#limit?.load(limit);
    this.#schedule();
  }

  reset(): void {
    this.#queue = [];
    this.#counts = NOTHING;
    this.#limit?.reset();
    this.#schedule();
  }

  /** A frame with two tags is dropped: without the outer one it could be taken for one of another VLAN further on. */
  #classify(frame: Uint8Array): Carried | undefined {
    if (frame.length < HEADER || isGroup(frame, SOURCE) || isForBridge(frame)) return undefined;
    if (this.mac !== undefined && addressAt(frame, SOURCE) !== this.mac) return undefined;
    const tag = readTag(frame);
    const inner = tag === undefined ? frame.slice() : untagged(frame);
    if (inner.length < HEADER || isTagged(inner)) return undefined;
    const named = tag?.vlan ?? 0;
    const vlan = named === 0 ? this.#options.vlan : this.#options.trunk?.find((one) => one === named);
    return vlan === undefined ? undefined : { frame: inner, vlan, priority: tag?.priority ?? 0 };
  }

  #deliver(timer: Timer): void {
    const now = timer.now();
    for (let first = this.#queue[0]; first !== undefined && first.due <= now; first = this.#queue[0]) {
      this.#queue.shift();
      this.#options.capture?.frame(now, first.frame);
      this.#count('sent');
      this.#listener?.(first.frame);
    }
    this.#schedule();
  }

  #schedule(): void {
    this.#alarm.set(this.#queue[0]?.due ?? Number.POSITIVE_INFINITY);
  }

  #count(what: keyof Counts): void {
    this.#counts = { ...this.#counts, [what]: this.#counts[what] + 1 };
  }
}

export interface Counts {
  readonly received: number;
  readonly sent: number;
  readonly dropped: number;
}
const NOTHING: Counts = { received: 0, sent: 0, dropped: 0 };

interface Saved {
  readonly queue: readonly Waiting[];
  readonly counts: Counts;
  readonly limit: State | null;
}
