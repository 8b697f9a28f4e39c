/**
 * What connects socket devices: a packet goes to the device that has its context id. Only those on one switch can see each other, and who
 * may be on it is for the description to say. The ends keep each other's credit (section 5.10.6.3); here only memory is bounded.
 */
import { OP, refusal, type VsockPacket } from './vsock-packet.ts';

/** A device on the switch. */
export interface VsockEnd {
  /** Takes a packet; false if there is no room for it. */
  deliver(packet: VsockPacket): boolean;
}

export class VsockSwitch {
  readonly #ends = new Map<number, VsockEnd>();

  /** Returns false if another has the id. */
  connect(cid: number, end: VsockEnd): boolean {
    if (this.#ends.has(cid)) return false;
    this.#ends.set(cid, end);
    return true;
  }

  /**
   * Carries a packet. One for nobody, or for an end that takes nothing, is answered with RST, since streams must lose nothing: an end that
   * does not take its packets loses its connections, and stalls nobody else's. An RST is never answered.
   */
  send(packet: VsockPacket): void {
    if (this.#ends.get(packet.to)?.deliver(packet) === true || packet.op === OP.RST) return;
    this.#ends.get(packet.from)?.deliver(refusal(packet));
  }
}
