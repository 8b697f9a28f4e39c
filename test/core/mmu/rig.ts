/** A small physical memory with tables in it, and regimes to walk them. */

import { AddressMap } from '../../../core/bus/address-map.ts';
import { Arena } from '../../../core/bus/memory.ts';
import { FaultMemo } from '../../../core/mmu/fault-memo.ts';
import { Mmu } from '../../../core/mmu/mmu.ts';
import type { Regime, Stage2 } from '../../../core/mmu/regime.ts';
import { Tlb } from '../../../core/mmu/tlb.ts';

export const TABLES = 0x40000000;

export const RESET: Regime = {
  kind: 'PL1&0',
  secure: false,
  sctlr: 0,
  enabled: true,
  defaultCacheable: false,
  long: false,
  ttbcr: 0,
  ttbr0: [TABLES, 0],
  ttbr1: [TABLES + 0x4000, 0],
  asid: 0,
  dacr: 0x55555555,
  mair0: 0,
  mair1: 0,
  secureInstructionFetch: false,
  stage2: undefined,
};

export const LONG: Regime = { ...RESET, long: true, mair0: 0x00_44_04_ff, mair1: 0xaa };

export const STAGE2: Stage2 = { vttbr: TABLES + 0x20000, vmid: 1, vtcr: 0x40, protectedWalk: false };

export function rig(size = 0x100000) {
  const bus = new AddressMap(new Arena(new ArrayBuffer(size)));
  bus.addMemory('ram', TABLES, size);
  const tlb = new Tlb();
  const mmu = new Mmu(bus, tlb, { core: 0, secure: false }, new FaultMemo(bus));
  const from = { core: 0, secure: false };
  const word = (at: number, value: number) => bus.write(at, 4, value >>> 0, from);
  const long = (at: number, low: number, high = 0) => {
    word(at, low);
    word(at + 4, high);
  };
  return { bus, tlb, mmu, word, long };
}
