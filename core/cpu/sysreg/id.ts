/** Identification registers. Reference: Arm DDI 0406C, B4.1, B7; values from the models. */
import { HCR } from '../controls.ts';
import type { Identification } from '../models.ts';
import { isUnderHyp } from '../modes.ts';
import { SLOT } from '../slots.ts';
import type { Cpu } from '../state.ts';
import { registers, type SystemRegister } from './register.ts';

type Constant = { [K in keyof Identification]: Identification[K] extends number ? K : never }[keyof Identification];

const id = (name: Constant, at: string, hcr = 0): SystemRegister => ({
  name,
  at,
  rights: 'ro',
  trap: { hcr },
  read: ({ cpu }) => cpu.model.id[name],
});

/** Encodings of the CPUID scheme that no register has yet read as zero. */
const reserved = (at: string): SystemRegister => ({
  name: `reserved ${at}`,
  at,
  rights: 'ro',
  trap: { hcr: HCR.TID3 },
  read: () => 0,
});

/** MPIDR: multiprocessing extensions, one cluster. */
export const mpidr = (cpu: Cpu): number => (1 << 31) | cpu.index;

/** CCSIDR of the cache that CSSELR names; UNKNOWN for one that is absent: we choose 0. */
const ccsidr = (cpu: Cpu, bank: number): number => cpu.model.id.CCSIDR[cpu.system[SLOT.CSSELR + bank] as number] ?? 0;

export const ID_REGISTERS = registers(
  {
    name: 'MIDR',
    at: 'p15 0 c0 c0 0',
    rights: 'ro',
    read: ({ cpu }) => (isUnderHyp(cpu) ? (cpu.system[SLOT.VPIDR] as number) : cpu.model.id.MIDR),
  },
  id('CTR', 'p15 0 c0 c0 1', HCR.TID2),
  id('TCMTR', 'p15 0 c0 c0 2', HCR.TID1),
  id('TLBTR', 'p15 0 c0 c0 3', HCR.TID1),
  {
    name: 'MPIDR',
    at: 'p15 0 c0 c0 5',
    rights: 'ro',
    read: ({ cpu }) => (isUnderHyp(cpu) ? (cpu.system[SLOT.VMPIDR] as number) : mpidr(cpu)),
  },
  id('REVIDR', 'p15 0 c0 c0 6', HCR.TID1),
  // Aliases of MIDR, which nothing virtualizes but MIDR itself does: they show the same.
  ...[4, 7].map(
    (opc2): SystemRegister => ({
      name: `MIDR alias ${opc2}`,
      at: `p15 0 c0 c0 ${opc2}`,
      rights: 'ro',
      read: ({ cpu }) => (isUnderHyp(cpu) ? (cpu.system[SLOT.VPIDR] as number) : cpu.model.id.MIDR),
    }),
  ),
  id('ID_PFR0', 'p15 0 c0 c1 0', HCR.TID3),
  id('ID_PFR1', 'p15 0 c0 c1 1', HCR.TID3),
  id('ID_DFR0', 'p15 0 c0 c1 2', HCR.TID3),
  id('ID_AFR0', 'p15 0 c0 c1 3', HCR.TID3),
  id('ID_MMFR0', 'p15 0 c0 c1 4', HCR.TID3),
  id('ID_MMFR1', 'p15 0 c0 c1 5', HCR.TID3),
  id('ID_MMFR2', 'p15 0 c0 c1 6', HCR.TID3),
  id('ID_MMFR3', 'p15 0 c0 c1 7', HCR.TID3),
  id('ID_ISAR0', 'p15 0 c0 c2 0', HCR.TID3),
  id('ID_ISAR1', 'p15 0 c0 c2 1', HCR.TID3),
  id('ID_ISAR2', 'p15 0 c0 c2 2', HCR.TID3),
  id('ID_ISAR3', 'p15 0 c0 c2 3', HCR.TID3),
  id('ID_ISAR4', 'p15 0 c0 c2 4', HCR.TID3),
  id('ID_ISAR5', 'p15 0 c0 c2 5', HCR.TID3),
  ...[6, 7].map((opc2) => reserved(`p15 0 c0 c2 ${opc2}`)),
  ...[3, 4, 5, 6, 7].flatMap((CRm) => [0, 1, 2, 3, 4, 5, 6, 7].map((opc2) => reserved(`p15 0 c0 c${CRm} ${opc2}`))),
  {
    name: 'CCSIDR',
    at: 'p15 1 c0 c0 0',
    rights: 'ro',
    trap: { hcr: HCR.TID2 },
    read: ({ cpu }, bank) => ccsidr(cpu, bank),
  },
  id('CLIDR', 'p15 1 c0 c0 1', HCR.TID2),
  id('AIDR', 'p15 1 c0 c0 7', HCR.TID1),
  { name: 'CSSELR', at: 'p15 2 c0 c0 0', rights: 'rw', slot: 'CSSELR', mask: 0xf, trap: { hcr: HCR.TID2 } },
  {
    name: 'VPIDR',
    at: 'p15 4 c0 c0 0',
    rights: 'rw',
    level: 'PL2',
    needs: 'virtualization',
    slot: 'VPIDR',
    reset: (model) => model.id.MIDR,
  },
  // Its reset value is MPIDR's, which resetCpu knows.
  { name: 'VMPIDR', at: 'p15 4 c0 c0 5', rights: 'rw', level: 'PL2', needs: 'virtualization', slot: 'VMPIDR' },
);
