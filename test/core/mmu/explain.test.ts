import { describe, expect, it } from 'vitest';
import { explainFault, explainInLine } from '../../../core/mmu/explain.ts';
import { Fault } from '../../../core/mmu/fault.ts';
import type { Regime } from '../../../core/mmu/regime.ts';
import { LONG, RESET, rig, STAGE2, TABLES } from './rig.ts';

function refused(machine: ReturnType<typeof rig>, regime: Regime, va: number, write = false): Fault {
  const found = machine.mmu.translate(regime, va, write ? 'write' : 'read', true);
  if (!(found instanceof Fault)) throw new Error('it was translated');
  return found;
}

describe('the explanation of a fault', () => {
  it('names the access, the stage, the IPA, the registers and every descriptor', () => {
    const machine = rig();
    const regime = { ...LONG, stage2: STAGE2 };
    machine.long(TABLES, 0x1c000441, 0);
    machine.long(STAGE2.vttbr + 8, 0x400007fd);
    machine.long(STAGE2.vttbr, 0x40021003, 0x12 << 20);
    expect(explainFault(refused(machine, { ...regime, ttbr0: [TABLES, 0] }, 0x90018, true), regime)).toEqual([
      'write to VA 0x00090018: stage 2 translation fault at level 2 for IPA 0x00090018',
      'TTBR0 0x40000000, TTBR1 0x40004000, TTBCR 0x00000000',
      'VTTBR 0x40020000, VMID 1, VTCR 0x00000040',
      'stage 2 L1 @0x40020008 = 0x400007fd',
      'stage 1 L1 @0x40000000 = 0x1c000441',
      'stage 2 L1 @0x40020000 = 0x01200000_40021003',
      'stage 2 L2 @0x40021000 = 0x00000000 (invalid)',
    ]);
  });

  it('says when the walk itself was refused, and when no table maps the address', () => {
    const machine = rig();
    const regime = { ...LONG, stage2: { ...STAGE2, vtcr: 0x80 } };
    expect(explainInLine(refused(machine, regime, 0x1000), regime)).toBe(
      'read of VA 0x00001000: stage 2 translation fault at level 1 for IPA 0x40000000, met by the stage 1 walk itself; ' +
        'VTTBR 0x40020000, VMID 1, VTCR 0x00000080; no descriptor was read: the tables do not reach this address',
    );
  });

  it('says that a right came from the TLB, and names a domain', () => {
    const machine = rig();
    machine.word(TABLES, 0x402 | (3 << 5));
    machine.mmu.translate(RESET, 0, 'read', true);
    const noDomain = { ...RESET, dacr: 0 };
    expect(explainFault(refused(machine, noDomain, 0x10), noDomain)).toEqual([
      'read of VA 0x00000010: stage 1 domain fault at level 1 (domain 3)',
      'no descriptor was read: the rights come from the TLB',
    ]);
  });

  it('tells an instruction fetch', () => {
    const fault = refused(rig(), RESET, 0x8000);
    expect(explainFault(fault, RESET, true)[0]).toBe(
      'instruction fetch from VA 0x00008000: stage 1 translation fault at level 1',
    );
  });

  it('knows the table of Hyp mode, addresses beyond 32 bits, and faults without a level', () => {
    const machine = rig();
    const regime: Regime = { ...LONG, kind: 'Hyp', ttbr0: [TABLES, 0x1] };
    const lines = explainFault(
      new Fault({
        type: 'alignment',
        va: 3,
        write: false,
        long: true,
        walk: [{ stage: 1, level: 1, at: 0x1_4000_0000, low: 0, high: 0 }],
      }),
      regime,
    );
    expect(lines).toEqual([
      'read of VA 0x00000003: stage 1 alignment fault',
      'HTTBR 0x0140000000',
      'stage 1 L1 @0x0140000000 = 0x00000000 (invalid)',
    ]);
    expect(machine.mmu.translate(regime, 0, 'read', true)).toBeInstanceOf(Fault);
  });
});
