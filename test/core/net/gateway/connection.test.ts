import { describe, expect, it } from 'vitest';
import { ACK, FIN, PSH, RST, type Segment, SYN } from '../../../../core/net/gateway/segment.ts';
import { randoms } from '../../../support/device-contract.ts';
import { LossyLink } from './lossy-link.ts';
import { Bench, GUEST, type Station, text } from './rig.ts';

const SERVICES = [{ transport: 'tcp', port: 0, to: 0 } as const];

/** A guest with an open connection from port 40000 to 80. */
function opened(): { bench: Bench; guest: Station; server: number } {
  const bench = new Bench({ services: SERVICES });
  const guest = bench.station();
  guest.tcp({ flags: SYN, sequence: 1000 });
  bench.wait();
  bench.put({ kind: 'connected', id: 1 });
  bench.wait();
  const [answer] = guest.segments();
  const server = (answer?.sequence ?? 0) + 1;
  guest.tcp({ flags: ACK, sequence: 1001, acknowledged: server });
  bench.wait();
  bench.requests();
  return { bench, guest, server };
}

const brief = ({ flags, sequence, acknowledged, data }: Segment) => ({ flags, sequence, acknowledged, length: data.length });

describe('a connection', () => {
  it('is answered when the host has taken it, and not before', () => {
    const bench = new Bench({ services: [{ transport: 'tcp', port: 80, to: 8080 }] });
    const guest = bench.station();
    guest.tcp({ flags: SYN, sequence: 1000 });
    guest.tcp({ flags: SYN, sequence: 1000 });
    bench.wait();
    expect(guest.segments()).toEqual([]);
    expect(bench.requests()).toEqual([{ ask: 'connect', id: 1, port: 8080 }]);
    bench.put({ kind: 'connected', id: 1 });
    bench.wait();
    expect(guest.segments()).toMatchObject([{ flags: SYN | ACK, acknowledged: 1001, mss: 1460, fromPort: 80, toPort: 40_000 }]);
  });

  it('that the host refuses is reset', () => {
    const bench = new Bench({ services: SERVICES });
    const guest = bench.station();
    guest.tcp({ flags: SYN, sequence: 1000 });
    bench.wait();
    bench.put({ kind: 'refused', id: 1 });
    bench.wait();
    expect(guest.segments().map(brief)).toEqual([{ flags: RST | ACK, sequence: 0, acknowledged: 1001, length: 0 }]);
  });

  it('carries bytes both ways and closes from either end', () => {
    const { bench, guest, server } = opened();
    guest.tcp({ flags: ACK | PSH, sequence: 1001, acknowledged: server, data: text('GET') });
    bench.wait();
    expect(bench.requests()).toEqual([{ ask: 'send', id: 1, bytes: text('GET') }]);
    bench.put({ kind: 'data', id: 1, bytes: text('answer') });
    bench.put({ kind: 'ended', id: 1 });
    bench.wait();
    expect(guest.segments().map(brief)).toEqual([
      { flags: ACK, sequence: server, acknowledged: 1004, length: 0 },
      { flags: ACK | PSH, sequence: server, acknowledged: 1004, length: 6 },
      { flags: ACK | FIN, sequence: server + 6, acknowledged: 1004, length: 0 },
    ]);
    guest.tcp({ flags: ACK | FIN, sequence: 1004, acknowledged: server + 7 });
    bench.wait();
    expect(bench.requests()).toEqual([
      { ask: 'more', id: 1, count: 6 },
      { ask: 'end', id: 1 },
    ]);
    bench.wait(2e9);
    guest.take();
    guest.tcp({ flags: ACK, sequence: 1005, acknowledged: server + 7 });
    bench.wait();
    expect(guest.segments().map(({ flags }) => flags)).toEqual([RST]);
  });

  it('comes from the host to a port of the guest', () => {
    const bench = new Bench({ forwards: [{ transport: 'tcp', port: 2222, ip: GUEST, to: 22 }] });
    const guest = bench.station();
    guest.whoHas(GUEST);
    bench.put({ kind: 'arrived', id: -1, forward: 0 });
    bench.put({ kind: 'data', id: -1, bytes: text('hi') });
    bench.wait();
    const [call] = guest.segments();
    expect(call).toMatchObject({ flags: SYN, toPort: 22, fromPort: 49_152 });
    const own = (call?.sequence ?? 0) + 1;
    guest.tcp({ flags: SYN | ACK, fromPort: 22, toPort: 49_152, sequence: 500, acknowledged: own });
    bench.wait();
    expect(guest.segments().map(brief)).toEqual([
      { flags: ACK, sequence: own, acknowledged: 501, length: 0 },
      { flags: ACK | PSH, sequence: own, acknowledged: 501, length: 2 },
    ]);
    guest.tcp({ flags: RST, fromPort: 22, toPort: 49_152, sequence: 501 });
    bench.wait();
    expect(bench.requests()).toEqual([{ ask: 'drop', id: -1 }]);
  });

  it('calls a guest that does not answer six times, and gives up', () => {
    const bench = new Bench({ forwards: [{ transport: 'tcp', port: 2222, ip: GUEST, to: 22 }] });
    const guest = bench.station();
    guest.whoHas(GUEST);
    bench.put({ kind: 'arrived', id: -1, forward: 0 });
    const times: number[] = [];
    for (let ms = 0; ms < 100_000; ms += 500) {
      bench.wait(5e8);
      for (const { flags } of guest.segments()) if (flags === SYN) times.push(Math.round(ms / 1000));
    }
    expect(times).toEqual([0, 1, 3, 7, 15, 31]);
    expect(bench.requests()).toEqual([{ ask: 'drop', id: -1 }]);
  });

  it('takes no more than the host does: the window closes, and opens again', () => {
    const { bench, guest, server } = opened();
    const data = new Uint8Array(1460);
    for (let i = 0; i < 60; i++) {
      guest.tcp({ flags: ACK, sequence: 1001 + 1460 * i, acknowledged: server, data });
      bench.wait();
    }
    const windows = guest.segments().map(({ window }) => window);
    expect([windows[0], windows.at(-1)]).toEqual([65_535 - 1460, 0]);
    const sent = bench.requests().flatMap((request) => (request.ask === 'send' ? [request.bytes.length] : []));
    expect(sent.reduce((sum, length) => sum + length, 0)).toBe(65_535);
    bench.put({ kind: 'taken', id: 1, count: 1000 });
    bench.wait();
    expect(guest.segments()).toEqual([]);
    bench.put({ kind: 'taken', id: 1, count: 64_535 });
    bench.wait();
    expect(guest.segments().map(({ window, acknowledged }) => [window, acknowledged])).toEqual([[65_535, 1001 + 65_535]]);
  });

  it('sends no more than the guest takes, and asks when it takes nothing', () => {
    const { bench, guest, server } = opened();
    guest.tcp({ flags: ACK, sequence: 1001, acknowledged: server, window: 2000 });
    bench.wait();
    bench.put({ kind: 'data', id: 1, bytes: new Uint8Array(5000) });
    bench.wait();
    expect(guest.segments().map(({ data }) => data.length)).toEqual([1460]);
    guest.tcp({ flags: ACK, sequence: 1001, acknowledged: server + 1460, window: 0 });
    bench.wait(1e9);
    expect(guest.segments().map(({ data, sequence }) => [data.length, sequence])).toEqual([
      [1, server + 1460],
      [1, server + 1460],
    ]);
    guest.tcp({ flags: ACK, sequence: 1001, acknowledged: server + 1460, window: 65_535 });
    bench.wait();
    expect(guest.segments().reduce((sum, { data }) => sum + data.length, 0)).toBe(3540);
  });

  it.each([
    ['far from the window', 900_000, 0],
    ['within the window', 1100, 1],
    ['before it', 900, 0],
  ])('is not reset by what comes %s', (_, sequence, answers) => {
    const { bench, guest, server } = opened();
    guest.tcp({ flags: RST, sequence });
    bench.wait();
    expect(guest.segments().length).toBe(answers);
    expect(bench.requests()).toEqual([]);
    guest.tcp({ flags: ACK, sequence: 1001, acknowledged: server, data: text('x') });
    bench.wait();
    expect(bench.requests()).toEqual([{ ask: 'send', id: 1, bytes: text('x') }]);
  });

  it.each([
    ['a SYN', { flags: SYN, sequence: 1001 }],
    ['an acknowledgement of what was never sent', { flags: ACK, sequence: 1001, acknowledged: 0x7000_0000 }],
    ['data beyond the window', { flags: ACK, sequence: 200_000, data: text('x') }],
    ['data after a gap', { flags: ACK, sequence: 1005, data: text('x') }],
    ['data that was there', { flags: ACK, sequence: 1000, data: text('x') }],
  ])('answers %s with where it is', (_, s) => {
    const { bench, guest, server } = opened();
    guest.tcp({ acknowledged: server, ...s });
    bench.wait();
    expect(guest.segments().map(brief)).toEqual([{ flags: ACK, sequence: server, acknowledged: 1001, length: 0 }]);
    expect(bench.requests()).toEqual([]);
  });

  it('sends the lost segment when three acknowledgements tell of it', () => {
    const { bench, guest, server } = opened();
    bench.put({ kind: 'data', id: 1, bytes: new Uint8Array(10 * 1460) });
    bench.wait();
    expect(guest.segments().length).toBe(10);
    for (let i = 0; i < 3; i++) guest.tcp({ flags: ACK, sequence: 1001, acknowledged: server });
    bench.wait();
    expect(guest.segments().map(brief)).toEqual([{ flags: ACK, sequence: server, acknowledged: 1001, length: 1460 }]);
    guest.tcp({ flags: ACK, sequence: 1001, acknowledged: server + 14_600 });
    bench.wait(5e9);
    expect(guest.segments()).toEqual([]);
  });
});

describe('a flood', () => {
  it('of SYNs finds sixteen places, and the others of the guest and other guests have theirs', () => {
    const bench = new Bench({ services: SERVICES });
    const [one, two] = [bench.station(1), bench.station(2)];
    for (let port = 1; port <= 2000; port++) {
      one.tcp({ flags: SYN, fromPort: port });
      if (port % 32 === 0) bench.wait();
    }
    two.tcp({ flags: SYN, fromPort: 5 }, { from: GUEST + 1, to: GUEST - 13 });
    bench.wait();
    expect(bench.requests().length).toBe(17);
    expect(bench.gateway.counts.full).toBe(1984);
    for (let id = 1; id <= 16; id++) bench.put({ kind: 'connected', id });
    bench.wait(200e9);
    expect(bench.requests().filter(({ ask }) => ask === 'drop').length).toBe(16);
    one.tcp({ flags: SYN, fromPort: 9999 });
    bench.wait();
    expect(bench.requests().map(({ ask }) => ask)).toEqual(['connect']);
  });

  it('of open connections finds 64 places, and those that were silent for five minutes make place', () => {
    const bench = new Bench({ services: SERVICES });
    const guest = bench.station();
    const open = (port: number): number => {
      guest.tcp({ flags: SYN, fromPort: port, sequence: 0 });
      bench.wait();
      const id = bench.requests().find(({ ask }) => ask === 'connect')?.id;
      if (id === undefined) return 0;
      bench.put({ kind: 'connected', id });
      bench.wait();
      guest.tcp({ flags: ACK, fromPort: port, sequence: 1, acknowledged: (guest.segments()[0]?.sequence ?? 0) + 1 });
      bench.wait();
      return id;
    };
    expect(Array.from({ length: 70 }, (_, i) => open(i + 1)).filter((id) => id > 0).length).toBe(64);
    bench.wait(301e9);
    expect(open(100)).toBe(65);
  });
});

describe('a link that loses, doubles and delays', () => {
  it.each([
    [1, 0],
    [2, 5],
    [3, 10],
    [4, 20],
    [5, 30],
  ])('(seed %i, %i of 100 lost) changes no byte, either way', (seed, percent) => {
    const link = new LossyLink(seed, (byte) => byte % 100 < percent);
    const random = randoms(seed + 100);
    const [there, back] = [new Uint8Array(60_000), new Uint8Array(40_000)].map((bytes) => bytes.map(() => random())) as [
      Uint8Array,
      Uint8Array,
    ];
    link.run(60e9);
    link.first.connection.data(there);
    link.first.connection.ended();
    for (let at = 0; at < back.length; at += 10_000) {
      link.second.connection.data(back.slice(at, at + 10_000));
      link.run(link.clock.now() + 1e6);
    }
    link.second.connection.ended();
    link.run(link.clock.now() + 1500e9);
    expect(Buffer.from(link.second.got).equals(Buffer.from(there))).toBe(true);
    expect(Buffer.from(link.first.got).equals(Buffer.from(back))).toBe(true);
    expect([link.first.ended, link.second.ended, link.first.dropped]).toEqual([true, true, false]);
    expect([link.first.connection.phase, link.second.connection.phase]).toEqual(['gone', 'gone']);
  });

  it('ends when nothing comes through any more', () => {
    let dead = false;
    const link = new LossyLink(1, () => dead);
    link.run(1e9);
    dead = true;
    link.first.connection.data(new Uint8Array(5000));
    link.run(1000e9);
    expect([link.first.connection.phase, link.first.dropped]).toEqual(['gone', true]);
    expect(link.segments).toBeLessThan(50);
  });
});
