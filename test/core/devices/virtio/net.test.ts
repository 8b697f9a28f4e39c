import { describe, expect, it } from 'vitest';
import { put16, put32 } from '../../../../core/devices/virtio/dma.ts';
import { VirtioNet } from '../../../../core/devices/virtio/net.ts';
import { Bench, type RingOptions, WAYS } from '../../../support/virtio-driver.ts';

const MAC = Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56);
const MERGEABLE = 1n << 15n;
const CONTROL = (1n << 17n) | (1n << 18n) | (1n << 19n) | (1n << 20n) | (1n << 23n);

function bench(options: RingOptions = {}, mtu?: number) {
  const sent: Uint8Array[] = [];
  const seen = { receive: (_frame: Uint8Array) => {} };
  const port = {
    send: (frame: Uint8Array) => sent.push(frame),
    onReceive: (listener: (frame: Uint8Array) => void) => {
      seen.receive = listener;
    },
  };
  const device = new VirtioNet(port, mtu === undefined ? { mac: MAC } : { mac: MAC, mtu });
  const made = new Bench(device, options).start();
  const header = options.legacy === true && ((options.features ?? 0n) & MERGEABLE) === 0n ? 10 : 12;
  const command = (kind: number, what: number, data: Uint8Array): number | undefined => {
    const ack = made.writable(1);
    made.request(2, [made.readable(Uint8Array.of(kind, what)), made.readable(data), ack]);
    return made.bytes(ack)[0];
  };
  return { made, sent, header, command, receive: (frame: Uint8Array) => seen.receive(frame) };
}

/** A frame to an address, with `length` bytes that tell it from others. */
const frameTo = (to: ArrayLike<number>, length = 60, mark = 0): Uint8Array => {
  const frame = Uint8Array.from({ length }, (_, i) => i + mark);
  frame.set(Uint8Array.from(to));
  frame.set([8, 0], 12);
  return frame;
};

const [GROUP, OTHER, ALL] = [
  [1, 0, 0x5e, 0, 0, 1],
  [2, 0, 0, 0, 0, 9],
  [255, 255, 255, 255, 255, 255],
] as const;

describe('virtio-net', () => {
  it.each(WAYS)('sends and receives frames over a %s', (_name, options) => {
    const { made, sent, header, receive } = bench(options);
    for (let i = 0; i < 50; i++) {
      const frame = frameTo(OTHER, 14 + 29 * i, i);
      made.request(1, [made.readable(new Uint8Array(header)), made.readable(frame)]);
      expect(sent.at(-1)).toEqual(frame);
      const buffer = made.writable(1526);
      made.add(0, [buffer]);
      made.kick(0);
      expect(made.wait(0)).toEqual([]);
      receive(frame);
      expect(made.wait(0)[0]?.length).toBe(header + frame.length);
      expect(made.bytes(buffer).slice(header, header + frame.length)).toEqual(frame);
      expect(made.bytes(buffer).slice(0, header)).toEqual(Uint8Array.from({ length: header }, (_, k) => Number(k === 10)));
    }
    expect(sent).toHaveLength(50);
  });

  it('tells address, link and MTU (section 5.1.4)', () => {
    const { made } = bench({}, 9000);
    expect(Array.from({ length: 6 }, (_, i) => made.config(i, 1))).toEqual([...MAC]);
    expect([made.config(6, 2), made.config(10, 2), made.offered() & 8n]).toEqual([1, 9000, 8n]);
    made.device.link(false);
    expect([made.config(6, 2), made.get('InterruptStatus')]).toEqual([0, 2]);
    expect(bench().made.offered() & 8n).toBe(0n);
  });

  it('spreads a frame over mergeable buffers, or none of it (section 5.1.6.4)', () => {
    const { made, receive } = bench({ features: MERGEABLE }, 9000);
    const frame = frameTo(MAC, 5000, 3);
    const buffers = [2000, 2000, 2000].map((length) => made.writable(length));
    made.add(0, [buffers[0]!]);
    made.add(0, [buffers[1]!]);
    receive(frame);
    expect(made.wait(0)).toEqual([]);
    made.add(0, [buffers[2]!]);
    made.kick(0);
    expect(made.wait(0).map(({ length }) => length)).toEqual([2000, 2000, 1012]);
    const bytes = buffers.flatMap((buffer) => [...made.bytes(buffer)]);
    expect(bytes[10]).toBe(3);
    expect(Uint8Array.from(bytes.slice(12, 5012))).toEqual(frame);
  });

  it('drops a frame that the next buffer is too small for, and keeps the buffer', () => {
    const { made, receive } = bench();
    const buffer = made.writable(100);
    made.add(0, [buffer]);
    receive(frameTo(MAC, 200));
    receive(frameTo(MAC, 60));
    expect(made.wait(0).map(({ length }) => length)).toEqual([72]);
    expect(made.device.lost).toBe(1);
  });

  it('keeps frames while there is no buffer, 256 of them', () => {
    const { made, receive } = bench();
    for (let i = 0; i < 300; i++) receive(frameTo(MAC, 60, i));
    expect(made.device.lost).toBe(44);
    const buffer = made.writable(100);
    made.add(0, [buffer]);
    made.kick(0);
    expect(made.wait(0)).toHaveLength(1);
    expect(made.bytes(buffer)[12 + 20]).toBe(20);
  });

  it('takes no frames for a driver that is not there, and forgets them at a reset', () => {
    const { made, receive } = bench();
    receive(frameTo(MAC));
    made.start();
    made.set('Status', 0xb);
    made.set('Status', 0);
    receive(frameTo(MAC));
    made.start();
    made.add(0, [made.writable(100)]);
    made.kick(0);
    expect(made.wait(0)).toEqual([]);
  });

  it('sends nothing that is no Ethernet frame, and needs a reset after one without header', () => {
    const { made, sent } = bench();
    for (const length of [0, 13, 1519, 9000]) made.request(1, [made.readable(new Uint8Array(12 + length))]);
    expect(sent).toEqual([]);
    made.request(1, [made.readable(new Uint8Array(11))]);
    expect(made.get('Status') & 0x40).toBe(0x40);
  });

  it('filters as the control queue says (section 5.1.6.5)', () => {
    const { made, command, receive } = bench({ features: CONTROL, size: 256 });
    const passes = (to: ArrayLike<number>, type: readonly number[] = [8, 0]): boolean => {
      const frame = frameTo(to);
      frame.set(type, 12);
      made.add(0, [made.writable(100)]);
      made.kick(0);
      receive(frame);
      return made.wait(0).length === 1;
    };
    const kinds = [MAC, OTHER, GROUP, ALL];
    const through = () => kinds.map((to) => Number(passes(to))).join('');
    expect(through()).toBe('1111');
    const steps: [number, number[], string][] = [
      [0, [0], '1001'], // not promiscuous
      [1, [1], '1011'],
      [3, [1], '1001'], // no multicast beats all of it
      [3, [0], '1011'],
      [1, [0], '1001'],
      [2, [1], '1101'],
      [4, [1], '0001'],
      [4, [0], '1101'],
      [5, [1], '1100'],
      [2, [0], '1000'],
    ];
    for (const [mode, data, expected] of steps) {
      expect(command(0, mode, Uint8Array.from(data))).toBe(0);
      expect([mode, data, through()]).toEqual([mode, data, expected]);
    }
    const table = Uint8Array.of(1, 0, 0, 0, ...OTHER, 1, 0, 0, 0, ...GROUP);
    expect(command(1, 0, table)).toBe(0);
    expect(through()).toBe('1110');
    expect(command(1, 1, Uint8Array.from(OTHER))).toBe(0);
    expect(made.config(0, 1)).toBe(2);
    expect(passes(MAC, [0x81, 0, 0, 5])).toBe(false);
    const vlan = new Uint8Array(2);
    put16(vlan, 0, 5);
    expect(passes(OTHER, [0x81, 0, 0x40, 5])).toBe(false);
    expect(command(2, 0, vlan)).toBe(0);
    expect(passes(OTHER, [0x81, 0, 0x40, 5])).toBe(true);
    expect(command(2, 1, vlan)).toBe(0);
    expect(passes(OTHER, [0x81, 0, 0x40, 5])).toBe(false);
  });

  it('lets all through for a table that is too long, and refuses what is not well formed', () => {
    const { command } = bench({ features: CONTROL });
    const long = new Uint8Array(8 + 6 * 65);
    put32(long, 0, 65);
    expect(command(1, 0, long)).toBe(0);
    for (const [kind, what, data] of [
      [0, 0, [1, 2]],
      [0, 6, [1]],
      [1, 0, [1, 0, 0, 0, 1]],
      [1, 0, [255, 255, 255, 255, 0, 0, 0, 0]],
      [1, 1, [1, 2, 3]],
      [1, 2, [0]],
      [2, 0, [0, 0x10]],
      [2, 2, [0, 0]],
      [4, 0, [1, 0]],
      [77, 0, [1]],
    ] as const) {
      expect([kind, what, command(kind, what, Uint8Array.from(data))]).toEqual([kind, what, 1]);
    }
  });

  it('keeps frames, filter and address in its state', () => {
    const { made, command, receive } = bench({ features: CONTROL });
    command(0, 0, Uint8Array.of(0));
    command(1, 1, Uint8Array.from(OTHER));
    receive(frameTo(OTHER, 80, 7));
    const saved = made.transport.save();
    made.transport.reset();
    expect(made.config(0, 1)).toBe(0x52);
    made.transport.load(saved);
    expect(made.config(0, 1)).toBe(2);
    expect(made.transport.save()).toEqual(saved);
    made.add(0, [made.writable(100)]);
    made.kick(0);
    expect(made.wait(0)).toEqual([{ id: 0, length: 92 }]);
    receive(frameTo(MAC));
    made.add(0, [made.writable(100)]);
    expect(made.wait(0)).toEqual([]);
  });
});
