import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../core/bus/clock.ts';
import { NOBODY } from '../../../core/bus/registers.ts';
import { bootMachine } from '../../../core/machine/boot.ts';
import { parseDts } from '../../../core/machine/devicetree/dts-parser.ts';
import { Machine } from '../../../core/machine/machine.ts';
import { Networks } from '../../../core/machine/networks.ts';
import { ALL, frame } from '../net/rig.ts';
import { elf, filesWith } from './rig.ts';

const treeOf = (text: string) => parseDts('a.dts', filesWith({ 'a.dts': `/dts-v1/;\n/ {\n${text}\n};\n` }));
const boardWith = (text: string) =>
  parseDts('boards/virt/test.dts', filesWith({ 'boards/virt/test.dts': `#include "board.dts"\n/ {\n${text}\n};\n` }));

const LAN = `lan { compatible = "partita,switch"; partita,latency-ns = <500>;
  a { partita,vlan = <10>; partita,capture = "a.pcap"; partita,rate = <1 0>; partita,burst = <2000>; };
  b { partita,trunk = <10 20>; };
  c { partita,vlan = <20>; local-mac-address = [02 00 00 00 00 03]; };
  d { status = "disabled"; };
};`;
const DEVICES = ['a', 'b', 'c'].map((port) => `dev-${port} { partita,network = "lan"; partita,port = "${port}"; };`).join('\n');

describe('a switch of the description', () => {
  it('has the ports that its children are, as they say', () => {
    const { root } = treeOf(`${LAN} ${DEVICES}`);
    const [clock, written, seen] = [new VirtualClock(), [] as number[], [] as string[]];
    const networks = new Networks(root, (name) => (bytes) => written.push(name.length, bytes.length));
    const plugs = ['a', 'b', 'c'].map((port) => networks.plug(root.find(`/dev-${port}`) ?? root, clock));
    for (const [i, plug] of plugs.entries())
      plug?.cable.onReceive((bytes) => seen.push(`${'abc'[i]} ${bytes.length} at ${clock.now()}`));
    expect(plugs.map((plug) => plug?.mac?.[5])).toEqual([undefined, undefined, 3]);
    plugs[0]?.cable.send(frame(1, ALL));
    plugs[2]?.cable.send(frame(3, ALL));
    plugs[2]?.cable.send(frame(4, ALL));
    clock.advance(1000);
    expect(seen).toEqual(['b 64 at 500', 'b 64 at 500']);
    expect(written).toEqual([6, 24, 6, 76]);
    expect(networks.parts.map(({ path }) => path)).toEqual(['/lan']);
  });

  it('without ports has one for each device', () => {
    const { root } = treeOf(
      'lan { compatible = "partita,switch"; }; x { partita,network = "lan"; }; y { partita,network = "lan"; };',
    );
    const [clock, seen] = [new VirtualClock(), [] as number[]];
    const networks = new Networks(root);
    const [x, y] = ['/x', '/y'].map((path) => networks.plug(root.find(path) ?? root, clock));
    y?.cable.onReceive((bytes) => seen.push(bytes.length));
    x?.cable.send(frame(1, 2));
    clock.advance(1e6);
    expect(seen).toEqual([60]);
  });

  it.each([
    [
      'lan { compatible = "partita,switch"; }; s { lan { compatible = "partita,switch"; }; };',
      /the switch \/lan has the same name/,
    ],
    ['lan { compatible = "partita,switch"; partita,latency-ns = <0>; };', /'partita,latency-ns' is 0/],
    ['lan { compatible = "partita,switch"; a { partita,vlan = <0>; }; };', /a\.dts:3:.*names VLAN 0.*1 to 4094/],
    ['lan { compatible = "partita,switch"; a { partita,trunk = <1 4095>; }; };', /names VLAN 4095/],
    ['lan { compatible = "partita,switch"; a { partita,rate = <10>; }; };', /is no rate/],
    ['lan { compatible = "partita,switch"; a { partita,rate = <10000>; partita,burst = <100>; }; };', /is 100.*1518 or more/],
    ['lan { compatible = "partita,switch"; a { local-mac-address = [01 00 00 00 00 01]; }; };', /is no address of one device/],
  ])('is an error if it is wrong: %s', (text, message) => {
    expect(() => new Networks(treeOf(text).root)).toThrow(message);
  });

  it.each([
    ['x { partita,network = "lan"; };', /'partita,port' is missing/],
    ['x { partita,network = "lan"; partita,port = "d"; };', /names "d", which \/lan does not have.*a or b or c/],
    ['x { partita,network = "hub"; partita,port = "d"; };', /names "d", and the switch has no ports/],
    ['x { partita,network = "lan"; partita,port = "a"; };', /port "a" of \/lan has a device already/],
  ])('is an error for a device that is wrong: %s', (text, message) => {
    const { root } = treeOf(`${LAN} ${DEVICES} hub { compatible = "partita,switch"; }; ${text}`);
    const [networks, clock] = [new Networks(root), new VirtualClock()];
    networks.plug(root.find('/dev-a') ?? root, clock);
    expect(() => networks.plug(root.find('/x') ?? root, clock)).toThrow(message);
  });
});

const NICS = `${LAN}
  virtio_mmio@a000000 { partita,virtio = "net"; partita,network = "lan"; partita,port = "a"; };
  virtio_mmio@a000200 { partita,virtio = "net"; partita,network = "lan"; partita,port = "c"; };`;

it("a machine's switches are part of its state, and a device has its port's address", () => {
  const machine = new Machine(boardWith(NICS), { virtualization: false });
  expect(machine.networks.parts[0]?.device.save()).toMatchObject({ learned: [] });
  expect(Object.keys(machine.save())).toContain('/lan');
  const mac = (base: number) => [0, 1, 2, 3, 4, 5].map((i) => machine.map.read(base + 0x100 + i, 1, NOBODY));
  expect(mac(0x0a00_0200)).toEqual([2, 0, 0, 0, 0, 3]);
  expect(mac(0x0a00_0000)).toEqual([0x52, 0x54, 0, 0x12, 0x34, 0x56]);
});

it('a guest is not told of switches', () => {
  const machine = bootMachine(boardWith(NICS), {
    image: elf([0xeafffffe], 0x4400_0000),
    firmware: false,
    el: 'svc',
  });
  const text = Buffer.from(machine.map.dump(0x4000_0000, 0x4000) ?? []).toString('latin1');
  expect(text).toContain('virtio,mmio');
  expect(text).not.toMatch(/partita,|\0lan\0/);
});
