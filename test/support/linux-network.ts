/** Services on the host's loopback interface for guests to reach, and what a guest types to use its network. */
import { createHash } from 'node:crypto';
import { createServer, type Server as HttpServer } from 'node:http';
import { connect, createServer as createTcpServer, type Server } from 'node:net';
import { randoms } from './device-contract.ts';

/** Ports are taken from those that the kernel gives to nobody else meanwhile. */
export interface Services {
  readonly http: number;
  readonly echo: number;
  readonly digest: number;
  /** A port where nobody listens. */
  readonly nobody: number;
  readonly big: Uint8Array;
  close(): void;
}

const portOf = (server: Server | HttpServer): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as { readonly port: number }).port)));

/** HTTP with a file of 1 MB, an echo, and one that answers with the digest of what it was sent. */
export async function serve(): Promise<Services> {
  const random = randoms(1);
  const big = Uint8Array.from({ length: 1 << 20 }, () => random());
  const http = createServer((request, response) => {
    if (request.url === '/big') response.setHeader('content-length', big.length).end(big);
    else response.end(`you asked for ${request.url}\n`);
  });
  const echo = createTcpServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  const digest = createTcpServer({ allowHalfOpen: true }, (socket) => {
    const hash = createHash('sha256');
    socket.on('data', (data) => hash.update(data));
    socket.on('end', () => socket.end(`${hash.digest('hex')}\n`));
  });
  const closed = createTcpServer();
  for (const server of [echo, digest]) server.on('connection', (socket) => socket.on('error', () => {}));
  const ports = await Promise.all([portOf(http), portOf(echo), portOf(digest), portOf(closed)]);
  closed.close();
  const all = [http, echo, digest];
  const close = () => {
    for (const server of all) server.close();
    http.closeAllConnections();
  };
  return { http: ports[0], echo: ports[1], digest: ports[2], nobody: ports[3], big, close };
}

/** A free port, for a forward. */
export async function freePort(): Promise<number> {
  const server = createTcpServer();
  const port = await portOf(server);
  server.close();
  return port;
}

/** Says something to a port until it is answered, and returns the answer. */
export async function sayTo(port: number, words: string, tries = 5000): Promise<string> {
  for (let i = 0; i < tries; i++) {
    const heard = await new Promise<string>((resolve) => {
      let all = '';
      const socket = connect(port, '127.0.0.1', () => socket.end(words));
      socket.on('data', (data) => {
        all += data.toString();
      });
      socket.on('error', () => resolve(''));
      socket.on('close', () => resolve(all));
    });
    if (heard !== '') return heard;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return '';
}

const SCRIPT =
  'printf "#!/bin/sh\\n[ \\$1 = bound ] && ip addr add \\$ip/\\$mask dev \\$interface && ip route add default via \\$router && ' +
  'echo nameserver \\$dns > /etc/resolv.conf && echo \\$ip/\\$mask \\$router \\$dns \\$lease\\n" > /s; chmod +x /s; mkdir -p /etc';

/** Before the network is used. */
export const SETUP = ['for m in virtio_mmio virtio_net; do modprobe $m; done', SCRIPT, 'ip link set lo up; ip link set eth0 up'];

export const commandsFor = ({ http, echo, digest, nobody }: Services): string[] => [
  'busybox udhcpc -i eth0 -n -q -s /s 2>/dev/null',
  'ip -4 -o addr show eth0; ip route; cat /etc/resolv.conf',
  'ping -c 1 10.0.2.2 | grep packets',
  `wget -q -O - http://10.0.2.2:${http}/hello`,
  `wget -q -O - http://10.0.2.2:${http}/big | sha256sum`,
  `w() { wget -q -O - http://10.0.2.2:${http}/big | md5sum; }`,
  'w & w & wait',
  `echo one two three | nc 10.0.2.2 ${echo}`,
  `nc 10.0.2.2 ${digest} < /bin/busybox; sha256sum /bin/busybox`,
  `nc 10.0.2.2 ${nobody} < /dev/null; echo $?`,
  "nc -l -p 80 -e sh -c 'read line; echo heard $line'",
];
