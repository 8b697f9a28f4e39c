import { describe, expect, it } from 'vitest';
import { AddressMap } from '../../../core/bus/address-map.ts';
import { Arena } from '../../../core/bus/memory.ts';
import { NOBODY } from '../../../core/bus/registers.ts';
import type { Width } from '../../../core/bus/window.ts';
import { addFlash, FLASH_BLOCK } from '../../../core/devices/cfi-flash.ts';
import { randoms } from '../../support/device-contract.ts';
import { have } from '../../support/oracles.ts';
import { type RegisterAccess, replayInQemu } from '../../support/qemu-registers.ts';

const SIZE = 0x400_0000;
const BASE = 0x400_0000;
const READY = 0x0080_0080;

function bank(size = 4 * FLASH_BLOCK) {
  const map = new AddressMap(new Arena(new ArrayBuffer(size)));
  const { flash, region } = addFlash(map, 'flash', BASE, size);
  const read = (offset: number, width: Width = 4) => map.read(BASE + offset, width, NOBODY);
  const write = (offset: number, value: number, width: Width = 4) => map.write(BASE + offset, width, value, NOBODY);
  const commands = (...cycles: [number, number][]) => {
    for (const [offset, value] of cycles) write(offset, value);
  };
  const erase = (offset: number) => commands([offset, 0x200020], [offset, 0xd000d0]);
  const array = () => write(0, 0xff00ff);
  return { map, flash, region, read, write, commands, erase, array };
}

describe('CFI flash', () => {
  it('is read directly, and answers itself only outside read-array mode', () => {
    const { map, region, read, write, array } = bank();
    let remapped = 0;
    map.onRemapped(() => remapped++);
    expect([region.direct, read(0x40)]).toEqual([true, 0]);
    write(0, 0x980098);
    expect([region.direct, read(0x40), read(0x44), read(0x48)]).toEqual([false, 0x510051, 0x520052, 0x590059]);
    array();
    expect([region.direct, read(0x40), remapped]).toEqual([true, 0, 2]);
  });

  it('erases the block at the confirmation, and only that block', () => {
    const { read, write, erase, array, commands } = bank();
    commands([FLASH_BLOCK, 0x200020], [FLASH_BLOCK, 0xff00ff]);
    expect(read(FLASH_BLOCK)).toBe(0);
    erase(FLASH_BLOCK + 0x1234);
    expect(read(0)).toBe(READY);
    array();
    expect([read(FLASH_BLOCK - 4), read(FLASH_BLOCK), read(2 * FLASH_BLOCK - 4), read(2 * FLASH_BLOCK)]).toEqual([
      0, 0xffffffff, 0xffffffff, 0,
    ]);
    write(0, 0x12345678);
    expect(read(0)).toBe(0);
  });

  it('programs words, halves and bytes, clearing bits only', () => {
    const { read, erase, array, commands, write } = bank();
    erase(0);
    commands([8, 0x400040], [8, 0xdeadbeef]);
    write(0, 0x40);
    write(14, 0x1234, 2);
    write(0, 0x10);
    write(17, 0x56, 1);
    commands([8, 0x400040], [8, 0xffff0000]);
    array();
    expect([read(8), read(12), read(16)]).toEqual([0xdead0000, 0x1234ffff, 0xffff56ff]);
  });

  it('programs a buffer at its confirmation', () => {
    const { read, erase, array, commands } = bank();
    erase(0);
    commands([0, 0xe800e8]);
    expect(read(0)).toBe(READY);
    commands([0, 0x20002], [0x20, 1], [0x24, 2], [0x28, 3], [0, 0xd000d0]);
    expect(read(0)).toBe(READY);
    array();
    expect([read(0x1c), read(0x20), read(0x24), read(0x28), read(0x2c)]).toEqual([0xffffffff, 1, 2, 3, 0xffffffff]);
  });

  it('drops a buffer that is not confirmed, and refuses one that is too long', () => {
    const { read, erase, commands, array } = bank();
    erase(0);
    commands([0, 0xe8], [0, 0], [0x20, 1], [0, 0xff]);
    expect(read(0x20)).toBe(0xffffffff);
    commands([0, 0xe8], [0, 0xffff]);
    expect(read(0)).toBe(READY | 0x300030);
    commands([0, 0x50], [0, 0x70]);
    expect(read(0)).toBe(READY);
    array();
  });

  it('neither programs nor erases a locked block, and says so', () => {
    const { read, erase, commands, array } = bank();
    erase(FLASH_BLOCK);
    commands([FLASH_BLOCK, 0x600060], [FLASH_BLOCK, 0x010001], [0, 0x90]);
    expect([read(0), read(4), read(8), read(FLASH_BLOCK + 8)]).toEqual([0x890089, 0x180018, 0, 0x10001]);
    commands([FLASH_BLOCK, 0x40], [FLASH_BLOCK, 0]);
    expect(read(0)).toBe(READY | 0x120012);
    array();
    expect(read(FLASH_BLOCK)).toBe(0xffffffff);
    commands([FLASH_BLOCK, 0x600060], [FLASH_BLOCK, 0xd000d0], [FLASH_BLOCK, 0x40], [FLASH_BLOCK, 0]);
    array();
    expect(read(FLASH_BLOCK)).toBe(0);
  });

  it('saves a command half given, and resets to read-array', () => {
    const one = bank();
    one.erase(0);
    one.commands([0, 0xe8], [0, 1], [0x20, 7]);
    const two = bank();
    two.erase(0);
    two.flash.load(one.flash.save());
    expect([two.region.direct, two.flash.save()]).toEqual([false, one.flash.save()]);
    two.commands([0x24, 8], [0, 0xd0], [0, 0xff]);
    expect([two.read(0x20), two.read(0x24)]).toEqual([7, 8]);
    one.flash.reset();
    expect([one.region.direct, one.read(0x20), one.flash.save()]).toEqual([true, 0xffffffff, bank().flash.save()]);
  });

  it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc'))('answers random command sequences as the flash of QEMU virt', () => {
    const { read, write } = bank(SIZE);
    const accesses = commandSequences(randoms(41), 400);
    const ours = accesses.map((access) => {
      if (access.write === undefined) return read(access.address - BASE, access.width);
      write(access.address - BASE, access.write, access.width);
      return 0;
    });
    const theirs = replayInQemu(['-M', 'virt'], accesses);
    const different = accesses.flatMap((access, i) =>
      ours[i] === theirs[i] ? [] : [{ i, access, ours: ours[i], theirs: theirs[i] }],
    );
    expect(different.slice(0, 5)).toEqual([]);
  });
});

/**
 * Sequences that leave out what differs on purpose: QEMU erases before the confirmation, programs ones over zeros, knows no locks, reads a
 * cleared status as not ready until the next operation, and leaves query mode by 0xff only.
 */
function commandSequences(random: () => number, count: number): RegisterAccess[] {
  const accesses: RegisterAccess[] = [];
  const put = (offset: number, write: number, width: Width = 4) =>
    accesses.push({ address: BASE + offset, width, write: write >>> 0 });
  const look = (near: number) => {
    const width = ([1, 2, 4] as const)[random() % 3] as Width;
    const offset = random() % 2 === 0 ? near + (random() % 0x120) : random() % 0x140;
    accesses.push({ address: BASE + offset - (offset % width), width });
  };
  for (const block of [0, FLASH_BLOCK, SIZE - FLASH_BLOCK]) {
    put(block, 0x200020);
    put(block, 0xd000d0);
  }
  let fresh = 0; // the next offset that was not programmed since the erase
  for (let i = 0; i < count; i++) {
    const block = [0, FLASH_BLOCK, SIZE - FLASH_BLOCK][random() % 3] as number;
    const at = block + fresh;
    const both = (command: number) => (random() % 2 === 0 ? command : command | (command << 16));
    const kind = random() % 8;
    if (kind === 0) put(at, both(0x98));
    if (kind === 1) put(at, both(0x90));
    if (kind === 2) put(at, both(0x70));
    if (kind === 3) {
      const width = ([1, 2, 4] as const)[random() % 3] as Width;
      put(at, both(random() % 2 === 0 ? 0x40 : 0x10));
      put(at, random(), width);
    }
    if (kind === 4 || kind === 5) {
      const words = random() % 8;
      put(at, both(0xe8));
      put(at, words | (words << 16));
      for (let word = 0; word <= words; word++) put(at + 4 * word, random());
      look(at);
      put(at, both(0xd0));
    }
    if (kind === 6) {
      put(block, both(0x60));
      put(block, both(0xd0));
    }
    if (kind === 7) put(at, random() & 0x0b); // no command
    for (let n = 0; n < 6; n++) look(kind === 1 ? 0 : at);
    put(0, 0xff00ff);
    look(at);
    fresh += 32;
  }
  return accesses;
}
