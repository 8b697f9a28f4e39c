/** Socket device: streams between guests. Reference: Virtual I/O Device 1.1, section 5.10. Not modelled: transport reset events, seqpackets. */
import type { State } from '../../base/state.ts';
import type { Chain } from './chain.ts';
import { type Driver, price, type VirtioDevice } from './device.ts';
import { put64 } from './dma.ts';
import { HEADER, MOST_DATA, OP, packetBytes, readPacket, refusal, STREAM, type VsockPacket } from './vsock-packet.ts';
import type { VsockEnd, VsockSwitch } from './vsock-switch.ts';

const RECEIVE = 0;
const TRANSMIT = 1;

/** What may wait for the driver's buffers, from one sender: a sender fills its own share only. */
const PACKETS = 256;
const BYTES = 0x10_0000;

export class VirtioVsock implements VirtioDevice, VsockEnd {
  readonly id = 19;
  readonly queues = 3;
  readonly features = 0n;
  readonly #cid: number;
  readonly #switch: VsockSwitch;
  #driver: Driver | undefined;
  #inbox: VsockPacket[] = [];

  constructor(cid: number, network: VsockSwitch) {
    this.#cid = cid;
    this.#switch = network;
  }

  attach(driver: Driver): void {
    this.#driver = driver;
  }

  config(): Uint8Array {
    const bytes = new Uint8Array(8);
    put64(bytes, 0, this.#cid);
    return bytes;
  }

  deliver(packet: VsockPacket): boolean {
    if (this.#driver?.running !== true) return false;
    const waiting = this.#inbox.filter(({ from }) => from === packet.from);
    const bytes = waiting.reduce((sum, { data }) => sum + data.length, packet.data.length);
    if (waiting.length >= PACKETS || bytes > BYTES) return false;
    this.#inbox.push(packet);
    this.#driver.wake(RECEIVE);
    return true;
  }

  serve(queue: number): number | undefined {
    if (queue === TRANSMIT) return this.#transmit();
    return queue === RECEIVE ? this.#receive() : undefined;
  }

  restart(): void {
    this.#inbox = [];
  }

  save(): State {
    return { inbox: this.#inbox.map((packet) => packetBytes(packet)) };
  }

  load(state: State): void {
    this.#inbox = (state['inbox'] as readonly Uint8Array[]).map((bytes) => readPacket(bytes) as VsockPacket);
  }

  reset(): void {
    this.restart();
  }

  /** Packets under another's id are dropped; of a kind that is not known, refused. */
  #transmit(): number | undefined {
    const chain = this.#driver?.take(TRANSMIT);
    if (chain === undefined) return undefined;
    const packet = chain.readLength <= HEADER + MOST_DATA ? readPacket(chain.read()) : undefined;
    if (packet === undefined) {
      this.#driver?.broke('a packet whose length is wrong');
      return undefined;
    }
    this.#driver?.done(TRANSMIT, chain, 0);
    if (packet.from === this.#cid) {
      if (packet.type === STREAM) this.#switch.send(packet);
      else if (packet.op !== OP.RST) this.deliver(refusal(packet));
    }
    return price(packet.data.length);
  }

  /** As much of the oldest packet as the next buffer holds; the rest follows with the next. */
  #receive(): number | undefined {
    const packet = this.#inbox[0];
    const chain = packet === undefined ? undefined : this.#driver?.take(RECEIVE);
    if (packet === undefined || chain === undefined) return undefined;
    if (chain.writeLength < HEADER || (chain.writeLength === HEADER && packet.data.length > 0)) {
      this.#driver?.broke('a receive buffer too small for a packet');
      return undefined;
    }
    return this.#hand(chain, packet);
  }

  #hand(chain: Chain, packet: VsockPacket): number {
    const room = chain.writeLength - HEADER;
    const part = { ...packet, data: packet.data.subarray(0, room) };
    if (packet.data.length <= room) this.#inbox.shift();
    else this.#inbox[0] = { ...packet, data: packet.data.slice(room) };
    this.#driver?.done(RECEIVE, chain, chain.write(0, packetBytes(part)));
    return price(part.data.length);
  }
}
