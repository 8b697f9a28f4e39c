/**
 * Ethernet frames and the tags that say of which virtual network they are. References: IEEE Std 802.3, clause 3 (MAC frame);
 * IEEE Std 802.1Q, clause 9 (tagged frames).
 */

/** Destination, source and type. */
export const HEADER = 14;
const TAG = 4;
const C_TAG = 0x8100;
const S_TAG = 0x88a8;
/** VLANs that a frame may name; 0 means none, only a priority. */
export const [FIRST_VLAN, LAST_VLAN] = [1, 4094];

/** What a tag says: the VLAN, and what is above it in the tag's two bytes. */
export interface Tag {
  readonly vlan: number;
  readonly priority: number;
}

export const typeOf = (frame: Uint8Array): number => ((frame[12] ?? 0) << 8) | (frame[13] ?? 0);
export const isTagged = (frame: Uint8Array): boolean => typeOf(frame) === C_TAG || typeOf(frame) === S_TAG;

/** An address as a key, and as people write it. */
export const addressAt = (frame: Uint8Array, at: number): string =>
  [...frame.subarray(at, at + 6)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
export const DESTINATION = 0;
export const SOURCE = 6;

/** To several receivers, or to all. */
export const isGroup = (frame: Uint8Array, at: number): boolean => ((frame[at] ?? 0) & 1) !== 0;

/** 01-80-C2-00-00-0X is between a station and its bridge, which never passes it on (IEEE Std 802.1Q, 8.6.3). */
export const isForBridge = (frame: Uint8Array): boolean => RESERVED.every((byte, i) => frame[i] === byte) && (frame[5] ?? 0) < 16;
const RESERVED = [0x01, 0x80, 0xc2, 0x00, 0x00];

export function readTag(frame: Uint8Array): Tag | undefined {
  if (typeOf(frame) !== C_TAG) return undefined;
  const bits = ((frame[14] ?? 0) << 8) | (frame[15] ?? 0);
  return { vlan: bits & 0xfff, priority: bits >>> 12 };
}

export function untagged(frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(frame.length - TAG);
  bytes.set(frame.subarray(0, 12));
  bytes.set(frame.subarray(12 + TAG), 12);
  return bytes;
}

export function tagged(frame: Uint8Array, { vlan, priority }: Tag): Uint8Array {
  const bytes = new Uint8Array(frame.length + TAG);
  bytes.set(frame.subarray(0, 12));
  bytes.set([C_TAG >>> 8, C_TAG & 0xff, (priority << 4) | (vlan >>> 8), vlan & 0xff], 12);
  bytes.set(frame.subarray(12), 12 + TAG);
  return bytes;
}
