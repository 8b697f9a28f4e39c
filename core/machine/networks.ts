/**
 * Networks of a description: nodes `partita,switch`, whose children are the ports. A network device names the switch, and the port if the
 * switch says which there are; a switch without ports gives each device one of its own.
 */
import type { Stateful } from '../base/state.ts';
import { VsockSwitch } from '../devices/virtio/vsock-switch.ts';
import { Capture, type Sink } from '../net/capture.ts';
import { FIRST_VLAN, LAST_VLAN } from '../net/frame.ts';
import type { Gateway } from '../net/gateway/gateway.ts';
import type { Cable, Port, PortOptions, Timer } from '../net/port.ts';
import type { Rate } from '../net/rate-limit.ts';
import { Switch, USUAL_LATENCY } from '../net/switch.ts';
import type { Node } from './devicetree/tree.ts';
import { gatewayOf, isOutside, type OpenOutside, outsideMac } from './outside.ts';

export const SWITCH = 'partita,switch';

/** Where the frames of a port are written to; undefined if the host writes none. */
export type Captures = (name: string, node: Node) => Sink | undefined;

export interface Plug {
  readonly cable: Cable;
  /** The only address that the port lets its end use. */
  readonly mac: Uint8Array | undefined;
}

/** The ports that lead out, and the clock that they are on. Without it they lead nowhere. */
export interface Outsides {
  readonly timer: Timer;
  readonly open: OpenOutside;
}

interface Network {
  readonly node: Node;
  readonly lan: Switch;
  readonly ports: ReadonlyMap<string, { readonly port: Port; readonly mac: Uint8Array | undefined }>;
}

export class Networks {
  readonly #all = new Map<string, Network>();
  readonly #sockets = new Map<string, VsockSwitch>();
  readonly #gateways: { readonly path: string; readonly device: Gateway }[] = [];

  /** Throws a DeviceTreeError for what is wrong with a switch. */
  constructor(root: Node, captures: Captures = () => undefined, outsides?: Outsides) {
    for (const node of switches(root)) {
      const same = this.#all.get(node.name);
      if (same !== undefined) throw node.fail(`the switch ${same.node.path} has the same name`, { advice: 'Give it another.' });
      const network = readSwitch(node, captures);
      this.#all.set(node.name, network);
      for (const child of node.children.filter((one) => one.okay && isOutside(one))) this.#leadOut(network, child, outsides);
    }
  }

  /** The switches and the gateways on them, with the paths of their nodes. */
  get parts(): readonly { readonly path: string; readonly device: Stateful }[] {
    return [...[...this.#all.values()].map(({ node, lan }) => ({ path: node.path, device: lan })), ...this.#gateways];
  }

  get gateways(): readonly { readonly path: string; readonly device: Gateway }[] {
    return this.#gateways;
  }

  /** What socket devices that name it, or name nothing, are connected to. */
  sockets(name = ''): VsockSwitch {
    const found = this.#sockets.get(name) ?? new VsockSwitch();
    this.#sockets.set(name, found);
    return found;
  }

  /** The port that a network device is for; undefined if its network is no switch. `timer` is that of the core which the device belongs to. */
  plug(device: Node, timer: Timer): Plug | undefined {
    const network = this.#all.get(device.get('partita,network')?.string() ?? '');
    if (network === undefined) return undefined;
    const { port, mac } = network.ports.size === 0 ? ownPort(network, device) : namedPort(network, device);
    if (port.connected) throw device.fail(`port "${port.name}" of ${network.node.path} has a device already`);
    return { cable: network.lan.connect(port, timer), mac };
  }

  #leadOut({ lan, ports }: Network, node: Node, outsides: Outsides | undefined): void {
    const make = gatewayOf(node);
    const port = ports.get(node.name)?.port;
    if (outsides === undefined || port === undefined) return;
    const device = make(lan.connect(port, outsides.timer), outsides.timer, outsides.open);
    this.#gateways.push({ path: node.path, device });
  }
}

/** The switches of a description. */
export const switches = (root: Node): Node[] => [...root.walk()].filter((node) => node.isCompatible(SWITCH) && node.okay);

function readSwitch(node: Node, captures: Captures): Network {
  const latency = node.get('partita,latency-ns');
  if (latency?.cell() === 0) throw latency.fail('is 0', { expected: '1 or more' });
  const lan = new Switch(latency?.cell() ?? USUAL_LATENCY);
  const ports = new Map<string, { port: Port; mac: Uint8Array | undefined }>();
  for (const child of node.children.filter((one) => one.okay)) {
    const options = portOptions(child, captures);
    const port = lan.add(options);
    if (port !== undefined) ports.set(child.name, { port, mac: options.mac });
  }
  return { node, lan, ports };
}

function portOptions(node: Node, captures: Captures): PortOptions {
  const trunk = node
    .get('partita,trunk')
    ?.cells()
    .map((vlan) => checkedVlan(node, 'partita,trunk', vlan));
  const vlan = node.get('partita,vlan')?.cell() ?? (trunk === undefined ? FIRST_VLAN : undefined);
  const mac = node.get('local-mac-address');
  if (mac !== undefined && (mac.value.length !== 6 || ((mac.value[0] ?? 0) & 1) !== 0))
    throw mac.fail('is no address of one device', { expected: '6 bytes, the first of them even' });
  const file = node.get('partita,capture');
  const sink = file && captures(file.string(), node);
  return {
    name: node.name,
    vlan: vlan === undefined ? undefined : checkedVlan(node, 'partita,vlan', vlan),
    trunk,
    mac: mac?.value ?? (isOutside(node) ? outsideMac(node) : undefined),
    rate: rateOf(node),
    capture: sink && new Capture(sink),
  };
}

function checkedVlan(node: Node, property: string, vlan: number): number {
  if (vlan >= FIRST_VLAN && vlan <= LAST_VLAN) return vlan;
  throw node.need(property).fail(`names VLAN ${vlan}`, { expected: `${FIRST_VLAN} to ${LAST_VLAN}` });
}

/** Of the greatest frame there is, so that one can pass at all. */
const LEAST_BURST = 1518;
const USUAL_BURST = 16_384;
const USUAL_FRAMES = 8;

function rateOf(node: Node): Rate | undefined {
  const [bits, frames] = [perSecond(node, 'partita,rate', LEAST_RATE), perSecond(node, 'partita,frame-rate', 1)];
  const burst = burstOf(node, 'partita,burst', LEAST_BURST) ?? USUAL_BURST;
  const frameBurst = burstOf(node, 'partita,frame-burst', 1) ?? USUAL_FRAMES;
  if (bits === undefined && frames === undefined) return undefined;
  return {
    bits: bits === undefined ? undefined : { perSecond: bits, burst: 8 * burst },
    frames: frames === undefined ? undefined : { perSecond: frames, burst: frameBurst },
  };
}

function perSecond(node: Node, name: string, least: number): number | undefined {
  const rate = node.get(name);
  if (rate === undefined) return undefined;
  const [first = 0, second] = rate.cells();
  const value = second === undefined ? first : first * 0x1_0000_0000 + second;
  const what = name === 'partita,rate' ? 'bits' : 'frames';
  if (value < least || value > MOST_RATE || rate.cells().length > 2)
    throw rate.fail('is no rate', { expected: `${what} per second from ${least} to ${MOST_RATE}, in one cell or two` });
  return value;
}

function burstOf(node: Node, name: string, least: number): number | undefined {
  const burst = node.get(name);
  if (burst !== undefined && burst.cell() < least)
    throw burst.fail(`is ${burst.cell()}`, { expected: `${name === 'partita,burst' ? 'bytes' : 'frames'}, ${least} or more` });
  return burst?.cell();
}
const [LEAST_RATE, MOST_RATE] = [1000, 1e12];

function ownPort({ lan }: Network, device: Node): { port: Port; mac: undefined } {
  const name = device.get('partita,port');
  if (name !== undefined) throw name.fail(`names "${name.string()}", and the switch has no ports`);
  const port = lan.add({ name: device.path, vlan: FIRST_VLAN });
  if (port === undefined) throw device.fail('is on the switch already');
  return { port, mac: undefined };
}

function namedPort({ node, ports }: Network, device: Node): { port: Port; mac: Uint8Array | undefined } {
  const name = device.need('partita,port');
  const found = ports.get(name.string());
  if (found !== undefined) return found;
  throw name.fail(`names "${name.string()}", which ${node.path} does not have`, { expected: [...ports.keys()].join(' or ') });
}
