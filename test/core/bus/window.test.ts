import { describe, expect, it } from 'vitest';
import { NOBODY, registerMap } from '../../../core/bus/registers.ts';
import { DeviceWindow } from '../../../core/bus/window.ts';

const MAP = registerMap({
  WORD: { at: 0x0, access: 'rw', mask: 0xffff },
  RO: { at: 0x4, access: 'ro' },
  WO: { at: 0x8, access: 'wo' },
  BYTE: { at: 0x10, access: 'rw', width: 1, count: 4 },
});

function makeWindow() {
  const log: string[] = [];
  const stray: string[] = [];
  const device = {
    registers: MAP,
    read: (register: string, index: number) => {
      log.push(`read ${register}[${index}]`);
      return register === 'BYTE' ? 0x10 + index : 0x12345678;
    },
    write: (register: string, value: number, index: number) => {
      log.push(`write ${register}[${index}] ${value.toString(16)}`);
    },
    save: () => ({}),
    load: () => {},
    reset: () => {},
  };
  const window = new DeviceWindow('device', device, (offset, write) => stray.push(`${write ? 'write' : 'read'} ${offset}`));
  return { window, log, stray };
}

describe('a device window', () => {
  it('masks what is read and what is written', () => {
    const { window, log } = makeWindow();
    expect(window.read(0, 4, NOBODY)).toBe(0x5678);
    window.write(0, 4, 0xffffffff, NOBODY);
    expect(log.at(-1)).toBe('write WORD[0] ffff');
  });

  it('keeps writes from read-only registers and reads from write-only ones', () => {
    const { window, log } = makeWindow();
    window.write(4, 4, 1, NOBODY);
    expect(window.read(8, 4, NOBODY)).toBe(0);
    expect(log).toEqual([]);
  });

  it('gives the low part of a register to a narrow access at its start, and counts one beside it', () => {
    const { window, stray } = makeWindow();
    expect(window.read(4, 1, NOBODY)).toBe(0x78);
    expect(window.read(6, 2, NOBODY)).toBe(0);
    window.write(0x20, 4, 1, NOBODY);
    expect(stray).toEqual(['read 6', 'write 32']);
  });

  it('reaches several narrow registers with a wide access', () => {
    const { window, log } = makeWindow();
    expect(window.read(0x10, 4, NOBODY)).toBe(0x13121110);
    window.write(0x12, 2, 0xbbaa, NOBODY);
    expect(log.slice(-2)).toEqual(['write BYTE[2] aa', 'write BYTE[3] bb']);
  });

  it('refuses a map in which two registers share an offset', () => {
    const clash = registerMap({ A: { at: 0, access: 'rw', count: 2 }, B: { at: 4, access: 'rw' } });
    const device = { registers: clash, read: () => 0, write: () => {}, save: () => ({}), load: () => {}, reset: () => {} };
    expect(() => new DeviceWindow('d', device)).toThrow(/share offset 4/);
  });
});
