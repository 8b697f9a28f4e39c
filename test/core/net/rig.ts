/** A switch with named ports on a clock, and frames for it. */
import { VirtualClock } from '../../../core/bus/clock.ts';
import { Capture } from '../../../core/net/capture.ts';
import type { Cable, PortOptions } from '../../../core/net/port.ts';
import { Switch } from '../../../core/net/switch.ts';

export const ALL = 0xff;

/** A frame from the station `from` to the station `to` (ALL: everybody), so long, with tags before its type. */
export function frame(from: number, to: number, { length = 60, tags = [] as readonly number[] } = {}): Uint8Array {
  const address = (station: number) => (station === ALL ? new Array(6).fill(0xff) : [2, 0, 0, 0, 0, station]);
  const head = [...address(to), ...address(from), ...tags.flatMap((tag) => [0x81, 0x00, tag >> 8, tag & 0xff]), 0x08, 0x00];
  return Uint8Array.from([...head, ...new Array(length - head.length).fill(from)]);
}

export interface Seen {
  readonly at: number;
  readonly frame: Uint8Array;
}

export class Bench {
  readonly clock = new VirtualClock();
  readonly lan: Switch;
  readonly seen: Record<string, Seen[]> = {};
  readonly #cables: Record<string, Cable> = {};

  constructor(ports: readonly PortOptions[], latency?: number) {
    this.lan = new Switch(latency);
    for (const options of ports) {
      const port = this.lan.add(options);
      if (port === undefined) throw new Error(`twice: ${options.name}`);
      const cable = this.lan.connect(port, this.clock);
      const list: Seen[] = [];
      cable.onReceive((bytes) => list.push({ at: this.clock.now(), frame: bytes }));
      this.seen[options.name] = list;
      this.#cables[options.name] = cable;
    }
  }

  send(port: string, bytes: Uint8Array): void {
    this.#cables[port]?.send(bytes);
  }

  /** Sends, waits, and names the ports that got it. */
  reaches(port: string, bytes: Uint8Array): string[] {
    for (const list of Object.values(this.seen)) list.length = 0;
    this.send(port, bytes);
    this.clock.advance(this.clock.now() + 1_000_000);
    return Object.entries(this.seen)
      .filter(([, list]) => list.length > 0)
      .map(([name]) => name);
  }
}

/** A capture and all that it has written. */
export function recorder(): { readonly capture: Capture; bytes(): Uint8Array } {
  const parts: Uint8Array[] = [];
  return { capture: new Capture((bytes) => parts.push(bytes)), bytes: () => Uint8Array.from(parts.flatMap((part) => [...part])) };
}

/** What another reader makes of a pcap file with nanoseconds. */
export function readPcap(bytes: Uint8Array): { readonly link: number; readonly frames: readonly Seen[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== 0xa1b23c4d || view.getUint16(4, true) !== 2 || view.getUint16(6, true) !== 4)
    throw new Error('no pcap file with nanoseconds');
  const frames: Seen[] = [];
  for (let at = 24; at < bytes.length; ) {
    const length = view.getUint32(at + 8, true);
    if (length !== view.getUint32(at + 12, true)) throw new Error('a frame was cut');
    const time = view.getUint32(at, true) * 1e9 + view.getUint32(at + 4, true);
    frames.push({ at: time, frame: bytes.slice(at + 16, at + 16 + length) });
    at += 16 + length;
  }
  return { link: view.getUint32(20, true), frames };
}
