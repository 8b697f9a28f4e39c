/**
 * Which frames a network device lets through, as the driver's control commands say. Reference: Virtual I/O Device 1.1, section 5.1.6.5
 * (Control Virtqueue). A driver that says nothing gets all frames.
 */
import type { State } from '../../base/state.ts';
import { get16, get32 } from './dma.ts';

/** Classes of commands, and the commands of each. */
const RX = 0;
const MAC = 1;
const VLAN = 2;
const TABLE_SET = 0;
const ADD = 0;
const DEL = 1;
const MODES = ['promisc', 'allMulti', 'allUni', 'noMulti', 'noUni', 'noBroadcast'] as const;

/** Addresses that a table holds; one with more lets all of its kind through. */
const ADDRESSES = 64;
const VLANS = 4096;

const RESET = {
  promisc: true,
  allMulti: false,
  allUni: false,
  noMulti: false,
  noUni: false,
  noBroadcast: false,
  unicast: [] as readonly string[],
  multicast: [] as readonly string[],
  unicastOverflow: false,
  multicastOverflow: false,
};

const name = (frame: Uint8Array, at = 0): string => frame.subarray(at, at + 6).join(':');
const BROADCAST = '255:255:255:255:255:255';

interface Table {
  readonly addresses: readonly string[];
  readonly overflow: boolean;
  readonly end: number;
}

export class NetFilter {
  #r = { ...RESET };
  /** A bit for each VLAN whose frames pass. */
  #vlans = new Uint8Array(VLANS / 8).fill(0xff);

  /** Drivers that filter by VLAN name each one they want. */
  start(vlans: boolean): void {
    this.#vlans.fill(vlans ? 0 : 0xff);
  }

  passes(frame: Uint8Array, mac: Uint8Array): boolean {
    if (this.#r.promisc) return true;
    if (frame[12] === 0x81 && frame[13] === 0x00 && !this.#inVlan((((frame[14] ?? 0) & 0xf) << 8) | (frame[15] ?? 0)))
      return false;
    const to = name(frame);
    if (to === BROADCAST) return !this.#r.noBroadcast;
    if (((frame[0] as number) & 1) !== 0) {
      return !this.#r.noMulti && (this.#r.allMulti || this.#r.multicastOverflow || this.#r.multicast.includes(to));
    }
    if (this.#r.noUni) return false;
    return this.#r.allUni || this.#r.unicastOverflow || to === name(mac) || this.#r.unicast.includes(to);
  }

  /** Returns false for what it does not know, or is not well formed. */
  command(kind: number, command: number, data: Uint8Array): boolean {
    if (kind === RX) return this.#mode(command, data);
    if (kind === MAC) return command === TABLE_SET && this.#tables(data);
    return kind === VLAN && this.#vlan(command, data);
  }

  save(): State {
    return { ...this.#r, vlans: this.#vlans.slice() };
  }

  load(state: State): void {
    const { vlans, ...rest } = state as typeof RESET & { vlans: Uint8Array };
    this.#r = { ...rest };
    this.#vlans = vlans.slice();
  }

  reset(): void {
    this.#r = { ...RESET };
    this.#vlans.fill(0xff);
  }

  #mode(command: number, data: Uint8Array): boolean {
    const mode = MODES[command];
    if (mode === undefined || data.length !== 1) return false;
    this.#r[mode] = data[0] !== 0;
    return true;
  }

  /** Two tables: addresses of one receiver, then of groups. */
  #tables(data: Uint8Array): boolean {
    const unicast = table(data, 0);
    const multicast = unicast === undefined ? undefined : table(data, unicast.end);
    if (unicast === undefined || multicast === undefined || multicast.end !== data.length) return false;
    this.#r.unicast = unicast.addresses;
    this.#r.unicastOverflow = unicast.overflow;
    this.#r.multicast = multicast.addresses;
    this.#r.multicastOverflow = multicast.overflow;
    return true;
  }

  #vlan(command: number, data: Uint8Array): boolean {
    if (data.length !== 2 || (command !== ADD && command !== DEL)) return false;
    const id = get16(data, 0);
    if (id >= VLANS) return false;
    const mask = 1 << (id & 7);
    const byte = this.#vlans[id >>> 3] as number;
    this.#vlans[id >>> 3] = command === ADD ? byte | mask : byte & ~mask;
    return true;
  }

  #inVlan(id: number): boolean {
    return ((this.#vlans[id >>> 3] as number) & (1 << (id & 7))) !== 0;
  }
}

function table(data: Uint8Array, at: number): Table | undefined {
  if (at + 4 > data.length) return undefined;
  const count = get32(data, at);
  const end = at + 4 + 6 * count;
  if (end > data.length) return undefined;
  const overflow = count > ADDRESSES;
  const addresses = overflow ? [] : Array.from({ length: count }, (_, i) => name(data, at + 4 + 6 * i));
  return { addresses, overflow, end };
}
