/** Accesses to every system register under random traps, held against QEMU: who takes the exception, and with which syndrome. */
import { expect, it } from 'vitest';
import { SYSTEM_REGISTERS } from '../../../core/cpu/sysreg/all.ts';
import { type Encoding, parseEncoding } from '../../../core/cpu/sysreg/register.ts';
import { have } from '../../support/oracles.ts';
import { transfer } from './oracle/encode.ts';
import { type Case, type Outcome, runCases, TARGET } from './oracle/image.ts';
import { Random } from './oracle/random.ts';

const USR = 0x10;
const SVC = 0x13;
const HYP = 0x1a;
/** TID0-3, TSC, TIDCP, TAC, TSW, TPC, TPU, TTLB, TVM. */
const HCR_TRAPS = 0x07f78000;
const TID1 = 1 << 16;
const TID3 = 1 << 18;
const TSW = 1 << 22;
const TPC = 1 << 23;
const TPU = 1 << 24;
const TIDCP = 1 << 20;
const TPMCR = 1 << 5;
const HSTR = 0x3bfef;
const HDCR_TRAPS = 0xf60;

/** Registers whose write would change the ground that the cases stand on, or what later cases read. */
const NOT_WRITTEN = /^(TTBCR|SCTLR|HSCTLR|HVBAR|HCR|HSR|VBAR|ATS.*)$/;

interface Access extends Case {
  readonly register: string;
  /** The bit of HSTR for it. */
  readonly hstrBit: number;
  readonly mode: number;
  readonly read: boolean;
}

const numberOf = ({ wide, CRn, CRm }: Encoding): number => (wide ? CRm : CRn);

function accesses(random: Random, rounds: number): Access[] {
  const list: Access[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const row of SYSTEM_REGISTERS.filter(({ only }) => only !== 'cortex-a7')) {
      for (const mode of [SVC, USR, HYP]) {
        for (const read of [true, false]) {
          if (!read && NOT_WRITTEN.test(row.name)) continue;
          list.push({
            name: `${read ? 'read' : 'write'} ${row.name} in mode ${mode.toString(16)}`,
            register: row.name,
            hstrBit: row.at.startsWith('p15') ? 1 << numberOf(parseEncoding(row.at)) : 0,
            mode,
            read,
            cpsr: 0x1c0 | mode,
            instruction: transfer(parseEncoding(row.at), read, 0),
            r0: TARGET,
            HCR: round === 0 ? 0 : random.word() & HCR_TRAPS,
            HSTR: round === 0 ? 0 : random.word() & random.word() & HSTR,
            HDCR: 6 | (round === 0 ? 0 : random.word() & HDCR_TRAPS),
            HCPTR: random.word() & 0x108c00,
            CNTHCTL: random.below(4),
            CNTKCTL: random.word() & 0x303,
            PMUSERENR: random.below(2),
          });
        }
      }
    }
  }
  return list;
}

/** BXJ from where HSTR.TJDBX traps it. */
const jazelle = (mode: number, rm: number): Access => ({
  name: `BXJ R${rm} in mode ${mode.toString(16)}`,
  ...{ register: 'BXJ', hstrBit: 0, mode, read: true, cpsr: 0x1c0 | mode, instruction: (0xe12fff20 | rm) >>> 0, r0: TARGET },
  ...{ HCR: 0, HSTR: 1 << 17, HDCR: 6, HCPTR: 0, CNTHCTL: 0, CNTKCTL: 0, PMUSERENR: 0 },
});

const bits = (value: number | undefined, mask: number): boolean => ((value ?? 0) & mask) !== 0;
const endsIn = ({ HSR }: Outcome): number => HSR >>> 26;
const UNDEFINED_AT_PL1 = 0x4a000101;
const TRAP_CLASSES = [3, 4, 5, 0xc];

const DIFFERENCES: readonly { readonly why: string; readonly applies: (a: Access, theirs: Outcome, ours: Outcome) => boolean }[] =
  [
    { why: 'debug registers that QEMU lacks or gives other rights', applies: ({ register }) => register.startsWith('DBG') },
    { why: 'registers that QEMU lacks', applies: ({ register }) => /^(L2MERRSR|CPUMERRSR|RAMINDEX|PMCEID.)$/.test(register) },
    {
      why: 'QEMU 7.2 looks at HSTR only for registers that have some other condition',
      applies: ({ HSTR: hstr, hstrBit }, theirs, ours) =>
        bits(hstr, hstrBit) && !TRAP_CLASSES.includes(endsIn(theirs)) && TRAP_CLASSES.includes(endsIn(ours)),
    },
    {
      why: 'CNTHCTL.PL1PCTEN hides the physical counter from Non-secure User mode too: QEMU looks at PL1PCEN there',
      applies: ({ register, mode, CNTHCTL }) => register === 'CNTPCT' && mode === USR && CNTHCTL !== 3,
    },
    {
      why: 'HSTR goes before UNDEFINED at PL1, as later versions of QEMU have it too',
      applies: ({ HSTR: hstr, mode }, theirs, ours) =>
        mode === SVC && bits(hstr, HSTR) && theirs.HSR === UNDEFINED_AT_PL1 && TRAP_CLASSES.includes(endsIn(ours)),
    },
    {
      why: 'HSTR and HDCR trap accesses from User mode only where they are allowed (PMUSERENR): QEMU looks at that later',
      applies: ({ register, mode }, theirs, ours) =>
        mode === USR && register.startsWith('PM') && TRAP_CLASSES.includes(endsIn(theirs)) && ours.HSR === UNDEFINED_AT_PL1,
    },
    {
      why: 'QEMU 7.2 has these traps for ARMv8 alone, or not at all: TID1, TID3, TSW, TPC, TPU, TIDCP, TPMCR',
      applies: ({ register, HCR, HDCR }, theirs, ours) =>
        !TRAP_CLASSES.includes(endsIn(theirs)) &&
        TRAP_CLASSES.includes(endsIn(ours)) &&
        ((/^(ID_|reserved|TCMTR|TLBTR|REVIDR|AIDR)/.test(register) && bits(HCR, TID1 | TID3)) ||
          (/^(DC|IC)/.test(register) && bits(HCR, TSW | TPC | TPU)) ||
          (register.startsWith('L2') && bits(HCR, TIDCP)) ||
          (register === 'PMCR' && bits(HDCR, TPMCR))),
    },
  ];

it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc'))('takes the same traps as QEMU, with the same syndromes', () => {
  const cases = [...accesses(new Random(12345), 5), jazelle(SVC, 0), jazelle(USR, 7)];
  const { qemu, ours } = runCases(cases);
  const seen = ({ vector, HSR, ELR, SPSR, banked }: Outcome) => JSON.stringify([vector, HSR.toString(16), ELR, SPSR, banked]);
  const unexplained = cases.flatMap((access, i) => {
    const [theirs, mine] = [qemu[i] as Outcome, ours[i] as Outcome];
    const explained = DIFFERENCES.some(({ applies }) => applies(access, theirs, mine));
    return seen(theirs) === seen(mine) || explained ? [] : [`${access.name}: QEMU ${seen(theirs)}, ours ${seen(mine)}`];
  });
  expect(unexplained).toEqual([]);
});
