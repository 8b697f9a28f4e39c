import { describe, expect, it } from 'vitest';
import { NOBODY } from '../../../core/bus/registers.ts';
import { DeviceWindow } from '../../../core/bus/window.ts';
import { FwCfg, littleEndian } from '../../../core/devices/fw-cfg.ts';
import { deviceContract, randoms } from '../../support/device-contract.ts';
import { have } from '../../support/oracles.ts';
import { type RegisterAccess, replayInQemu } from '../../support/qemu-registers.ts';

const BASE = 0x0902_0000;
const RAM = 0x4100_0000;
const RAM_SIZE = 0x1000;

/** A value as a big-endian register takes it from a little-endian guest. */
const be = (value: number) => new DataView(Int32Array.of(value).buffer).getUint32(0);
const be16 = (value: number) => be(value) >>> 16;
const bytesOf = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

function fwCfg(contents = { items: { 5: littleEndian(1, 2) }, files: [] as { name: string; bytes: Uint8Array }[] }) {
  const ram = new Uint8Array(RAM_SIZE);
  const inside = (address: number, length: number) => address >= RAM && address + length <= RAM + RAM_SIZE;
  const memory = {
    read: (address: number, length: number) =>
      inside(address, length) ? ram.slice(address - RAM, address - RAM + length) : undefined,
    write: (address: number, bytes: Uint8Array) => {
      if (inside(address, bytes.length)) ram.set(bytes, address - RAM);
      return inside(address, bytes.length);
    },
  };
  const device = new FwCfg(memory, contents);
  const window = new DeviceWindow('fw-cfg', device);
  const word = (address: number) => new DataView(ram.buffer).getUint32(address - RAM, true);
  /** Runs a DMA request with its descriptor at the start of RAM and its data at +0x100; returns the control word afterwards. */
  const dma = (control: number, length: number, address = RAM + 0x100) => {
    const view = new DataView(ram.buffer);
    for (const [i, value] of [control, length, 0, address].entries()) view.setUint32(4 * i, value);
    window.write(0x10, 4, 0, NOBODY);
    window.write(0x14, 4, be(RAM), NOBODY);
    return view.getUint32(0);
  };
  const select = (key: number) => window.write(8, 2, be16(key), NOBODY);
  const text = (length: number) => String.fromCharCode(...Array.from({ length }, () => window.read(0, 1, NOBODY)));
  return { ram, device, window, word, dma, select, text };
}

describe('fw_cfg', () => {
  describe('as a device', () => {
    deviceContract(() => fwCfg().device, { volatile: ['Data'] });
  });

  it('gives the signature, by bytes or words, and zeros after an item', () => {
    const { window, select, text } = fwCfg();
    select(0);
    expect(text(5)).toBe('QEMU\0');
    select(0);
    expect(window.read(0, 4, NOBODY)).toBe(0x554d4551);
  });

  it('lists the files it was given in order of name, and gives their content', () => {
    const { select, text } = fwCfg({
      items: { 5: littleEndian(4, 2) },
      files: [
        { name: 'opt/b', bytes: bytesOf('bee') },
        { name: 'opt/a', bytes: bytesOf('a') },
      ],
    });
    select(0x19);
    expect(text(4)).toBe('\0\0\0\x02');
    expect(text(64)).toBe(`\0\0\0\x01\0\x20\0\0opt/a${'\0'.repeat(51)}`);
    expect(text(13)).toBe('\0\0\0\x03\0\x21\0\0opt/b');
    select(0x21);
    expect(text(4)).toBe('bee\0');
    select(5);
    expect(text(2)).toBe('\x04\0');
  });

  it('selects, skips and reads by DMA', () => {
    const { ram, dma } = fwCfg({ items: { 5: littleEndian(1, 2) }, files: [{ name: 'f', bytes: bytesOf('0123456789') }] });
    expect(dma(0x0020_000c, 3)).toBe(0);
    expect(dma(2, 4)).toBe(0);
    expect(String.fromCharCode(...ram.slice(0x100, 0x104))).toBe('3456');
    expect(dma(2, 8)).toBe(0);
    expect(String.fromCharCode(...ram.slice(0x100, 0x108))).toBe('789\0\0\0\0\0');
  });

  it('marks a request that reaches no memory, or writes, as failed', () => {
    const { dma } = fwCfg();
    expect(dma(0x0000_000a, 4, 0xf000_0000)).toBe(1);
    expect(dma(0x0000_000a, 0xffff_ffff)).toBe(1);
    expect(dma(0x0000_0018, 4)).toBe(1);
  });

  it('ignores a request whose descriptor is nowhere', () => {
    const { device, window } = fwCfg();
    window.write(0x14, 4, be(0x1000), NOBODY);
    expect(device.save()).toEqual({ key: 0, offset: 0, dmaHigh: 0 });
  });

  it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc'))('answers random selections, reads and DMA as QEMU does', () => {
    const { window, word, ram } = fwCfg();
    const accesses = requests(randoms(7), 600);
    const ours = accesses.map(({ address, width, write }) => {
      if (address >= RAM && write === undefined) return word(address);
      if (address >= RAM) new DataView(ram.buffer).setUint32(address - RAM, write as number, true);
      else if (write === undefined) return window.read(address - BASE, width, NOBODY);
      else window.write(address - BASE, width, write, NOBODY);
      return 0;
    });
    const theirs = replayInQemu(['-M', 'virt'], accesses);
    const different = accesses.flatMap((access, i) =>
      ours[i] === theirs[i] ? [] : [{ i, access, ours: ours[i], theirs: theirs[i] }],
    );
    expect(different.slice(0, 5)).toEqual([]);
  });
});

/** On the items that depend on no option: signature, ID, number of cores, and keys that do not exist. (The files are QEMU's own.) */
function requests(random: () => number, count: number): RegisterAccess[] {
  const accesses: RegisterAccess[] = [];
  const put = (address: number, write: number, width: 1 | 2 | 4 = 4) => accesses.push({ address, width, write });
  for (let i = 0; i < count; i++) {
    const key = [0, 1, 5, 0x17, 0x1f, 0x7777, 0x4000, 0x8000][random() % 8] as number;
    if (random() % 2 === 0) {
      put(BASE + 8, be16(key), 2);
      for (let n = random() % 4; n >= 0; n--)
        accesses.push({ address: BASE, width: ([1, 2, 4] as const)[random() % 3] as 1 | 2 | 4 });
      continue;
    }
    const control = (key << 16) | (random() & 0x0e) | (random() % 8 === 0 ? 0x10 : 0);
    const target = random() % 8 === 0 ? 0xf000_0000 : RAM + 0x100;
    for (const [word, value] of [control, random() % 12, 0, target].entries()) put(RAM + 4 * word, be(value));
    for (const word of [0, 1, 2]) put(RAM + 0x100 + 4 * word, random());
    put(BASE + 0x10, 0);
    put(BASE + 0x14, be(RAM));
    for (const at of [0, 4, 8, 12, 0x100, 0x104, 0x108]) accesses.push({ address: RAM + at, width: 4 });
    accesses.push({ address: BASE, width: 4 }, { address: BASE + 0x10, width: 4 });
  }
  return accesses;
}
