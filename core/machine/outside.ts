/**
 * Ports of a switch that lead out of the machine: `partita,outside`, with what of the host the network may reach, and the host of the network.
 * What is not listed in the description is not reached.
 */
import { put32 } from '../net/gateway/bytes.ts';
import { Gateway } from '../net/gateway/gateway.ts';
import type { InboxOptions } from '../net/gateway/inbox.ts';
import { type Input, nobody, type Outside } from '../net/gateway/outside.ts';
import type { Forward, Service, Transport } from '../net/gateway/services.ts';
import { isInside, LEAST_PREFIX, MOST_PREFIX, type Subnet, subnet, USUAL_NETWORK, USUAL_PREFIX } from '../net/gateway/subnet.ts';
import type { Cable, Timer } from '../net/port.ts';
import type { Node } from './devicetree/tree.ts';

/** What the description asks of the host. */
export interface Asked {
  readonly services: readonly Service[];
  readonly forwards: readonly Forward[];
  readonly resolve: boolean;
}

export interface OutsideLink extends InboxOptions {
  /** `put` takes what comes back; only between runs of the machine. */
  open(put: (input: Input) => void): Outside;
}

export type OpenOutside = (node: Node, asked: Asked) => OutsideLink | undefined;

export const isOutside = (node: Node): boolean => node.has('partita,outside');

/** As QEMU's user network: 52:55 and the address of the gateway. */
export function outsideMac(node: Node): Uint8Array {
  const mac = Uint8Array.of(0x52, 0x55, 0, 0, 0, 0);
  put32(mac, 2, subnetOf(node).gateway);
  return mac;
}

/** Makes the gateway of a port. Throws a DeviceTreeError at once for what is wrong with it. */
export function gatewayOf(node: Node): (cable: Cable, timer: Timer, open: OpenOutside) => Gateway {
  const trunk = node.get('partita,trunk');
  if (trunk !== undefined) throw trunk.fail('is for a port that leads to a device: the way out is of one VLAN');
  const net = subnetOf(node);
  const prefix = node.get('partita,subnet')?.cells()[1];
  const asked: Asked = {
    services: listed(node, 'partita,services', readService, 'tcp:80, tcp:80:8080 or udp:all'),
    forwards: listed(
      node,
      'partita,forwards',
      (text) => readForward(text, net.network, prefix),
      'tcp:8080:80 or tcp:8080:10.0.2.16:80',
    ),
    resolve: node.has('partita,resolve'),
  };
  const mac = node.get('local-mac-address')?.value ?? outsideMac(node);
  return (cable, timer, open) => {
    const link = open(node, asked) ?? { open: nobody };
    return new Gateway(cable, timer, { name: node.path, mac, subnet: net, ...asked, ...link }, (put) => link.open(put));
  };
}

function subnetOf(node: Node): Subnet {
  const property = node.get('partita,subnet');
  const [network = USUAL_NETWORK, prefix = USUAL_PREFIX] = property?.cells() ?? [];
  const found = subnet(network, prefix);
  if (found !== undefined) return found;
  throw node.need('partita,subnet').fail('is no network', {
    expected: `its address and ${LEAST_PREFIX} to ${MOST_PREFIX} bits, such as <0x0a000200 24>`,
  });
}

function listed<T>(node: Node, name: string, read: (text: string) => T | undefined, expected: string): readonly T[] {
  const property = node.get(name);
  return (property?.strings() ?? []).map((text) => {
    const found = read(text);
    if (property === undefined || found !== undefined) return found as T;
    throw property.fail(`names "${text}"`, { expected });
  });
}

const transport = (text: string | undefined): Transport | undefined => (text === 'tcp' || text === 'udp' ? text : undefined);

function portNumber(text: string | undefined): number | undefined {
  const value = Number(text);
  return text !== undefined && /^\d{1,5}$/.test(text) && value > 0 && value < 0x1_0000 ? value : undefined;
}

/** tcp:80, tcp:80:8080 (the guest's name for it first) or tcp:all. */
export function readService(text: string): Service | undefined {
  const [kind, named, ...rest] = text.split(':');
  const found = transport(kind);
  if (found === undefined || rest.length > 1) return undefined;
  if (named === 'all' && rest.length === 0) return { transport: found, port: 0, to: 0 };
  const [port, to] = [portNumber(named), portNumber(rest[0] ?? named)];
  return port === undefined || to === undefined ? undefined : { transport: found, port, to };
}

/** tcp:8080:80 (the host's port first) for the first guest that asks for an address, or tcp:8080:10.0.2.16:80. */
export function readForward(text: string, network = USUAL_NETWORK, prefix = USUAL_PREFIX): Forward | undefined {
  const net = subnet(network, prefix);
  if (net === undefined) return undefined;
  const [kind, named, ...rest] = text.split(':');
  const [found, port, to] = [transport(kind), portNumber(named), portNumber(rest.at(-1))];
  const ip = rest.length === 1 ? net.firstLease : rest.length === 2 ? readAddress(rest[0] ?? '') : undefined;
  if (found === undefined || port === undefined || to === undefined || ip === undefined || !isInside(net, ip)) return undefined;
  return { transport: found, port, ip, to };
}

/** 10.0.2.0/24 as its address and its bits. */
export function readSubnet(text: string): readonly [network: number, prefix: number] | undefined {
  const [address = '', bits = '', more] = text.split('/');
  const [network, prefix] = [readAddress(address), Number(bits)];
  const fits = network !== undefined && more === undefined && /^\d{1,2}$/.test(bits) && subnet(network, prefix) !== undefined;
  return fits ? [network, prefix] : undefined;
}

/** 10.0.2.15 as a number. */
export function readAddress(text: string): number | undefined {
  const bytes = text.split('.').map((byte) => (/^\d{1,3}$/.test(byte) && Number(byte) < 256 ? Number(byte) : -1));
  if (bytes.length !== 4 || bytes.includes(-1)) return undefined;
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}
