/** What of the host a network may reach, and what of the network the host: nothing that is not listed here. */

export type Transport = 'tcp' | 'udp';

/** A service on the host's loopback interface, which the guest finds at the gateway's address. */
export interface Service {
  readonly transport: Transport;
  /** What the guest calls it; 0 stands for every port there is. */
  readonly port: number;
  /** What it is on the host; with 0, the same as the guest says. */
  readonly to: number;
}

/** A port of the host's loopback interface that leads to a guest. */
export interface Forward {
  readonly transport: Transport;
  readonly port: number;
  readonly ip: number;
  readonly to: number;
}

/** The host's port; undefined if the guest may not reach it. A port that is named goes before all the others. */
export function serviceAt(services: readonly Service[], transport: Transport, port: number): number | undefined {
  const found = (named: number) => services.find((one) => one.transport === transport && one.port === named)?.to;
  return found(port) ?? (port !== 0 && found(0) !== undefined ? port : undefined);
}
