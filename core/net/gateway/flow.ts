/** What the tables of flows have in common: how they are named, where they send, and what is counted. */
import type { Ends } from './ipv4.ts';
import type { Request } from './outside.ts';

/** The guest's end and the gateway's. `mac` is '' for a flow that the outside began: wherever the address is found. */
export interface Flow {
  readonly mac: string;
  readonly ip: number;
  readonly port: number;
  readonly localIp: number;
  readonly localPort: number;
}

export const keyOf = ({ mac, ip, port, localIp, localPort }: Flow): string => `${mac} ${ip}:${port} ${localIp}:${localPort}`;
export const towards = ({ ip, localIp }: Flow): Ends => ({ from: localIp, to: ip });

export interface FlowPorts {
  now(): number;
  /** Sends a packet to a hardware address, or if that is '' to whoever has the address. */
  transmit(mac: string, ends: Ends, protocol: number, data: Uint8Array): void;
  ask(request: Request): void;
  count(what: Count): void;
  /** An id for what the gateway opens. */
  newId(): number;
}

export const COUNTS = ['received', 'sent', 'malformed', 'fragments', 'foreign', 'refused', 'full', 'tooLong'] as const;
/**
 * Frames: received and sent; malformed; in fragments; of protocols and for addresses that are not the gateway's; to services that are not
 * offered; for which there was no place in a table; and datagrams from the host that no frame holds.
 */
export type Count = (typeof COUNTS)[number];

/** Of one hardware address, and in all. */
export const [FLOWS, ALL_FLOWS] = [64, 512];
const [FIRST_PORT, PORTS] = [49_152, 16_384];

/** A port of the gateway's own; `number` counts the flows that the outside began. */
export const ownPort = (number: number): number => FIRST_PORT + (number % PORTS);
