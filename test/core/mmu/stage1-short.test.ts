import { describe, expect, it } from 'vitest';
import { Fault } from '../../../core/mmu/fault.ts';
import { type AccessKind, type Regime, SCTLR } from '../../../core/mmu/regime.ts';
import { RESET, rig, TABLES } from './rig.ts';

const L2 = TABLES + 0x8000;

/** Asks for VA 0x1234 (or another) and shows what matters. */
function ask(
  machine: ReturnType<typeof rig>,
  regime: Partial<Regime> = {},
  kind: AccessKind = 'read',
  privileged = true,
  va = 0x1234,
) {
  const found = machine.mmu.probe({ ...RESET, ...regime }, va, kind, privileged);
  return found instanceof Fault ? `${found.type} ${found.level}` : found;
}

describe('short descriptors (DDI 0406C B3.5)', () => {
  it('map sections, supersections in a 40-bit space, large and small pages', () => {
    const machine = rig();
    machine.word(TABLES, 0x12300c02);
    expect(ask(machine)).toMatchObject({ pa: 0x12301000, blockBits: 20, level: 1 });
    machine.word(TABLES, 0x45600c02 | (1 << 18) | (0x7 << 20) | (0x3 << 5));
    expect(ask(machine)).toMatchObject({ pa: 0x37_45001000, blockBits: 24, level: 1, domain: 0 });
    machine.word(TABLES, L2 | 1 | (5 << 5));
    machine.word(L2 + 4, 0x78900031);
    expect(ask(machine)).toMatchObject({ pa: 0x78901000, blockBits: 16, level: 2, domain: 5 });
    machine.word(L2 + 4, 0xabcde032);
    expect(ask(machine)).toMatchObject({ pa: 0xabcde000, blockBits: 12, level: 2, domain: 5 });
  });

  it('choose between TTBR0 and TTBR1 by TTBCR.N', () => {
    const machine = rig();
    machine.word(TABLES + 4 * 0x1ff, 0x10000c02);
    machine.word(TABLES + 0x4000 + 4 * 0x200, 0x20000c02);
    const regime = { ttbcr: 3 };
    expect(ask(machine, regime, 'read', true, 0x1ff00000)).toMatchObject({ pa: 0x10000000 });
    expect(ask(machine, regime, 'read', true, 0x20000000)).toMatchObject({ pa: 0x20000000 });
    expect(ask(machine, { ttbcr: 3, ttbr0: [TABLES + 0x800 + 0x4b, 0] }, 'read', true, 0)).toBe('translation 1');
  });

  it('fault at level 1 where TTBCR.PD0 or PD1 switches the walk off', () => {
    const machine = rig();
    machine.word(TABLES, 0x10000c02);
    machine.word(TABLES + 0x4000 + 4 * 0x800, 0x20000c02);
    expect(ask(machine, { ttbcr: 1 | (1 << 4) })).toBe('translation 1');
    expect(ask(machine, { ttbcr: 1 | (1 << 4) }, 'read', true, 0x80000000)).toMatchObject({ pa: 0x20000000 });
    expect(ask(machine, { ttbcr: 1 | (1 << 5) })).toMatchObject({ pa: 0x10001000 });
    expect(ask(machine, { ttbcr: 1 | (1 << 5) }, 'read', true, 0x80000000)).toBe('translation 1');
  });

  it('obey AP[2:0] for both privileges', () => {
    const rights = (ap: number) => {
      const machine = rig();
      machine.word(TABLES, 0x2 | ((ap & 3) << 10) | ((ap & 4) << 13));
      const may = (kind: AccessKind, privileged: boolean) => typeof ask(machine, {}, kind, privileged) !== 'string';
      return [may('read', true), may('write', true), may('read', false), may('write', false)]
        .map((yes) => (yes ? 'y' : '-'))
        .join('');
    };
    expect([0, 1, 2, 3, 4, 5, 6, 7].map(rights)).toEqual(['----', 'yy--', 'yyy-', 'yyyy', '----', 'y---', 'y-y-', 'y-y-']);
  });

  it('take AP[0] as the access flag with SCTLR.AFE, before domain and permission', () => {
    const machine = rig();
    machine.word(TABLES, 0x802);
    expect(ask(machine)).toMatchObject({ privileged: 7, user: 5 });
    expect(ask(machine, { sctlr: SCTLR.afe, dacr: 0 })).toBe('access flag 1');
    expect(ask(machine, { sctlr: SCTLR.afe, dacr: 3 })).toBe('access flag 1');
    machine.word(TABLES, 0x8402);
    expect(ask(machine, { sctlr: SCTLR.afe }, 'write')).toBe('permission 1');
    expect(ask(machine, { sctlr: SCTLR.afe }, 'read', false)).toBe('permission 1');
  });

  it('fault by domain after the second level is read, and let a manager do anything', () => {
    const machine = rig();
    machine.word(TABLES, L2 | 1 | (5 << 5));
    expect(ask(machine, { dacr: 0 })).toBe('translation 2');
    machine.word(L2 + 4, 0xabcde003);
    expect(ask(machine, { dacr: 0 })).toBe('domain 2');
    expect(ask(machine, { dacr: 2 << 10 })).toBe('domain 2');
    expect(ask(machine, { dacr: 1 << 10 })).toBe('permission 2');
    expect(ask(machine, { dacr: 3 << 10 }, 'execute', false)).toMatchObject({ pa: 0xabcde000 });
  });

  it('refuse fetches by XN, PXN, WXN and UWXN', () => {
    const machine = rig();
    machine.word(TABLES, 0xc12);
    expect(ask(machine, {}, 'execute')).toBe('permission 1');
    machine.word(TABLES, 0xc03);
    expect(ask(machine, {}, 'execute')).toBe('permission 1');
    expect(ask(machine, {}, 'execute', false)).toMatchObject({ pa: 0x1000 });
    machine.word(TABLES, 0xc02);
    expect(ask(machine, { sctlr: SCTLR.wxn }, 'execute', false)).toBe('permission 1');
    expect(ask(machine, { sctlr: SCTLR.uwxn }, 'execute', false)).toMatchObject({ pa: 0x1000 });
    expect(ask(machine, { sctlr: SCTLR.uwxn }, 'execute')).toBe('permission 1');
    machine.word(TABLES, 0x802);
    expect(ask(machine, { sctlr: SCTLR.uwxn }, 'execute')).toMatchObject({ pa: 0x1000 });
    expect(ask(machine, { sctlr: SCTLR.wxn }, 'execute', false)).toMatchObject({ pa: 0x1000 });
  });

  it('let Secure state fetch Non-secure memory unless SCR.SIF', () => {
    const machine = rig();
    machine.word(TABLES, 0xc02 | (1 << 19));
    const secure = { secure: true };
    expect(ask(machine, secure, 'execute')).toMatchObject({ nonSecure: true });
    expect(ask(machine, { ...secure, secureInstructionFetch: true }, 'execute')).toBe('permission 1');
    expect(ask(machine, { ...secure, secureInstructionFetch: true }, 'read')).toMatchObject({ nonSecure: true });
    machine.word(TABLES, 0xc02);
    expect(ask(machine, secure)).toMatchObject({ nonSecure: false });
  });

  it('are read big-endian with SCTLR.EE', () => {
    const machine = rig();
    machine.word(TABLES, 0x020c1032);
    expect(ask(machine, { sctlr: SCTLR.ee })).toMatchObject({ pa: 0x32101000 });
  });

  it('carry nG, and the domain of a fault met below them', () => {
    const machine = rig();
    machine.word(TABLES, 0xc02 | (1 << 17));
    expect(ask(machine)).toMatchObject({ global: false });
    machine.word(TABLES, 0x90000001 | (9 << 5));
    expect(machine.mmu.probe(RESET, 0x1234, 'read', true)).toMatchObject({ type: 'external abort on walk', level: 2, domain: 9 });
  });
});
