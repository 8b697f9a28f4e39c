import { describe, expect, it } from 'vitest';
import { Fault } from '../../../core/mmu/fault.ts';
import type { AccessKind, Stage2 } from '../../../core/mmu/regime.ts';
import { LONG, RESET, rig, STAGE2, TABLES } from './rig.ts';

const TABLE = STAGE2.vttbr;

/** Stage 1 off unless `long`. */
function ask(machine: ReturnType<typeof rig>, stage2: Partial<Stage2>, va: number, kind: AccessKind = 'read', long = false) {
  const regime = long ? LONG : { ...RESET, enabled: false };
  return machine.mmu.probe({ ...regime, stage2: { ...STAGE2, ...stage2 } }, va, kind, true);
}

describe('stage 2 (DDI 0406C B3.6)', () => {
  it('translates the last page of a 40-bit space, and none beyond a smaller one', () => {
    const machine = rig();
    // A stage-1 block puts VA 0 at the top of the 40-bit space.
    machine.long(TABLES, 0xc0000441, 0xff);
    machine.long(TABLES + 8, 0x40000441);
    machine.long(TABLE + 8, 0x400007fd);
    machine.long(TABLE + 8 * 1023, 0x800007fd);
    const wide = { vtcr: 0x58 };
    expect(ask(machine, wide, 0x3ffff000, 'read', true)).toMatchObject({ ipa: 0xff_fffff000, pa: 0xbffff000 });
    const narrow = ask(machine, { vtcr: 0x59 }, 0x3ffff123, 'read', true);
    expect(narrow).toMatchObject({ type: 'translation', level: 1, stage: 2, onWalk: false, ipa: 0xff_fffff123 });
  });

  it('starts at level 2 with up to sixteen tables side by side', () => {
    const machine = rig();
    machine.long(TABLE + 8 * 8191, 0x002007fd, 1);
    const found = ask(machine, { vtcr: 0x1e }, 0xffffffff);
    expect(found).toMatchObject({ type: 'translation', level: 2 });
    machine.long(TABLES, 0xc0000441, 0x3);
    machine.long(TABLE + 8 * ((TABLES / 0x200000) % 8192), TABLES + 0x7fd);
    expect(ask(machine, { vtcr: 0x1e }, 0x3fffffff, 'read', true)).toMatchObject({ ipa: 0x3_fffff000, pa: 0x1_003ff000 });
  });

  it('faults at level 1 where SL0 and T0SZ do not fit, or SL0 is reserved', () => {
    const machine = rig();
    machine.long(TABLE, 0x7fd);
    for (const vtcr of [0x80, 0xc0, 0x42, 0x47, 0x1d, 0x18]) {
      expect(ask(machine, { vtcr }, 0x1000), vtcr.toString(16)).toMatchObject({
        type: 'translation',
        level: 1,
        stage: 2,
        ipa: 0x1000,
      });
    }
    for (const vtcr of [0x40, 0x41, 0x58]) expect(ask(machine, { vtcr }, 0x1000)).toMatchObject({ pa: 0x1000 });
  });

  it('obeys HAP, XN and AF', () => {
    const may = (low: number, high = 0) => {
      const machine = rig();
      machine.long(TABLE, low, high);
      return (['read', 'write', 'execute'] as const).map((kind) => {
        const found = ask(machine, {}, 0x1000, kind);
        return found instanceof Fault ? `${found.type} ${found.level}` : 'yes';
      });
    };
    expect(may(0x73d)).toEqual(['permission 1', 'permission 1', 'permission 1']);
    expect(may(0x77d)).toEqual(['yes', 'permission 1', 'yes']);
    expect(may(0x7bd)).toEqual(['permission 1', 'yes', 'permission 1']);
    expect(may(0x7fd)).toEqual(['yes', 'yes', 'yes']);
    expect(may(0x7fd, 1 << 22)).toEqual(['yes', 'yes', 'permission 1']);
    expect(may(0x3fd)).toEqual(['access flag 1', 'access flag 1', 'access flag 1']);
  });

  it('faults with HCR.PTW where a stage-1 table lies in Device memory', () => {
    const machine = rig();
    machine.long(TABLES, 0x00000441);
    machine.long(TABLE, 0x7fd);
    machine.long(TABLE + 8, 0x400007c5);
    expect(ask(machine, {}, 0x1000, 'read', true)).toMatchObject({ pa: 0x1000 });
    const walk = ask(machine, { protectedWalk: true }, 0x1000, 'read', true);
    expect(walk).toMatchObject({ type: 'permission', level: 1, stage: 2, onWalk: true, ipa: TABLES });
  });

  it('reports the level of its own walk for a fault met by the stage-1 walk', () => {
    const machine = rig();
    machine.long(TABLE + 8, (TABLES + 0x30000) | 3);
    expect(ask(machine, {}, 0x1000, 'write', true)).toMatchObject({ level: 2, stage: 2, onWalk: true, ipa: TABLES, write: true });
  });

  it('reads its tables big-endian with HSCTLR.EE', () => {
    const machine = rig();
    machine.long(TABLE, 0x12000000, 0xfd070080);
    expect(ask(machine, { bigEndian: true }, 0x1000)).toMatchObject({ pa: 0x12_80001000 });
  });

  it('makes emulated devices of pages that are not there: the fault has the exact address', () => {
    const machine = rig();
    expect(ask(machine, {}, 0x1c090018, 'write')).toMatchObject({
      type: 'translation',
      stage: 2,
      ipa: 0x1c090018,
      va: 0x1c090018,
    });
  });
});
