/**
 * Each bit by which Hyp mode traps accesses to system registers, with all that it traps and nothing else. The lists are those of DDI 0406C,
 * B1.14 (traps to the hypervisor), written down again. Whoever may not access a register at all gets no trap.
 */
import { describe, expect, it } from 'vitest';
import { HCPTR, HCR, HDCR, HSTR } from '../../../../core/cpu/controls.ts';
import { type Field, field, word } from '../../../../core/cpu/insn.ts';
import { SLOT } from '../../../../core/cpu/slots.ts';
import { EC } from '../../../../core/cpu/syndrome.ts';
import { SYSTEM_REGISTERS } from '../../../../core/cpu/sysreg/all.ts';
import { parseEncoding, type SystemRegister } from '../../../../core/cpu/sysreg/register.ts';
import { makeRig, type Rig } from '../rig.ts';

type Control = 'HCR' | 'HDCR' | 'HCPTR' | 'HSTR';

interface Expected {
  readonly name: string;
  readonly control: Control;
  readonly bit: number;
  readonly registers: RegExp;
  readonly writesOnly?: true;
}

const VIRTUAL_MEMORY = /^(SCTLR|TTBR[01]|TTBCR|DACR|DFSR|IFSR|DFAR|IFAR|ADFSR|AIFSR|PRRR|NMRR|AMAIR[01]|CONTEXTIDR)$/;
const OS_LOCK = 'DBGOSLAR|DBGOSLSR|DBGOSDLR|DBGPRCR|DBGPRSR';
const ROM = 'DBGDRAR|DBGDSAR';

const EXPECTED: readonly Expected[] = [
  { name: 'HCR.TID0', control: 'HCR', bit: HCR.TID0, registers: /^JIDR$/ },
  { name: 'HCR.TID1', control: 'HCR', bit: HCR.TID1, registers: /^(TCMTR|TLBTR|REVIDR|AIDR)$/ },
  { name: 'HCR.TID2', control: 'HCR', bit: HCR.TID2, registers: /^(CTR|CCSIDR|CLIDR|CSSELR)$/ },
  {
    name: 'HCR.TID3',
    control: 'HCR',
    bit: HCR.TID3,
    registers: /^(ID_(PFR[01]|DFR0|AFR0|MMFR[0-3]|ISAR[0-5])|reserved p15 0 c0 c[2-7] [0-7])$/,
  },
  { name: 'HCR.TIDCP', control: 'HCR', bit: HCR.TIDCP, registers: /^(L2CTLR|L2ECTLR)$/ },
  { name: 'HCR.TAC', control: 'HCR', bit: HCR.TAC, registers: /^ACTLR$/ },
  { name: 'HCR.TSW', control: 'HCR', bit: HCR.TSW, registers: /^(DCISW|DCCSW|DCCISW)$/ },
  { name: 'HCR.TPC', control: 'HCR', bit: HCR.TPC, registers: /^(DCIMVAC|DCCMVAC|DCCIMVAC)$/ },
  { name: 'HCR.TPU', control: 'HCR', bit: HCR.TPU, registers: /^(ICIMVAU|ICIALLU|ICIALLUIS|DCCMVAU)$/ },
  { name: 'HCR.TTLB', control: 'HCR', bit: HCR.TTLB, registers: /^[ID]?TLBI(ALL|MVA|ASID|MVAA)(IS)?$/ },
  { name: 'HCR.TVM', control: 'HCR', bit: HCR.TVM, registers: VIRTUAL_MEMORY, writesOnly: true },
  { name: 'HDCR.TPM', control: 'HDCR', bit: HDCR.TPM, registers: /^PM/ },
  { name: 'HDCR.TPMCR', control: 'HDCR', bit: HDCR.TPMCR, registers: /^PMCR$/ },
  { name: 'HDCR.TDRA', control: 'HDCR', bit: HDCR.TDRA, registers: new RegExp(`^(${ROM})$`) },
  { name: 'HDCR.TDOSA', control: 'HDCR', bit: HDCR.TDOSA, registers: new RegExp(`^(${OS_LOCK})$`) },
  // TDA without TDRA and TDOSA, and TDE without all three, are UNPREDICTABLE: we choose that it stands for them.
  { name: 'HDCR.TDA', control: 'HDCR', bit: HDCR.TDA, registers: /^DBG/ },
  { name: 'HDCR.TDE', control: 'HDCR', bit: HDCR.TDE, registers: /^DBG/ },
  { name: 'HCPTR.TCPAC', control: 'HCPTR', bit: HCPTR.TCPAC, registers: /^CPACR$/ },
  { name: 'HCPTR.TTA', control: 'HCPTR', bit: HCPTR.TTA, registers: /^$/ },
  { name: 'HSTR.TTEE', control: 'HSTR', bit: HSTR.TTEE, registers: /^(TEECR|TEEHBR)$/ },
  { name: 'HSTR.TJDBX', control: 'HSTR', bit: HSTR.TJDBX, registers: /^(JOSCR|JMCR)$/ },
];

const f = (n: number): Field => field(n);

function access(rig: Rig, { at }: SystemRegister, write: boolean): void {
  const { coproc, opc1, CRn, CRm, opc2, wide } = parseEncoding(at);
  if (wide && write) rig.sys.writeCoprocessor64(f(coproc), f(opc1), f(CRm), f(2), f(3), word(0), word(0));
  else if (wide) rig.sys.readCoprocessor64(f(coproc), f(opc1), f(CRm), f(2), f(3));
  else if (write) rig.sys.writeCoprocessor(f(coproc), f(opc1), f(CRn), f(CRm), f(opc2), f(2), word(0));
  else rig.sys.readCoprocessor(f(coproc), f(opc1), f(CRn), f(CRm), f(opc2), f(2));
}

/** The exception class with which the access ends in Hyp mode; undefined if it does not. */
function trapped(act: () => void): { readonly ec: number; readonly iss: number } | undefined {
  try {
    act();
  } catch (exception) {
    const raised = exception as { kind: string; ec: number; iss: number };
    if (raised.kind === 'hyp trap') return raised;
  }
  return undefined;
}

function rig(options: Parameters<typeof makeRig>[0], control: Control, bits: number): Rig {
  const made = makeRig({ ...options, memory: 0x1000 });
  made.cpu.system[SLOT[control]] = bits;
  made.sys.regimeChanged();
  return made;
}

const GUEST = { mode: 'svc', secure: false } as const;
const rows = SYSTEM_REGISTERS.filter(({ only }) => only !== 'cortex-a7');
const may = (row: SystemRegister, write: boolean): boolean =>
  row.level === undefined && row.rights !== (write ? 'ro' : 'wo') && !(write && /^(NSACR|CNTFRQ)$/.test(row.name));
const classOf = (row: SystemRegister): number => {
  const { coproc, wide } = parseEncoding(row.at);
  return coproc === 15 ? (wide ? EC.cp15Wide : EC.cp15) : wide ? EC.cp14Wide : EC.cp14;
};

describe.each(EXPECTED)('$name', ({ control, bit, registers, writesOnly }) => {
  it.each([false, true])('traps exactly what the manual lists (write: %s)', (write) => {
    const guest = rig(GUEST, control, bit);
    const found = rows.filter((row) => {
      const exception = trapped(() => access(guest, row, write));
      if (exception !== undefined) expect(exception.ec).toBe(classOf(row));
      return exception !== undefined;
    });
    const expected = rows.filter((row) => registers.test(row.name) && may(row, write) && (write || !writesOnly));
    expect(found.map(({ name, at }) => `${name} ${at}`)).toEqual(expected.map(({ name, at }) => `${name} ${at}`));
  });

  it('traps nothing in Secure state, in Hyp mode, or where there is no Hyp mode', () => {
    const others = [
      { mode: 'svc', secure: true },
      { mode: 'hyp', secure: false },
      { ...GUEST, virtualization: false },
    ] as const;
    for (const options of others) {
      const machine = rig(options, control, bit);
      for (const row of rows) {
        expect(trapped(() => access(machine, row, false))).toBeUndefined();
      }
    }
  });
});

/** There are no bits for c4 and c14. */
const TRAPPABLE = [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15];

describe('HSTR.Tn', () => {
  it.each(Array.from({ length: 16 }, (_, n) => n))('T%i traps Non-secure PL1 by CRn, or by CRm in 64-bit accesses', (n) => {
    const cp15 = rows.filter(({ at }) => at.startsWith('p15'));
    const guest = rig(GUEST, 'HSTR', 1 << n);
    const found = cp15.filter((row) => trapped(() => access(guest, row, row.rights === 'wo')) !== undefined);
    const expected = TRAPPABLE.includes(n) ? cp15.filter((row) => hasNumber(row, n)) : [];
    expect(found).toEqual(expected);
  });

  it('traps encodings without a register too', () => {
    const guest = rig(GUEST, 'HSTR', 1 << 15);
    const read = () => guest.sys.readCoprocessor(f(15), f(7), f(15), f(15), f(7), f(0));
    expect(trapped(() => void read())?.ec).toBe(EC.cp15);
  });

  it('leaves User mode its UNDEFINED where it has no access, and traps it where it has', () => {
    const guest = rig(GUEST, 'HSTR', (1 << 1) | (1 << 13));
    guest.cpu.s[12] = 0x10;
    const at = (name: string) => rows.find((row) => row.name === name) as SystemRegister;
    expect(trapped(() => access(guest, at('SCTLR'), false))).toBeUndefined();
    expect(trapped(() => access(guest, at('TPIDRURW'), false))?.ec).toBe(EC.cp15);
  });
});

const hasNumber = (row: SystemRegister, n: number): boolean => {
  const { coproc, wide, CRn, CRm } = parseEncoding(row.at);
  return coproc === 15 && (wide ? CRm : CRn) === n;
};

describe('HCR.TIDCP', () => {
  /** CRn 9: CRm 0-2, 5-8; CRn 10: 0, 1, 4, 8; CRn 11: 0-8, 15. */
  const listed = (CRn: number, CRm: number): boolean =>
    (CRn === 9 && [0, 1, 2, 5, 6, 7, 8].includes(CRm)) ||
    (CRn === 10 && [0, 1, 4, 8].includes(CRm)) ||
    (CRn === 11 && (CRm <= 8 || CRm === 15));

  it('traps the IMPLEMENTATION DEFINED encodings of c9, c10 and c11, registers or not', () => {
    const guest = rig(GUEST, 'HCR', HCR.TIDCP);
    for (let n = 0; n < 1 << 14; n++) {
      const [opc1, CRn, CRm, opc2] = [n >>> 11, (n >>> 7) & 15, (n >>> 3) & 15, n & 7] as const;
      const act = () => void guest.sys.readCoprocessor(f(15), f(opc1), f(CRn), f(CRm), f(opc2), f(0));
      expect(trapped(act) !== undefined).toBe(listed(CRn, CRm));
    }
  });
});

describe('rights that other software gives', () => {
  const user = (control: Control = 'HCR', bits = 0): Rig => {
    const made = rig(GUEST, control, bits);
    made.cpu.s[12] = 0x10;
    return made;
  };
  const at = (name: string) => rows.find((row) => row.name === name) as SystemRegister;
  const outcome = (machine: Rig, name: string, write = false): string => {
    try {
      access(machine, at(name), write);
      return 'done';
    } catch (exception) {
      return (exception as { kind: string }).kind;
    }
  };

  it.each([
    ['CNTPCT', 1 << 0],
    ['CNTVCT', 1 << 1],
    ['CNTV_CTL', 1 << 8],
    ['CNTV_TVAL', 1 << 8],
    ['CNTV_CVAL', 1 << 8],
    ['CNTP_CTL', 1 << 9],
    ['CNTP_TVAL', 1 << 9],
    ['CNTP_CVAL', 1 << 9],
  ] as const)('%s is open to User mode by its bit of CNTKCTL alone', (name, bit) => {
    for (const set of [0, 1, 2, 0x100, 0x200, 0x303, 0x303 & ~bit]) {
      const machine = user();
      machine.timer.write('CNTKCTL', set);
      expect(outcome(machine, name)).toBe((set & bit) !== 0 ? 'done' : 'undefined');
    }
  });

  it('CNTFRQ is open to User mode by either counter bit', () => {
    for (const [set, expected] of [
      [0, 'undefined'],
      [1, 'done'],
      [2, 'done'],
      [0x300, 'undefined'],
    ] as const) {
      const machine = user();
      machine.timer.write('CNTKCTL', set);
      expect(outcome(machine, 'CNTFRQ')).toBe(expected);
    }
  });

  it('CNTHCTL.PL1PCTEN and PL1PCEN keep the physical counter and timer from a guest', () => {
    for (const [set, counter, timer] of [
      [0, 'hyp trap', 'hyp trap'],
      [1, 'done', 'hyp trap'],
      [2, 'hyp trap', 'done'],
      [3, 'done', 'done'],
    ] as const) {
      const guest = rig(GUEST, 'HCR', 0);
      guest.timer.write('CNTHCTL', set);
      expect([outcome(guest, 'CNTPCT'), outcome(guest, 'CNTP_CTL')]).toEqual([counter, timer]);
      expect([outcome(guest, 'CNTVCT'), outcome(guest, 'CNTV_CTL')]).toEqual(['done', 'done']);
    }
  });

  it('PMUSERENR.EN opens the performance monitors to User mode, but for itself and the interrupt enables', () => {
    const monitors = rows.filter(({ name }) => name.startsWith('PM'));
    for (const row of monitors) {
      const write = row.rights === 'wo';
      const closed = user();
      if (row.name !== 'PMUSERENR') expect(outcome(closed, row.name, write)).toBe('undefined');
      const open = user();
      open.cpu.system[SLOT.PMUSERENR] = 1;
      expect(outcome(open, row.name, write)).toBe(/^PMINTEN/.test(row.name) ? 'undefined' : 'done');
      if (row.name === 'PMUSERENR') expect(outcome(open, row.name, true)).toBe('undefined');
    }
  });

  it('TEECR.XED closes TEEHBR to User mode', () => {
    const machine = user();
    expect(outcome(machine, 'TEEHBR')).toBe('done');
    machine.cpu.system[SLOT.TEECR] = 1;
    expect(outcome(machine, 'TEEHBR')).toBe('undefined');
    expect(outcome(machine, 'TEECR')).toBe('undefined');
  });

  it('DBGDSCR.UDCCdis closes the debug communications channel and the debug ID registers to User mode', () => {
    for (const name of ['DBGDIDR', 'DBGDSCRint', 'DBGDTRint', 'DBGDRAR', 'DBGDSAR']) {
      const machine = user();
      expect(outcome(machine, name)).toBe('done');
      machine.cpu.system[SLOT.DBGDSCR] = 1 << 12;
      expect(outcome(machine, name)).toBe('undefined');
    }
  });

  it('NSACR hides bits of CPACR from Non-secure software', () => {
    for (const [nsacr, mask] of [
      [0, 0],
      [1 << 10, 3 << 20],
      [1 << 11, 3 << 22],
      [3 << 10, 0xf << 20],
    ] as const) {
      const guest = makeRig(GUEST);
      guest.cpu.system[SLOT.NSACR] = nsacr;
      guest.sys.writeCoprocessor(f(15), f(0), f(1), f(0), f(2), f(0), word(0xf << 20));
      expect(guest.sys.readCoprocessor(f(15), f(0), f(1), f(0), f(2), f(0))).toBe(mask);
    }
  });
});
