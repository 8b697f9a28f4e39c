import { createSocket } from 'node:dgram';
import { createServer as createTcp } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Asked } from '../../../core/machine/outside.ts';
import type { Input } from '../../../core/net/gateway/outside.ts';
import { HostNetwork } from '../../../tools/cli/host-network.ts';
import { HostNetworks } from '../../../tools/cli/host-networks.ts';
import { freePort, sayTo, serve } from '../../support/linux-network.ts';

const NOTHING: Asked = { services: [], forwards: [], resolve: false };
const opened: { close(): void }[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

/** A network and what it has put so far. */
function network(asked: Asked = NOTHING) {
  const [inputs, waiting]: [Input[], (() => void)[]] = [[], []];
  const host = new HostNetwork(
    asked,
    (input) => inputs.push(input),
    () => {
      for (const tell of waiting.splice(0)) tell();
    },
  );
  opened.push(host);
  /** Waits for an input of a kind, and takes it away. */
  const next = async <K extends Input['kind']>(kind: K): Promise<Extract<Input, { kind: K }>> => {
    for (;;) {
      const i = inputs.findIndex((input) => input.kind === kind);
      if (i >= 0) return inputs.splice(i, 1)[0] as Extract<Input, { kind: K }>;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  return { host, inputs, next };
}

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

describe('the network of the host', () => {
  it('connects to a service of the loopback interface, carries bytes and ends', async () => {
    const services = await serve();
    opened.push(services);
    const { host, next } = network();
    expect(host.active).toBe(false);
    host.ask({ ask: 'connect', id: 1, port: services.echo });
    expect(await next('connected')).toEqual({ kind: 'connected', id: 1 });
    expect(host.active).toBe(true);
    host.ask({ ask: 'send', id: 1, bytes: bytes('hello') });
    expect(await next('taken')).toEqual({ kind: 'taken', id: 1, count: 5 });
    expect(await next('data')).toEqual({ kind: 'data', id: 1, bytes: bytes('hello') });
    host.ask({ ask: 'end', id: 1 });
    expect(await next('ended')).toEqual({ kind: 'ended', id: 1 });
    host.ask({ ask: 'connect', id: 2, port: services.nobody });
    expect(await next('refused')).toEqual({ kind: 'refused', id: 2 });
  });

  it('reads no more from a service than the guest has room for', async () => {
    let sent = 0;
    const server = createTcp((socket) => {
      const more = () => {
        for (let i = 0; i < 64 && socket.write(new Uint8Array(0x1_0000)); i++) sent += 0x1_0000;
      };
      socket.on('drain', more);
      socket.on('error', () => {});
      more();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    opened.push(server);
    const { host, inputs, next } = network();
    host.ask({ ask: 'connect', id: 1, port: (server.address() as { readonly port: number }).port });
    await next('connected');
    await new Promise((resolve) => setTimeout(resolve, 200));
    const length = () => inputs.reduce((sum, input) => sum + (input.kind === 'data' ? input.bytes.length : 0), 0);
    const first = length();
    expect(first).toBeGreaterThanOrEqual(0x4_0000);
    expect(first).toBeLessThan(0x4_0000 + 0x1_0000);
    expect(sent).toBeGreaterThan(first);
    host.ask({ ask: 'more', id: 1, count: 0x3_0000 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(length()).toBeGreaterThanOrEqual(first + 0x2_0000);
  });

  it('leads a port here to the guest, and tells of one that is taken', async () => {
    const port = await freePort();
    const asked = { ...NOTHING, forwards: [{ transport: 'tcp', port, ip: 0, to: 80 } as const] };
    const { host, next } = network(asked);
    await host.ready();
    const answer = sayTo(port, 'question');
    expect(await next('arrived')).toEqual({ kind: 'arrived', id: -1, forward: 0 });
    expect(await next('data')).toEqual({ kind: 'data', id: -1, bytes: bytes('question') });
    await next('ended');
    host.ask({ ask: 'send', id: -1, bytes: bytes('answer') });
    host.ask({ ask: 'end', id: -1 });
    expect(await answer).toBe('answer');
    await expect(network(asked).host.ready()).rejects.toThrow(`the host's tcp port ${port} cannot be forwarded`);
  });

  it('carries datagrams to a service, and from a port here', async () => {
    const echo = createSocket('udp4');
    echo.on('message', (message, { port, address }) => echo.send(`echo ${message}`, port, address));
    await new Promise<void>((resolve) => echo.bind(0, '127.0.0.1', resolve));
    opened.push(echo);
    const port = await freePort();
    const { host, next } = network({ ...NOTHING, forwards: [{ transport: 'udp', port, ip: 0, to: 53 }] });
    await host.ready();
    host.ask({ ask: 'datagram', id: 1, port: echo.address().port, bytes: bytes('one') });
    expect(await next('datagram')).toEqual({ kind: 'datagram', id: 1, bytes: bytes('echo one'), forward: -1 });
    const client = createSocket('udp4');
    opened.push(client);
    const heard = new Promise((resolve) => client.once('message', (message) => resolve(message.toString())));
    client.send('two', port, '127.0.0.1');
    expect(await next('datagram')).toEqual({ kind: 'datagram', id: -1, bytes: bytes('two'), forward: 0 });
    host.ask({ ask: 'datagram', id: -1, port: 0, bytes: bytes('three') });
    expect(await heard).toBe('three');
    host.ask({ ask: 'drop', id: 1 });
    host.ask({ ask: 'datagram', id: -9, port: 0, bytes: bytes('to nobody') });
  });

  it('keeps nothing of a connection that is dropped after its end', async () => {
    const server = createTcp({ allowHalfOpen: true }, (socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    opened.push(server);
    const { host, next } = network();
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    const before = sockets();
    host.ask({ ask: 'connect', id: 1, port: (server.address() as { readonly port: number }).port });
    await next('connected');
    host.ask({ ask: 'end', id: 1 });
    host.ask({ ask: 'drop', id: 1 });
    await new Promise<void>((resolve) => server.getConnections(() => setTimeout(resolve, 50)));
    expect(sockets() - before).toBeLessThanOrEqual(1); // the server's end of it
  });

  it('looks up names', async () => {
    const { host, next } = network();
    host.ask({ ask: 'resolve', id: 1, name: 'localhost' });
    expect((await next('resolved')).addresses).toContain(0x7f000001);
    host.ask({ ask: 'resolve', id: 2, name: 'not a name' });
    expect(await next('resolved')).toEqual({ kind: 'resolved', id: 2, addresses: [] });
    expect(host.active).toBe(false);
  });

  it('tells of what a loaded state has open that is there no more', () => {
    const { host, inputs } = network();
    host.restored([3, -4]);
    expect(inputs).toEqual([
      { kind: 'broken', id: 3 },
      { kind: 'broken', id: -4 },
    ]);
  });
});

describe('the ways out of a machine', () => {
  it('use the host only for what is asked of it', async () => {
    const networks = new HostNetworks({}, true);
    opened.push(networks);
    expect(networks.link('/lan/out', NOTHING)).toBeUndefined();
    expect(networks.link('/lan/out', { ...NOTHING, resolve: true })).toBeDefined();
    expect(() => new HostNetworks({}, false).link('/lan/out', { ...NOTHING, resolve: true })).toThrow('--verify');
    await expect(new HostNetworks({ record: '/dev/null' }, true).ready()).rejects.toThrow('--record: nothing here leads');
  });

  it('hold virtual time back while something is expected', async () => {
    const services = await serve();
    opened.push(services);
    const networks = new HostNetworks({}, true);
    opened.push(networks);
    const outside = networks.link('/lan/out', { ...NOTHING, resolve: true })?.open(() => {});
    const paced = async (from: number) => {
      const started = performance.now();
      for (let time = from; time < from + 100e6; time += 10e6) await networks.keepPace(time);
      return performance.now() - started;
    };
    expect(await paced(0)).toBeLessThan(50);
    outside?.ask({ ask: 'connect', id: 1, port: services.echo });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await paced(1e9)).toBeGreaterThan(60);
  });
});
