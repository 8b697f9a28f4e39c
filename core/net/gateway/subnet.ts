/** The addresses of the gateway's network: those that QEMU's user network has at their places, 10.0.2.0/24 unless told otherwise. */

export interface Subnet {
  readonly network: number;
  readonly mask: number;
  readonly gateway: number;
  readonly dns: number;
  readonly firstLease: number;
  readonly leases: number;
}

export const [USUAL_NETWORK, USUAL_PREFIX] = [0x0a00_0200, 24];
export const [LEAST_PREFIX, MOST_PREFIX] = [8, 27];
const [GATEWAY, DNS, LEASE, LEASES] = [2, 3, 15, 16];

/** Undefined if the network is not one of so many bits. */
export function subnet(network: number, prefix: number): Subnet | undefined {
  const mask = (-1 << (32 - prefix)) >>> 0;
  if (prefix < LEAST_PREFIX || prefix > MOST_PREFIX || (network & ~mask) !== 0) return undefined;
  const at = (place: number) => network + place;
  return { network, mask, gateway: at(GATEWAY), dns: at(DNS), firstLease: at(LEASE), leases: LEASES };
}

export const isInside = ({ network, mask }: Subnet, ip: number): boolean => (ip & mask) >>> 0 === network;
export const broadcastOf = ({ network, mask }: Subnet): number => (network | ~mask) >>> 0;
