/** Translation and fault registers of PL1, and the software thread IDs. Reference: Arm DDI 0406C, B4.1. */
import { HCR, TTBCR } from '../controls.ts';
import { EVENT } from '../performance.ts';
import { SLOT, type SlotName } from '../slots.ts';
import type { Cpu } from '../state.ts';
import { type Bank, registers, type SystemRegister } from './register.ts';

const TABLE = { regime: true, event: EVENT.TTBR_WRITE_RETIRED } as const;
const TVM = { hcr: HCR.TVM, on: 'write' } as const;

/** A register that HCR.TVM guards. */
const virtual = (name: SlotName, at: string, more: Partial<SystemRegister> = {}): SystemRegister => ({
  name,
  at,
  rights: 'rw',
  slot: name,
  trap: TVM,
  ...more,
});

const isLong = (cpu: Cpu, bank: Bank): boolean => ((cpu.system[SLOT.TTBCR + bank] as number) & TTBCR.EAE) !== 0;

/** PRRR and NMRR are MAIR0 and MAIR1 by another name; TTBCR.EAE says what the word means. */
const remap = (name: string, slot: SlotName, at: string, reset: number): SystemRegister => ({
  name,
  at,
  rights: 'rw',
  slot,
  reset,
  trap: TVM,
  regime: true,
});

export const MEMORY_REGISTERS = registers(
  virtual('TTBR0', 'p15 0 c2 c0 0', TABLE),
  virtual('TTBR1', 'p15 0 c2 c0 1', TABLE),
  virtual('TTBR0', 'p15 0 c2', TABLE),
  virtual('TTBR1', 'p15 1 c2', TABLE),
  virtual('TTBCR', 'p15 0 c2 c0 2', {
    regime: true,
    // The Short-descriptor format has PD1, PD0 and N only.
    write: ({ cpu }, value, bank) => {
      cpu.system[SLOT.TTBCR + bank] = value & (value & TTBCR.EAE ? 0xffc73f87 : 0x37);
    },
  }),
  virtual('DACR', 'p15 0 c3 c0 0', { regime: true }),
  virtual('DFSR', 'p15 0 c5 c0 0'),
  virtual('IFSR', 'p15 0 c5 c0 1'),
  virtual('ADFSR', 'p15 0 c5 c1 0'),
  virtual('AIFSR', 'p15 0 c5 c1 1'),
  virtual('DFAR', 'p15 0 c6 c0 0'),
  virtual('IFAR', 'p15 0 c6 c0 2'),
  remap('PRRR', 'MAIR0', 'p15 0 c10 c2 0', 0x00098aa4),
  remap('NMRR', 'MAIR1', 'p15 0 c10 c2 1', 0x44e048e0),
  virtual('AMAIR0', 'p15 0 c10 c3 0'),
  virtual('AMAIR1', 'p15 0 c10 c3 1'),
  virtual('CONTEXTIDR', 'p15 0 c13 c0 1', {
    event: EVENT.CID_WRITE_RETIRED,
    // With long descriptors the ASID is in TTBR0 or TTBR1, and translation does not depend on CONTEXTIDR.
    write: (system, value, bank) => {
      const { cpu } = system;
      cpu.system[SLOT.CONTEXTIDR + bank] = value;
      if (!isLong(cpu, bank)) system.regimeChanged();
    },
  }),
  { name: 'PAR', at: 'p15 0 c7 c4 0', rights: 'rw', slot: 'PAR' },
  { name: 'PAR', at: 'p15 0 c7', rights: 'rw', slot: 'PAR' },
  // The FCSE is absent.
  { name: 'FCSEIDR', at: 'p15 0 c13 c0 0', rights: 'rw', read: () => 0, write: () => {} },
  { name: 'TPIDRURW', at: 'p15 0 c13 c0 2', rights: 'rw', user: 'rw', slot: 'TPIDRURW' },
  { name: 'TPIDRURO', at: 'p15 0 c13 c0 3', rights: 'rw', user: 'ro', slot: 'TPIDRURO' },
  { name: 'TPIDRPRW', at: 'p15 0 c13 c0 4', rights: 'rw', slot: 'TPIDRPRW' },
);
