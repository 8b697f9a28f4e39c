import { describe, expect, it } from 'vitest';
import { type Disk, VirtioBlock } from '../../../../core/devices/virtio/block.ts';
import { get32, put32, put64 } from '../../../../core/devices/virtio/dma.ts';
import { randoms } from '../../../support/device-contract.ts';
import { Bench, type RingOptions, WAYS } from '../../../support/virtio-driver.ts';

const SIZE = 0x10_0000;

class MemoryDisk implements Disk {
  readonly size = SIZE;
  readonly bytes = new Uint8Array(SIZE);
  readonly readOnly: boolean;
  readonly identity = 'the disk of this test, with a long name';
  readonly calls: string[] = [];
  fails = false;

  constructor(readOnly = false) {
    this.readOnly = readOnly;
    for (let i = 0; i < SIZE; i++) this.bytes[i] = (i >>> 9) ^ i;
  }

  read(offset: number, into: Uint8Array) {
    into.set(this.bytes.subarray(offset, offset + into.length));
    return { ok: !this.fails };
  }

  write(offset: number, bytes: Uint8Array) {
    if (offset + bytes.length > SIZE || this.readOnly) throw new RangeError('outside');
    this.bytes.set(bytes, offset);
    return { ok: !this.fails };
  }

  discard(offset: number, length: number) {
    this.calls.push(`discard ${offset} ${length}`);
    return { ok: true };
  }

  writeZeroes(offset: number, length: number, mayUnmap?: boolean) {
    this.calls.push(`zero ${offset} ${length} ${mayUnmap}`);
    this.bytes.fill(0, offset, offset + length);
    return { ok: true };
  }

  flush() {
    this.calls.push('flush');
    return { ok: !this.fails };
  }
}

const header = (type: number, sector: number): Uint8Array => {
  const bytes = new Uint8Array(16);
  put32(bytes, 0, type);
  put64(bytes, 8, sector);
  return bytes;
};

function bench(disk = new MemoryDisk(), options: RingOptions = {}) {
  const made = new Bench(new VirtioBlock(disk), options).start();
  /** A request with data to write or room to read; its status, and how much was written to memory. */
  const ask = (type: number, sector: number, data: Uint8Array | number = 0) => {
    const room = typeof data === 'number' ? data : 0;
    const into = made.writable(room);
    const status = made.writable(1);
    const first = made.readable(header(type, sector));
    const out = typeof data === 'number' ? [] : [made.readable(data)];
    const used = made.request(0, [first, ...out, ...(room > 0 ? [into] : []), status]);
    return { status: made.bytes(status)[0], written: used?.length, bytes: made.bytes(into) };
  };
  return { made, ask, disk };
}

describe('virtio-blk', () => {
  it.each(WAYS)('reads and writes sectors over a %s', (_name, options) => {
    const { ask, disk } = bench(undefined, options);
    const random = randoms(5);
    for (let round = 0; round < 40; round++) {
      const sector = random() % 2000;
      const data = Uint8Array.from({ length: 512 * (1 + (random() % 3)) }, () => random());
      expect(ask(1, sector, data)).toMatchObject({ status: 0, written: 1 });
      expect(disk.bytes.slice(512 * sector, 512 * sector + data.length)).toEqual(data);
      const read = ask(0, sector, data.length);
      expect(read).toMatchObject({ status: 0, written: data.length + 1 });
      expect(read.bytes).toEqual(data);
    }
  });

  it('tells its capacity and limits (section 5.2.4)', () => {
    const { made } = bench();
    expect([made.config(0, 4), made.config(4, 4), made.config(12, 4), made.config(20, 4)]).toEqual([SIZE / 512, 0, 254, 512]);
    expect(made.config(34, 2)).toBe(1);
    expect(made.get('DeviceID')).toBe(2);
  });

  it('refuses sectors beyond the end, and lengths that are no sectors', () => {
    const { ask, disk } = bench();
    const before = disk.bytes.slice();
    expect(ask(0, 2048, 512).status).toBe(1);
    expect(ask(0, 2047, 1024).status).toBe(1);
    expect(ask(0, 2 ** 52, 512).status).toBe(1);
    expect(ask(0, 0, 511).status).toBe(1);
    expect(ask(1, 2047, new Uint8Array(1024)).status).toBe(1);
    expect(ask(1, 2 ** 55, new Uint8Array(512)).status).toBe(1);
    expect(Buffer.compare(disk.bytes, before)).toBe(0);
  });

  it('says the identity, 20 characters of it', () => {
    const { bytes, status } = bench().ask(8, 0, 20);
    expect([String.fromCharCode(...bytes), status]).toEqual(['the disk of this tes', 0]);
  });

  it('flushes, discards and writes zeroes', () => {
    const { ask, disk } = bench();
    const range = (sector: number, count: number, flags: number) => {
      const bytes = new Uint8Array(16);
      put64(bytes, 0, sector);
      put32(bytes, 8, count);
      put32(bytes, 12, flags);
      return bytes;
    };
    expect(ask(4, 0).status).toBe(0);
    expect(ask(11, 0, Uint8Array.of(...range(2, 3, 0), ...range(9, 1, 0))).status).toBe(0);
    expect(ask(13, 0, range(4, 2, 1)).status).toBe(0);
    expect(disk.calls).toEqual(['flush', 'discard 1024 1536', 'discard 4608 512', 'zero 2048 1024 true']);
    expect(ask(11, 0, range(2, 3, 1)).status).toBe(2);
    expect(ask(13, 0, range(2047, 2, 0)).status).toBe(1);
    expect(ask(13, 0, new Uint8Array(15)).status).toBe(1);
    expect(ask(13, 0, new Uint8Array(17 * 16)).status).toBe(1);
    expect(disk.calls).toHaveLength(4);
  });

  it('answers what it does not know with UNSUPP', () => {
    const { ask } = bench();
    expect([ask(2, 0, 512).status, ask(0x1234, 0).status]).toEqual([2, 2]);
  });

  it('never writes a read-only disk, and says so', () => {
    const { ask, made } = bench(new MemoryDisk(true));
    expect(made.offered() & (1n << 5n)).not.toBe(0n);
    expect(ask(1, 0, new Uint8Array(512)).status).toBe(1);
    expect(ask(13, 0, new Uint8Array(16)).status).toBe(1);
    expect(ask(0, 0, 512).status).toBe(0);
  });

  it("passes the storage's failures on", () => {
    const { ask, disk } = bench();
    disk.fails = true;
    expect([ask(0, 0, 512).status, ask(1, 0, new Uint8Array(512)).status, ask(4, 0).status]).toEqual([1, 1, 1]);
  });

  it('needs a reset after a request without header or status, and works after it', () => {
    const { made, ask } = bench();
    made.add(0, [made.readable(new Uint8Array(16))]);
    made.kick(0);
    expect(made.wait(0)).toEqual([]);
    expect(made.get('Status') & 0x40).toBe(0x40);
    expect(made.transport.broken).toBe('a block request without header or status');
    made.start();
    expect(made.get('Status')).toBe(0xf);
    expect(ask(0, 0, 512).status).toBe(0);
  });

  it('takes requests in pieces of any size', () => {
    const { made } = bench();
    const head = header(1, 7);
    const pieces = [head.slice(0, 5), head.slice(5), new Uint8Array(100).fill(1), new Uint8Array(412).fill(2)];
    const status = made.writable(1);
    made.request(0, [...pieces.map((piece) => made.readable(piece)), status]);
    expect(made.bytes(status)[0]).toBe(0);
    const back = made.writable(300);
    const rest = made.writable(213);
    made.request(0, [made.readable(header(0, 7)), back, rest]);
    expect([made.bytes(back)[99], made.bytes(back)[100], made.bytes(rest)[211], made.bytes(rest)[212]]).toEqual([1, 2, 2, 0]);
  });

  it('takes time for what it moves', () => {
    const { made } = bench();
    const start = made.clock.now();
    for (let i = 0; i < 5; i++) made.add(0, [made.readable(header(0, 0)), made.writable(65536), made.writable(1)]);
    made.kick(0);
    expect(made.wait(0, 1000)).toHaveLength(2); // the first two are worth more than a batch
    expect(made.wait(0, 35_000)).toHaveLength(0);
    expect(made.wait(0, 1000)).toHaveLength(2);
    expect(made.wait(0, 40_000)).toHaveLength(1);
    expect(made.clock.now() - start).toBe(77_000);
    expect(get32(made.memory.bytes, 0)).not.toBe(0);
  });
});
