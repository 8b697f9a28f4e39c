/**
 * Writes frames as tcpdump and Wireshark read them: the pcap format with nanoseconds, in which the time is virtual time since reset.
 * Reference: IETF draft-ietf-opsawg-pcap (magic number 0xA1B23C4D, link type 1).
 */

/** Takes the bytes of a file, in order. */
export type Sink = (bytes: Uint8Array) => void;

const MAGIC = 0xa1b2_3c4d;
const LONGEST = 0x4_0000;
const ETHERNET = 1;
const SECOND = 1_000_000_000;

export class Capture {
  readonly #sink: Sink;

  constructor(sink: Sink) {
    this.#sink = sink;
    const header = new Uint8Array(24);
    const view = new DataView(header.buffer);
    view.setUint32(0, MAGIC, true);
    view.setUint16(4, 2, true);
    view.setUint16(6, 4, true);
    view.setUint32(16, LONGEST, true);
    view.setUint32(20, ETHERNET, true);
    sink(header);
  }

  frame(now: number, frame: Uint8Array): void {
    const record = new Uint8Array(16 + frame.length);
    const view = new DataView(record.buffer);
    view.setUint32(0, Math.floor(now / SECOND), true);
    view.setUint32(4, now % SECOND, true);
    view.setUint32(8, frame.length, true);
    view.setUint32(12, frame.length, true);
    record.set(frame, 16);
    this.#sink(record);
  }
}
