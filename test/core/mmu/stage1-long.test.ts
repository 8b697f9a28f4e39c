import { describe, expect, it } from 'vitest';
import { Fault } from '../../../core/mmu/fault.ts';
import { type AccessKind, type Regime, SCTLR } from '../../../core/mmu/regime.ts';
import { LONG, rig, TABLES } from './rig.ts';

const L2 = TABLES + 0x5000;
const L3 = TABLES + 0x6000;
const NS_TABLE = 1 << 31;
const AP_TABLE = 1 << 29;
const XN_TABLE = 1 << 28;
const PXN_TABLE = 1 << 27;

function ask(
  machine: ReturnType<typeof rig>,
  regime: Partial<Regime> = {},
  kind: AccessKind = 'read',
  privileged = true,
  va = 0x1234,
) {
  const found = machine.mmu.probe({ ...LONG, ...regime }, va, kind, privileged);
  return found instanceof Fault ? `${found.type} ${found.level}` : found;
}

describe('long descriptors (DDI 0406C B3.6)', () => {
  it('map blocks of 1 GiB and 2 MiB and pages, with 40-bit addresses', () => {
    const machine = rig();
    machine.long(TABLES, 0x80000441, 0x12);
    expect(ask(machine)).toMatchObject({ pa: 0x12_80001000, blockBits: 30, level: 1 });
    machine.long(TABLES, L2 | 3);
    machine.long(L2, 0x12200441, 0x34);
    expect(ask(machine)).toMatchObject({ pa: 0x34_12201000, blockBits: 21, level: 2 });
    machine.long(L2, L3 | 3);
    machine.long(L3 + 8, 0xabcde443, 0xff);
    expect(ask(machine)).toMatchObject({ pa: 0xff_abcde000, blockBits: 12, level: 3 });
    machine.long(L3 + 8, 0xabcde441, 0xff);
    expect(ask(machine)).toBe('translation 3');
  });

  it('leave a hole between T0SZ and T1SZ, and start at level 2 where 30 bits or fewer are left', () => {
    const machine = rig();
    machine.long(TABLES + 0x4000, 0x00000441, 0x11);
    machine.long(TABLES, 0x00000441, 0x22);
    const regime = { ttbcr: (2 << 16) | 2 };
    expect(ask(machine, regime)).toMatchObject({ pa: 0x22_00001000, blockBits: 21 });
    expect(ask(machine, regime, 'read', true, 0xc0001000)).toMatchObject({ pa: 0x11_00001000, blockBits: 21 });
    expect(ask(machine, regime, 'read', true, 0x40000000)).toBe('translation 1');
    expect(ask(machine, regime, 'read', true, 0xbfffffff)).toBe('translation 1');
  });

  it('give TTBR1 all above T0SZ where T1SZ is 0', () => {
    const machine = rig();
    machine.long(TABLES + 0x4000 + 8, 0x40000441, 1);
    expect(ask(machine, { ttbcr: 2 }, 'read', true, 0x40001000)).toMatchObject({ pa: 0x1_40001000 });
    expect(ask(machine, { ttbcr: 2 | (1 << 23) }, 'read', true, 0x40001000)).toBe('translation 1');
  });

  it('inherit APTable, XNTable and PXNTable', () => {
    const rights = (table: number) => {
      const machine = rig();
      machine.long(TABLES, L2 | 3, table);
      machine.long(L2, 0x441);
      const found = ask(machine);
      return typeof found === 'string' ? found : [found.privileged, found.user];
    };
    expect(rights(0)).toEqual([7, 7]);
    expect(rights(XN_TABLE)).toEqual([3, 3]);
    expect(rights(PXN_TABLE)).toEqual([3, 7]);
    expect(rights(AP_TABLE)).toEqual([7, 0]);
    expect(rights(2 * AP_TABLE)).toEqual([5, 5]);
    expect(rights(3 * AP_TABLE)).toEqual([5, 0]);
  });

  it('make Secure walks Non-secure and not global below NSTable', () => {
    const machine = rig();
    machine.long(TABLES, L2 | 3, NS_TABLE);
    machine.long(L2, 0x441);
    expect(ask(machine, { secure: true })).toMatchObject({ nonSecure: true, global: false });
    machine.long(TABLES, L2 | 3);
    expect(ask(machine, { secure: true })).toMatchObject({ nonSecure: false, global: true });
  });

  it('ask the bus as Non-secure below NSTable', () => {
    const machine = rig();
    const asked: boolean[] = [];
    machine.bus.unmapped = (_address, _width, _write, from) => {
      asked.push(from.secure);
      return undefined;
    };
    machine.long(TABLES, 0x90000003);
    ask(machine, { secure: true });
    machine.long(TABLES, 0x90000003, NS_TABLE);
    ask(machine, { secure: true });
    expect(asked).toEqual([true, true, false, false]);
  });

  it('fault by the access flag before permission', () => {
    const machine = rig();
    machine.long(TABLES, 0x001);
    expect(ask(machine, {}, 'write', false)).toBe('access flag 1');
    machine.long(TABLES, 0x401);
    expect(ask(machine, {}, 'write', false)).toBe('permission 1');
  });

  it('have no unprivileged side, no PXN and no nG in Hyp mode', () => {
    const machine = rig();
    machine.long(TABLES, 0xc01, 1 << 21);
    const hyp = { kind: 'Hyp', ttbcr: 1 } as const;
    expect(ask(machine, hyp, 'execute')).toMatchObject({ privileged: 7, user: 0, global: true });
    expect(ask(machine, hyp, 'read', true, 0x80000000)).toBe('translation 1');
    expect(ask(machine, { ...hyp, sctlr: SCTLR.wxn }, 'execute')).toBe('permission 1');
    expect(ask(machine, { ...hyp, sctlr: SCTLR.uwxn }, 'execute')).toMatchObject({ pa: 0x1000 });
  });
});
