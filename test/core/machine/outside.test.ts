import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../core/bus/clock.ts';
import { parseDts } from '../../../core/machine/devicetree/dts-parser.ts';
import { Machine } from '../../../core/machine/machine.ts';
import { Networks } from '../../../core/machine/networks.ts';
import { type Asked, readAddress, readForward, readService, readSubnet } from '../../../core/machine/outside.ts';
import type { Input, Request } from '../../../core/net/gateway/outside.ts';
import { SYN } from '../../../core/net/gateway/segment.ts';
import { NET, Station } from '../net/gateway/rig.ts';
import { filesWith } from './rig.ts';

const treeOf = (text: string) => parseDts('a.dts', filesWith({ 'a.dts': `/dts-v1/;\n/ {\n${text}\n};\n` }));
const lan = (port: string) =>
  `lan { compatible = "partita,switch"; a { }; b { partita,vlan = <2>; }; out { partita,outside; ${port} }; };`;

describe('a port that leads out', () => {
  it('asks the host for what the description says, and nothing for one that says nothing', () => {
    const asked: Asked[] = [];
    const open = (text: string) => {
      const outsides = { timer: new VirtualClock(), open: (_: unknown, one: Asked) => void asked.push(one) };
      return new Networks(treeOf(lan(text)).root, () => undefined, outsides);
    };
    open(
      'partita,services = "tcp:80:8080", "udp:all"; partita,forwards = "tcp:2222:22", "udp:53:10.0.2.20:5353"; partita,resolve;',
    );
    expect(open('').gateways.map(({ path }) => path)).toEqual(['/lan/out']);
    expect(asked).toEqual([
      {
        services: [
          { transport: 'tcp', port: 80, to: 8080 },
          { transport: 'udp', port: 0, to: 0 },
        ],
        forwards: [
          { transport: 'tcp', port: 2222, ip: 0x0a00020f, to: 22 },
          { transport: 'udp', port: 53, ip: 0x0a000214, to: 5353 },
        ],
        resolve: true,
      },
      { services: [], forwards: [], resolve: false },
    ]);
  });

  it('is reached by the devices of its VLAN, whoever they belong to, and its state is part of the machine', () => {
    const source = `#include "board.dts"\n/ { ${lan('partita,services = "tcp:80";')} x { partita,network = "lan"; partita,port = "a"; };
      y { partita,network = "lan"; partita,port = "b"; }; };`;
    const tree = parseDts('boards/virt/test.dts', filesWith({ 'boards/virt/test.dts': source }));
    const requests: Request[] = [];
    let put: (input: Input) => void = () => {};
    const outside = () => ({
      open: (give: (input: Input) => void) => {
        put = give;
        return { ask: (request: Request) => requests.push(request), restored: () => {} };
      },
    });
    const machine = new Machine(tree, { virtualization: false, virtio: { outside } });
    const plug = (name: string, number: number) => {
      const found = machine.networks.plug(machine.tree.root.find(name) ?? machine.tree.root, machine.clock.of(0));
      if (found === undefined) throw new Error(name);
      return new Station(found.cable, Uint8Array.of(2, 0, 0, 0, 0, number));
    };
    const [x, y] = [plug('/x', 1), plug('/y', 2)];
    const before = machine.stateHash();
    for (const guest of [x, y]) guest.tcp({ flags: SYN, sequence: 1 });
    machine.clock.advance(1e6);
    expect(requests).toEqual([{ ask: 'connect', id: 1, port: 80 }]);
    put({ kind: 'refused', id: 1 });
    machine.clock.advance(2e6);
    expect([x.segments().length, y.take().length]).toEqual([1, 0]);
    expect(machine.stateHash()).not.toBe(before);
    expect(machine.networks.parts.map(({ path }) => path)).toEqual(['/lan', '/lan/out']);
    y.raw(Uint8Array.from([...x.mac, 0x52, 0x55, 10, 0, 2, 2, 8, 0, ...new Array(46).fill(0)]));
    machine.clock.advance(3e6);
    expect(x.take()).toEqual([]);
  });

  it('refuses everything where the host offers nothing', () => {
    const networks = new Networks(
      treeOf(`${lan('partita,services = "tcp:all"; partita,resolve;')} x { partita,network = "lan"; partita,port = "a"; };`).root,
      () => undefined,
      { timer: clock, open: () => undefined },
    );
    const plug = networks.plug(treeOf('x { partita,network = "lan"; partita,port = "a"; };').root.find('/x') as never, clock);
    if (plug === undefined) throw new Error('no port');
    const guest = new Station(plug.cable, Uint8Array.of(2, 0, 0, 0, 0, 1));
    guest.tcp({ flags: SYN });
    clock.advance(1e6);
    expect(guest.segments().map(({ flags }) => flags)).toEqual([20]);
  });
  const clock = new VirtualClock();

  it.each([
    ['partita,trunk = <1 2>;', /'partita,trunk' is for a port that leads to a device/],
    ['partita,subnet = <0x0a000201 24>;', /'partita,subnet' is no network/],
    ['partita,subnet = <0x0a000200 28>;', /is no network.*8 to 27 bits/],
    ['partita,services = "tcp:80", "http";', /'partita,services' names "http".*tcp:80/],
    ['partita,forwards = "tcp:80:10.9.9.9:80";', /'partita,forwards' names "tcp:80:10\.9\.9\.9:80"/],
    ['partita,frame-rate = <0>;', /'partita,frame-rate' is no rate.*frames per second from 1/],
    ['partita,frame-rate = <5>; partita,frame-burst = <0>;', /'partita,frame-burst' is 0/],
  ])('is an error if it is wrong: %s', (text, message) => {
    expect(() => new Networks(treeOf(lan(text)).root)).toThrow(message);
  });

  it('has no place for a device', () => {
    const { root } = treeOf(`${lan('')} x { partita,network = "lan"; partita,port = "out"; };`);
    const networks = new Networks(root, () => undefined, { timer: clock, open: () => undefined });
    expect(() => networks.plug(root.find('/x') ?? root, clock)).toThrow('has a device already');
  });
});

describe('what is written of services', () => {
  it.each(['', 'tcp', 'tcp:', 'tcp:0', 'tcp:65536', 'tcp:1:2:3', 'tcp:all:1', 'sctp:1', 'tcp:-1', 'tcp:1e3'])(
    'is nothing in "%s"',
    (text) => {
      expect(readService(text)).toBeUndefined();
    },
  );

  it.each(['tcp:1', 'tcp:1:0', 'tcp:1:x:2', 'tcp:1:10.0.2.16:2:3', 'udp:1:10.0.2.256:2'])('leads nowhere in "%s"', (text) => {
    expect(readForward(text)).toBeUndefined();
  });

  it('names addresses and networks', () => {
    expect([readAddress('10.0.2.15'), readAddress('10.0.2'), readAddress('1.2.3.400')]).toEqual([
      0x0a00020f,
      undefined,
      undefined,
    ]);
    expect([readSubnet('192.168.0.0/16'), readSubnet('10.0.2.0'), readSubnet('10.0.2.0/x')]).toEqual([
      [0xc0a80000, 16],
      undefined,
      undefined,
    ]);
    expect(NET.firstLease).toBe(0x0a00020f);
  });
});
