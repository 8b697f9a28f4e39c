/** Two ends of a connection and a link between them that loses, doubles and delays segments, in virtual time. */
import { VirtualClock } from '../../../../core/bus/clock.ts';
import { Connection } from '../../../../core/net/gateway/connection.ts';
import type { Request } from '../../../../core/net/gateway/outside.ts';
import { type Segment, SYN } from '../../../../core/net/gateway/segment.ts';
import { randoms } from '../../../support/device-contract.ts';

interface End {
  readonly connection: Connection;
  readonly got: number[];
  ended: boolean;
  dropped: boolean;
}

interface Underway {
  readonly at: number;
  readonly to: 'first' | 'second';
  readonly segment: Segment;
}

const LATENCY = 50_000;

export class LossyLink {
  readonly clock = new VirtualClock();
  /** `first` calls, `second` is called. */
  readonly first: End;
  readonly second: End;
  segments = 0;
  readonly #lose: (random: number) => boolean;
  readonly #random: () => number;
  readonly #way: Underway[] = [];

  /** `lose`: decides with a random byte. */
  constructor(seed: number, lose: (random: number) => boolean) {
    this.#random = randoms(seed);
    this.#lose = lose;
    this.first = this.#end('second');
    this.second = this.#end('first');
    this.first.connection.call(4_294_967_000); // its sequence numbers soon wrap
  }

  /** Runs for so long. */
  run(until: number): void {
    for (;;) {
      const next = this.#way.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
      const timers = Math.min(this.first.connection.deadline, this.second.connection.deadline);
      const now = Math.min(next, timers);
      if (now > until) break;
      this.clock.advance(now);
      const i = this.#way.findIndex(({ at }) => at <= now);
      if (i >= 0) this.#arrive(...(this.#way.splice(i, 1) as [Underway]));
      else for (const { connection } of [this.first, this.second]) if (connection.deadline <= now) connection.timeOut();
    }
    this.clock.advance(until);
  }

  #arrive({ to, segment }: Underway): void {
    const { connection } = this[to];
    if (to === 'second' && segment.flags === SYN && connection.phase === 'asking') {
      connection.requested(segment, 77);
      connection.connected();
    } else connection.receive(segment);
  }

  #end(to: 'first' | 'second'): End {
    const ask = (request: Request): void => {
      if (request.ask === 'end') end.ended = true;
      if (request.ask === 'drop') end.dropped = true;
      if (request.ask !== 'send') return;
      end.got.push(...request.bytes);
      // The outside takes it a while later.
      const alarm = this.clock.alarm('taken', () => end.connection.taken(request.bytes.length));
      alarm.set(this.clock.now() + (this.#random() & 3) * 100_000);
    };
    const send = (s: Omit<Segment, 'fromPort' | 'toPort'>) => this.#send(to, { ...s, fromPort: 1, toPort: 2 });
    const end: End = {
      connection: new Connection(1, { now: () => this.clock.now(), ask, send }),
      got: [],
      ended: false,
      dropped: false,
    };
    return end;
  }

  #send(to: 'first' | 'second', segment: Segment): void {
    this.segments++;
    const byte = this.#random() & 255;
    if (this.#lose(byte)) return;
    const at = this.clock.now() + LATENCY + (byte % 16 === 1 ? 3 * LATENCY : 0);
    this.#way.push({ at, to, segment });
    if (byte % 32 === 3) this.#way.push({ at: at + 1000, to, segment });
  }
}
