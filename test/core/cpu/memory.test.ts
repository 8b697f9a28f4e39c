import { describe, expect, it } from 'vitest';
import type { MemoryRegion } from '../../../core/bus/address-map.ts';
import type { Exception } from '../../../core/cpu/exception.ts';
import type { word } from '../../../core/cpu/insn.ts';
import * as S from '../../../core/cpu/scalars.ts';
import { makeRig, RAM, type Rig } from './rig.ts';

const TABLE = RAM + 0x100000;
const at = (address: number): word => (address | 0) as word;
const [SECTION, AP_RW, CACHEABLE] = [2, 3 << 10, 0xc];

/** Identity sections over RAM, first level only; the MMU is on and every access is checked against domain 0 (client). */
function withMmu(rig: Rig, attributes = AP_RW | CACHEABLE): Rig {
  for (let mb = 0; mb < 2; mb++) rig.poke(TABLE + ((RAM >>> 20) + mb) * 4, RAM + mb * 0x100000 + attributes + SECTION);
  const write = (CRn: number, CRm: number, opc2: number, value: number) =>
    rig.sys.writeCoprocessor(15 as never, 0 as never, CRn as never, CRm as never, opc2 as never, 0 as never, value as word);
  write(2, 0, 0, TABLE);
  write(3, 0, 0, 1);
  write(1, 0, 0, 0xc50079);
  return rig;
}

function abortOf(act: () => unknown): Exception {
  try {
    act();
  } catch (exception) {
    if (!(exception instanceof Error)) return exception as Exception;
    throw exception;
  }
  throw new Error('no abort');
}

describe('loads and stores', () => {
  it('read what was written, by every size, on the first access and on those after it', () => {
    const { cpu } = withMmu(makeRig());
    for (let i = 0; i < 3; i++) {
      cpu.mem.writeU32(at(RAM + 0x100), 0x89abcdef as word);
      expect(cpu.mem.readU32(at(RAM + 0x100)) >>> 0).toBe(0x89abcdef);
      expect(cpu.mem.readU16(at(RAM + 0x102))).toBe(0x89ab);
      expect(cpu.mem.readU8(at(RAM + 0x101))).toBe(0xcd);
      cpu.mem.writeU16(at(RAM + 0x102), 0x11234 as word);
      cpu.mem.writeU8(at(RAM + 0x100), 0x1ff as word);
      expect(cpu.mem.readU32(at(RAM + 0x100)) >>> 0).toBe(0x1234cdff);
    }
  });

  it('take unaligned addresses in Normal memory, across a page too', () => {
    const { cpu } = withMmu(makeRig());
    cpu.mem.writeU32(at(RAM + 0x1ffe), 0x12345678 as word);
    expect(cpu.mem.readU32(at(RAM + 0x1ffe))).toBe(0x12345678);
    expect(cpu.mem.readU16(at(RAM + 0x1fff))).toBe(0x3456);
    expect(cpu.mem.readU8(at(RAM + 0x2001))).toBe(0x12);
  });

  it('fault on unaligned addresses in Strongly-ordered memory, which all memory is while the MMU is off', () => {
    const { cpu } = makeRig();
    const exception = abortOf(() => cpu.mem.readU32(at(RAM + 1)));
    expect(exception).toMatchObject({ kind: 'data abort', fault: { type: 'alignment', va: RAM + 1, write: false } });
  });

  it('fault on unaligned addresses everywhere with SCTLR.A', () => {
    const rig = withMmu(makeRig());
    rig.sys.writeCoprocessor(15 as never, 0 as never, 1 as never, 0 as never, 0 as never, 0 as never, 0xc5007b as word);
    expect(abortOf(() => rig.cpu.mem.writeU16(at(RAM + 3), 0 as word))).toMatchObject({
      fault: { type: 'alignment', write: true },
    });
    // As QEMU has it: an element of eight bytes is not two of four.
    expect(abortOf(() => rig.cpu.mem.checkDoubleword(at(RAM + 4), false))).toMatchObject({
      fault: { type: 'alignment', va: RAM + 4, write: false },
    });
    rig.cpu.mem.checkDoubleword(at(RAM + 8), false);
  });

  it('of doublewords take any address in Normal memory, and multiples of eight only in Strongly-ordered memory', () => {
    withMmu(makeRig()).cpu.mem.checkDoubleword(at(RAM + 1), true);
    const { cpu } = makeRig();
    cpu.mem.checkDoubleword(at(RAM + 8), true);
    expect(abortOf(() => cpu.mem.checkDoubleword(at(RAM + 4), true))).toMatchObject({
      fault: { type: 'alignment', write: true },
    });
  });

  it('of MemA fault on unaligned addresses whatever the memory', () => {
    const { cpu } = withMmu(makeRig());
    expect(abortOf(() => cpu.mem.readA32(at(RAM + 2)))).toMatchObject({ fault: { type: 'alignment', va: RAM + 2 } });
    expect(abortOf(() => cpu.mem.writeA16(at(RAM + 1), 0 as word))).toMatchObject({ fault: { type: 'alignment' } });
  });

  it('change nothing when the second page of a store is not there', () => {
    const rig = withMmu(makeRig());
    const last = RAM + 0x1fffff;
    rig.cpu.mem.writeU8(at(last), 0x55 as word);
    const exception = abortOf(() => rig.cpu.mem.writeU32(at(last), 0 as word));
    expect(exception).toMatchObject({ fault: { type: 'translation', va: last + 1 } });
    expect(rig.cpu.mem.readU8(at(last))).toBe(0x55);
  });

  it('swap bytes while CPSR.E is set, aligned or not', () => {
    const { cpu } = withMmu(makeRig());
    cpu.mem.writeU32(at(RAM), 0x11223344 as word);
    cpu.sys.setEndianness(true);
    expect(cpu.mem.readU32(at(RAM))).toBe(0x44332211);
    cpu.mem.writeU16(at(RAM + 5), 0xabcd as word);
    expect(cpu.mem.readU16(at(RAM + 5))).toBe(0xabcd);
    cpu.sys.setEndianness(false);
    expect(cpu.mem.readU16(at(RAM + 5))).toBe(0xcdab);
  });

  it('have the rights of User mode in their unprivileged forms, even after a privileged access to the page', () => {
    const { cpu } = withMmu(makeRig(), (1 << 10) | CACHEABLE);
    cpu.mem.writeU32(at(RAM), 7 as word);
    expect(cpu.mem.readU32(at(RAM))).toBe(7);
    expect(abortOf(() => cpu.mem.readUnprivileged32(at(RAM)))).toMatchObject({ fault: { type: 'permission' } });
    expect(abortOf(() => cpu.mem.writeUnprivileged8(at(RAM), 0 as word))).toMatchObject({ fault: { write: true } });
    expect(cpu.mem.readU32(at(RAM))).toBe(7);
  });

  it('abort where the bus does not answer', () => {
    const { cpu } = makeRig();
    expect(abortOf(() => cpu.mem.readU32(at(0x10000000)))).toMatchObject({
      kind: 'data abort',
      fault: { type: 'external abort' },
    });
  });
});

describe('the exclusive monitor', () => {
  it('lets one store go ahead, at the address and size that were marked', () => {
    const { cpu } = withMmu(makeRig());
    cpu.mem.openExclusive(at(RAM + 8), 4);
    expect(cpu.mem.passExclusive(at(RAM + 8), 4)).toBe(true);
    expect(cpu.mem.passExclusive(at(RAM + 8), 4)).toBe(false);
    cpu.mem.openExclusive(at(RAM + 8), 4);
    expect(cpu.mem.passExclusive(at(RAM + 12), 4)).toBe(false);
    cpu.mem.openExclusive(at(RAM + 8), 8);
    expect(cpu.mem.passExclusive(at(RAM + 8), 4)).toBe(false);
  });

  it('is closed by CLREX, and aborts a store to a read-only page even when closed', () => {
    const { cpu } = withMmu(makeRig());
    cpu.mem.openExclusive(at(RAM), 4);
    cpu.mem.clearExclusive();
    expect(cpu.mem.passExclusive(at(RAM), 4)).toBe(false);
    expect(abortOf(() => cpu.mem.passExclusive(at(RAM + 0x200000), 4))).toMatchObject({
      fault: { type: 'translation', write: true },
    });
  });
});

describe('the fast tables', () => {
  it('forget a page when the TLB is told to', () => {
    const rig = withMmu(makeRig());
    rig.cpu.mem.writeU32(at(RAM), 1 as word);
    rig.cpu.mem.writeU32(at(RAM + 0x100000 - 4), 2 as word);
    rig.poke(TABLE + (RAM >>> 20) * 4, 0);
    expect(rig.cpu.mem.readU32(at(RAM))).toBe(1);
    rig.tlb.invalidateAll({ kind: 'PL1&0', secure: true });
    expect(abortOf(() => rig.cpu.mem.readU32(at(RAM)))).toMatchObject({ fault: { type: 'translation' } });
  });

  it('let a load make stores fast only in pages that were stored to, so that none is missing from a saved memory', () => {
    const { cpu, map } = withMmu(makeRig());
    const page = RAM + 0x5000;
    expect(cpu.mem.readU32(at(page))).toBe(0);
    cpu.mem.writeU32(at(page), 7 as word);
    const { offset, size } = map.find(page) as MemoryRegion;
    expect([...map.arena.nonZeroPages(offset, size)]).toContain(5);
  });

  it('let a load make stores fast only where the page may be written', () => {
    const rig = withMmu(makeRig(), (2 << 10) | CACHEABLE);
    rig.poke(RAM + 0x40, 1);
    rig.cpu.s[S.M] = 0x10;
    rig.cpu.mem.privilegeChanged();
    expect(rig.cpu.mem.readU32(at(RAM + 0x40))).toBe(1);
    expect(abortOf(() => rig.cpu.mem.writeU32(at(RAM + 0x40), 2 as word))).toMatchObject({ fault: { type: 'permission' } });
  });

  it('are not shared between privileges', () => {
    const rig = withMmu(makeRig(), (1 << 10) | CACHEABLE);
    rig.cpu.mem.writeU32(at(RAM + 0x40), 1 as word);
    rig.cpu.s[S.M] = 0x10;
    rig.cpu.mem.privilegeChanged();
    expect(abortOf(() => rig.cpu.mem.readU32(at(RAM + 0x40)))).toMatchObject({ fault: { type: 'permission' } });
  });
});
