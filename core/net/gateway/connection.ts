/**
 * One end of a TCP connection: the guest at the other, and the outside behind this one. References: RFC 9293, 3.10 (event processing);
 * RFC 5961, 3.2 (resets). Segments out of order are not kept.
 */
import type { State } from '../../base/state.ts';
import { ByteQueue } from './byte-queue.ts';
import { Congestion } from './congestion.ts';
import type { Request } from './outside.ts';
import { RoundTrip } from './round-trip.ts';
import { ACK, FIN, PSH, placesOf, RST, type Segment, SYN } from './segment.ts';
import { distance, plus } from './sequence.ts';

/**
 * asking: whether the outside takes the guest's SYN; answering: SYN-RECEIVED; calling: SYN-SENT; open: ESTABLISHED until both ends have closed;
 * lingering: TIME-WAIT.
 */
export type Phase = 'asking' | 'answering' | 'calling' | 'open' | 'lingering' | 'gone';

type Sent = Pick<Segment, 'sequence' | 'acknowledged' | 'flags' | 'window' | 'mss' | 'data'>;

export interface ConnectionPorts {
  now(): number;
  send(segment: Sent): void;
  ask(request: Request): void;
}

export const MSS = 1460;
/** Bytes that wait for the outside at most. */
const CAPACITY = 0xffff;
const [SYN_TRIES, TRIES] = [5, 10];
const LINGER = 1_000_000_000;
const NEVER = Number.POSITIVE_INFINITY;
const NONE = new Uint8Array();

const START = {
  phase: 'asking' as Phase,
  /** SND.UNA, SND.NXT, and the highest that SND.NXT was. */
  first: 0,
  next: 0,
  most: 0,
  /** SND.WND and what the peer takes at once. */
  peerWindow: 0,
  mss: MSS,
  /** RCV.NXT, and the end of the window that was offered last. */
  expected: 0,
  edge: 0,
  /** Bytes that the outside has not taken yet. */
  untaken: 0,
  /** The outside has ended; its FIN was acknowledged; the guest has ended. */
  closing: false,
  closed: false,
  peerEnded: false,
  tries: 0,
  deadline: NEVER,
  /** When the guest was last heard of. */
  heard: 0,
};

export class Connection {
  readonly id: number;
  readonly #ports: ConnectionPorts;
  readonly #queue = new ByteQueue();
  readonly #trip = new RoundTrip();
  readonly #congestion = new Congestion();
  #r = { ...START };

  constructor(id: number, ports: ConnectionPorts) {
    this.id = id;
    this.#ports = ports;
  }

  get phase(): Phase {
    return this.#r.phase;
  }

  get heard(): number {
    return this.#r.heard;
  }

  /** When `timeOut` should be called. */
  get deadline(): number {
    return this.#r.deadline;
  }

  /** The guest's SYN came, and the outside is asked. */
  requested(s: Segment, initial: number): void {
    const expected = plus(s.sequence, 1);
    const now = this.#ports.now();
    const mss = Math.min(MSS, s.mss);
    Object.assign(this.#r, { first: initial, next: initial, most: initial });
    Object.assign(this.#r, { expected, edge: plus(expected, CAPACITY), peerWindow: s.window, mss, heard: now });
  }

  /** Someone outside wants to speak to the guest. */
  call(initial: number): void {
    Object.assign(this.#r, { phase: 'calling', first: initial, next: initial, most: initial });
    this.#r.heard = this.#ports.now();
    this.#greet();
  }

  connected(): void {
    if (this.#r.phase !== 'asking') return;
    this.#r.phase = 'answering';
    this.#greet();
  }

  /** The outside does not take it, or has broken it. */
  broken(): void {
    const { phase, next } = this.#r;
    if (phase !== 'lingering') this.#transmit(RST | ACK, phase === 'asking' ? 0 : next, NONE);
    this.#leave();
  }

  data(bytes: Uint8Array): void {
    if (this.#r.closing) return;
    this.#queue.push(bytes);
    this.#push();
  }

  ended(): void {
    this.#r.closing = true;
    this.#push();
  }

  taken(count: number): void {
    const r = this.#r;
    r.untaken = Math.max(0, r.untaken - count);
    if (r.phase !== 'open' || r.peerEnded) return;
    const offered = distance(r.edge, r.expected);
    if (this.#window() - offered >= CAPACITY >>> 1 || (offered < MSS && this.#window() >= MSS)) this.#acknowledge();
  }

  receive(s: Segment): void {
    const r = this.#r;
    r.heard = this.#ports.now();
    if (r.phase === 'calling') return this.#answered(s);
    const offset = distance(s.sequence, r.expected);
    if ((s.flags & RST) !== 0) return this.#reset(offset);
    if (r.phase === 'asking') return;
    if ((s.flags & SYN) !== 0) return r.phase === 'answering' && offset === -1 ? this.#greet() : this.#acknowledge();
    const end = offset + placesOf(s);
    if (end < 0 || (end === 0 && offset < 0) || offset > CAPACITY - r.untaken) return this.#acknowledge();
    if ((s.flags & ACK) === 0 || !this.#acknowledged(s)) return;
    this.#take(s, -offset);
    this.#settle();
    this.#push();
  }

  timeOut(): void {
    const r = this.#r;
    r.deadline = NEVER;
    if (r.phase === 'lingering') return this.#leave();
    if (++r.tries > (r.phase === 'open' ? TRIES : SYN_TRIES)) {
      this.#ports.ask({ ask: 'drop', id: this.id });
      return this.broken();
    }
    this.#trip.backOff();
    this.#trip.repeated();
    if (r.phase !== 'open') return this.#greet();
    r.next = r.first;
    if (r.peerWindow > 0) {
      this.#congestion.lost(distance(r.most, r.first), r.mss);
      this.#push();
    } else this.#sendFirst(1);
    this.#watch();
  }

  save(): State {
    const deadline = this.#r.deadline === NEVER ? null : this.#r.deadline;
    const queue = this.#queue.copy(0, this.#queue.length);
    return { ...this.#r, deadline, queue, trip: this.#trip.save(), congestion: this.#congestion.save() };
  }

  load(state: State): void {
    const { queue, deadline, trip, congestion, ...rest } = state as unknown as Saved;
    this.#r = { ...rest, deadline: deadline ?? NEVER };
    this.#queue.clear();
    this.#queue.push(queue.slice());
    this.#trip.load(trip);
    this.#congestion.load(congestion);
  }

  /** SYN, with ACK if the guest has sent its own. */
  #greet(): void {
    const r = this.#r;
    r.next = plus(r.first, 1);
    r.most = r.next;
    this.#transmit(r.phase === 'calling' ? SYN : SYN | ACK, r.first, NONE);
    this.#watch();
  }

  /** RFC 9293, 3.10.7.3: what comes while a SYN of ours is unanswered. */
  #answered(s: Segment): void {
    const r = this.#r;
    if ((s.flags & ACK) === 0 || s.acknowledged !== r.next) return;
    if ((s.flags & RST) !== 0) {
      this.#ports.ask({ ask: 'drop', id: this.id });
      return this.#leave();
    }
    if ((s.flags & SYN) === 0) return;
    r.expected = plus(s.sequence, 1);
    r.edge = plus(r.expected, CAPACITY);
    r.mss = Math.min(MSS, s.mss);
    this.#opened(s);
    this.#acknowledge();
    this.#push();
  }

  #opened(s: Segment): void {
    const r = this.#r;
    Object.assign(r, { phase: 'open', first: s.acknowledged, peerWindow: s.window, tries: 0, deadline: NEVER });
    this.#trip.restart();
    this.#congestion.start(r.mss);
  }

  /** RFC 5961, 3.2: only one at the very place that is expected is believed. */
  #reset(offset: number): void {
    const r = this.#r;
    if (offset !== 0) {
      if (offset > 0 && offset <= CAPACITY && r.phase === 'open') this.#acknowledge();
      return;
    }
    if (r.phase !== 'lingering') this.#ports.ask({ ask: 'drop', id: this.id });
    this.#leave();
  }

  /** RFC 9293, 3.10.7.4, fifth. Returns whether the segment is to be looked at further. */
  #acknowledged(s: Segment): boolean {
    const r = this.#r;
    if (r.phase === 'answering') {
      if (s.acknowledged !== r.next) return false;
      this.#opened(s);
      return true;
    }
    const acked = distance(s.acknowledged, r.first);
    if (acked > distance(r.most, r.first)) {
      this.#acknowledge();
      return false;
    }
    if (acked < 0) return true;
    if (acked > 0) this.#progress(s.acknowledged, acked);
    else if (placesOf(s) === 0 && s.window === r.peerWindow && s.window > 0 && r.most !== r.first) this.#repeat();
    if (r.peerWindow === 0 && s.window > 0) r.next = r.first; // what only asked was not taken
    r.peerWindow = s.window;
    if (s.window === 0) r.tries = 0; // it lives
    return true;
  }

  #progress(acknowledged: number, acked: number): void {
    const r = this.#r;
    const bytes = Math.min(acked, this.#queue.length);
    this.#queue.drop(bytes);
    if (bytes > 0) this.#ports.ask({ ask: 'more', id: this.id, count: bytes });
    if (acked > bytes) r.closed = true;
    r.first = acknowledged;
    if (distance(r.next, r.first) < 0) r.next = r.first;
    this.#trip.acknowledged(acknowledged, this.#ports.now());
    r.tries = 0;
    if (this.#congestion.progress(acknowledged, bytes, r.mss)) this.#sendFirst(r.mss);
    if (r.first === r.most) r.deadline = NEVER;
    else this.#watch();
  }

  #repeat(): void {
    const r = this.#r;
    if (!this.#congestion.repeat(distance(r.most, r.first), r.most, r.mss)) return;
    this.#trip.repeated();
    this.#sendFirst(r.mss);
  }

  /** Data from the place that is expected on, and the guest's FIN behind it. `skip`: bytes that were there before. */
  #take(s: Segment, skip: number): void {
    const r = this.#r;
    if (placesOf(s) === 0) return;
    if (skip < 0 || r.peerEnded || r.phase !== 'open') return this.#acknowledge();
    const data = s.data.subarray(skip, skip + CAPACITY - r.untaken);
    if (data.length > 0) {
      r.expected = plus(r.expected, data.length);
      r.untaken += data.length;
      this.#ports.ask({ ask: 'send', id: this.id, bytes: data });
    }
    if ((s.flags & FIN) !== 0 && skip + data.length === s.data.length) {
      r.expected = plus(r.expected, 1);
      r.peerEnded = true;
      this.#ports.ask({ ask: 'end', id: this.id });
    }
    this.#acknowledge();
  }

  /** Once both ends have closed: who closed first waits for what may be on its way still. */
  #settle(): void {
    const r = this.#r;
    if (r.phase !== 'open' || !r.closed || !r.peerEnded) return;
    r.phase = 'lingering';
    r.deadline = this.#ports.now() + LINGER;
  }

  /** Sends what the guest and the network take. */
  #push(): void {
    const r = this.#r;
    if (r.phase !== 'open' || r.closed) return;
    const window = Math.min(this.#congestion.window, r.peerWindow);
    for (;;) {
      const flight = distance(r.next, r.first);
      const left = this.#queue.length - flight;
      const length = Math.max(0, Math.min(left, r.mss, window - flight));
      const ends = r.closing && length === left;
      if (left < 0 || (length === 0 && !ends)) break;
      if (length < Math.min(left, r.mss) && flight > 0) break; // more of it later
      this.#sendAt(flight, length, ends);
      if (ends) break;
    }
    if ((r.most !== r.first || this.#queue.length > 0) && r.deadline === NEVER) this.#watch();
  }

  #sendFirst(most: number): void {
    const length = Math.min(most, this.#queue.length);
    this.#sendAt(0, length, this.#r.closing && length === this.#queue.length);
  }

  #sendAt(offset: number, length: number, ends: boolean): void {
    const r = this.#r;
    const sequence = plus(r.first, offset);
    const last = offset + length === this.#queue.length;
    this.#transmit(ACK | (ends ? FIN : 0) | (last && length > 0 ? PSH : 0), sequence, this.#queue.copy(offset, length));
    const after = plus(sequence, length + (ends ? 1 : 0));
    if (distance(after, r.next) > 0) r.next = after;
    if (distance(after, r.most) <= 0) return;
    r.most = after;
    this.#trip.sent(after, this.#ports.now());
  }

  #acknowledge(): void {
    this.#transmit(ACK, this.#r.next, NONE);
  }

  /** What can be offered; never less than was before, and no crumbs. */
  #window(): number {
    const r = this.#r;
    const offered = distance(r.edge, r.expected);
    const room = CAPACITY - r.untaken;
    return Math.max(0, room < MSS || room < offered ? offered : room);
  }

  #transmit(flags: number, sequence: number, data: Uint8Array): void {
    const r = this.#r;
    const window = this.#window();
    r.edge = plus(r.expected, window);
    const acknowledged = (flags & ACK) !== 0 ? r.expected : 0;
    this.#ports.send({ sequence, acknowledged, flags, window, mss: MSS, data });
  }

  #watch(): void {
    this.#r.deadline = this.#ports.now() + this.#trip.timeout;
  }

  #leave(): void {
    this.#r.phase = 'gone';
    this.#r.deadline = NEVER;
    this.#queue.clear();
  }
}

interface Saved extends Omit<typeof START, 'deadline'> {
  readonly queue: Uint8Array;
  readonly deadline: number | null;
  readonly trip: State;
  readonly congestion: State;
}
