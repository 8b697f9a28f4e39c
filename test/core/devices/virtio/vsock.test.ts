import { describe, expect, it } from 'vitest';
import { VirtioVsock } from '../../../../core/devices/virtio/vsock.ts';
import { OP, packetBytes, readPacket, type VsockPacket } from '../../../../core/devices/virtio/vsock-packet.ts';
import { VsockSwitch } from '../../../../core/devices/virtio/vsock-switch.ts';
import { Bench, type RingOptions, WAYS } from '../../../support/virtio-driver.ts';

/** A guest on the switch that sends packets, and looks at what it got. */
function guest(cid: number, network: VsockSwitch, options: RingOptions = {}) {
  const device = new VirtioVsock(cid, network);
  expect(network.connect(cid, device)).toBe(true);
  const made = new Bench(device, options).start();
  const send = (packet: Partial<VsockPacket>) =>
    made.request(1, [made.readable(packetBytes({ ...PACKET, from: cid, ...packet }))]);
  const take = (room = 1000): VsockPacket | undefined => {
    const buffer = made.writable(44 + room);
    made.add(0, [buffer]);
    made.kick(0);
    const [used] = made.wait(0);
    return used === undefined ? undefined : readPacket(made.bytes(buffer).slice(0, used.length));
  };
  return { made, send, take };
}

const PACKET: VsockPacket = {
  from: 3,
  to: 4,
  fromPort: 1000,
  toPort: 80,
  type: 1,
  op: OP.REQUEST,
  flags: 0,
  bufAlloc: 0x4_0000,
  fwdCnt: 0,
  data: new Uint8Array(),
};
const text = (words: string) => Uint8Array.from(words, (character) => character.charCodeAt(0));

describe('virtio-vsock', () => {
  it.each(WAYS)('carries a stream between two guests over a %s', (_name, options) => {
    const network = new VsockSwitch();
    const [a, b] = [guest(3, network, options), guest(4, network, options)];
    expect([a.made.config(0, 4), b.made.config(0, 4)]).toEqual([3, 4]);
    a.send({});
    expect(b.take()).toEqual(PACKET);
    b.send({ to: 3, fromPort: 80, toPort: 1000, op: OP.RESPONSE });
    expect(a.take()).toMatchObject({ from: 4, op: OP.RESPONSE, bufAlloc: 0x4_0000 });
    for (let i = 0; i < 20; i++) {
      a.send({ op: OP.RW, data: text(`message ${i}`) });
      expect(b.take()).toMatchObject({ op: OP.RW, data: text(`message ${i}`) });
      b.send({ to: 3, fromPort: 80, toPort: 1000, op: OP.CREDIT_UPDATE, fwdCnt: 9 * i });
      expect(a.take()).toMatchObject({ op: OP.CREDIT_UPDATE, fwdCnt: 9 * i });
    }
  });

  it('gives a packet in as many buffers as it needs', () => {
    const network = new VsockSwitch();
    const [a, b] = [guest(3, network), guest(4, network)];
    a.send({ op: OP.RW, data: text('0123456789') });
    expect([b.take(4)?.data, b.take(4)?.data, b.take(4)?.data, b.take(4)]).toEqual([
      text('0123'),
      text('4567'),
      text('89'),
      undefined,
    ]);
  });

  it('answers for those that are not there, or not ready, with RST', () => {
    const network = new VsockSwitch();
    const [a, b] = [guest(3, network), guest(4, network)];
    for (const to of [2, 0, 1, 77, 2 ** 40]) {
      a.send({ to });
      expect(a.take()).toMatchObject({ from: to, to: 3, fromPort: 80, toPort: 1000, op: OP.RST });
    }
    b.made.set('Status', 0);
    a.send({});
    expect(a.take()?.op).toBe(OP.RST);
    a.send({ type: 2 });
    expect(a.take()).toMatchObject({ type: 2, op: OP.RST });
    a.send({ op: OP.RST });
    expect(a.take()).toBeUndefined();
  });

  it('lets nobody speak under the id of another', () => {
    const network = new VsockSwitch();
    const [a, b] = [guest(3, network), guest(4, network)];
    a.send({ from: 5 });
    expect([a.take(), b.take()]).toEqual([undefined, undefined]);
    expect(network.connect(4, a.made.device)).toBe(false);
  });

  it('does not let one sender stall or fill up another guest', () => {
    const network = new VsockSwitch();
    const [a, b, c] = [guest(3, network), guest(4, network), guest(5, network)];
    for (let i = 0; i < 300; i++) a.send({ op: OP.RW, data: new Uint8Array(8000) });
    expect(a.take()).toMatchObject({ from: 4, op: OP.RST });
    c.send({ data: text('hello') });
    let found: VsockPacket | undefined = b.take(9000);
    let count = 0;
    for (; found !== undefined && found.from === 3; found = b.take(9000)) count++;
    expect(count).toBe(131); // a MiB of 8000 bytes each
    expect(found).toMatchObject({ from: 5, data: text('hello') });
  });

  it('needs a reset after a packet whose length is wrong', () => {
    const { made } = guest(3, new VsockSwitch());
    made.request(1, [made.readable(packetBytes({ ...PACKET, data: text('x') }).slice(0, 44))]);
    expect(made.get('Status') & 0x40).toBe(0x40);
  });

  it('keeps waiting packets in its state', () => {
    const network = new VsockSwitch();
    const [a, b] = [guest(3, network), guest(4, network)];
    a.send({ data: text('kept') });
    const saved = b.made.transport.save();
    b.made.transport.reset();
    b.made.transport.load(saved);
    expect(b.made.transport.save()).toEqual(saved);
    expect(b.take()?.data).toEqual(text('kept'));
  });
});
