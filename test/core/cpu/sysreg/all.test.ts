import { describe, expect, it } from 'vitest';
import { type Field, field, word } from '../../../../core/cpu/insn.ts';
import { makeModel } from '../../../../core/cpu/models.ts';
import { bankWords, SLOT, SLOT_WORDS, type SlotName } from '../../../../core/cpu/slots.ts';
import { SYSTEM_WORDS } from '../../../../core/cpu/state.ts';
import { SYSTEM_REGISTERS } from '../../../../core/cpu/sysreg/all.ts';
import { parseEncoding, RegisterFile, type SystemRegister } from '../../../../core/cpu/sysreg/register.ts';
import { makeRig, type Rig } from '../rig.ts';

const SVC = { mode: 'svc', secure: true } as const;
const HYP = { mode: 'hyp', secure: false } as const;

function read(rig: Rig, { at }: SystemRegister): readonly [number, number] {
  const { coproc, opc1, CRn, CRm, opc2, wide } = parseEncoding(at);
  const f = (n: number): Field => field(n);
  if (!wide) return [rig.sys.readCoprocessor(f(coproc), f(opc1), f(CRn), f(CRm), f(opc2), f(0)), 0];
  rig.sys.readCoprocessor64(f(coproc), f(opc1), f(CRm), f(0), f(1));
  return [rig.cpu.words[0] as number, rig.cpu.words[1] as number];
}

function write(rig: Rig, { at }: SystemRegister, low: number, high = 0): void {
  const { coproc, opc1, CRn, CRm, opc2, wide } = parseEncoding(at);
  const f = (n: number): Field => field(n);
  if (wide) rig.sys.writeCoprocessor64(f(coproc), f(opc1), f(CRm), f(0), f(1), word(low), word(high));
  else rig.sys.writeCoprocessor(f(coproc), f(opc1), f(CRn), f(CRm), f(opc2), f(0), word(low));
}

/** A machine in which the register can be reached: Hyp mode for what is Hyp mode's, Secure SVC for the rest. */
const reach = ({ level, only = 'cortex-a15' }: SystemRegister): Rig => makeRig({ ...(level === 'PL2' ? HYP : SVC), name: only });

/** Rows that are nothing but a word (or two) of storage. */
const isPlain = (row: SystemRegister): boolean => row.slot !== undefined && !row.read && !row.write && row.rights === 'rw';
const plain = SYSTEM_REGISTERS.filter(isPlain).map((row) => [`${row.name} ${row.at}`, row] as const);
const label = (rows: readonly SystemRegister[]) => rows.map((row) => [`${row.name} ${row.at}`, row] as const);

describe('the table', () => {
  it('has no encoding twice', () => {
    const file = new RegisterFile(SYSTEM_REGISTERS, makeModel('cortex-a15', { security: true, virtualization: true }));
    expect(file.rows.length).toBe(SYSTEM_REGISTERS.filter(({ only }) => only !== 'cortex-a7').length);
  });

  it('leaves out what the extensions bring where they are absent', () => {
    const names = (security: boolean, virtualization: boolean) =>
      new RegisterFile(SYSTEM_REGISTERS, makeModel('cortex-a15', { security, virtualization })).rows.map(({ name }) => name);
    expect(names(false, false)).not.toContain('SCR');
    expect(names(false, false)).not.toContain('HCR');
    expect(names(false, true)).toContain('HCR');
    expect(names(true, true)).toContain('SCR');
  });

  it('fits into the words that a processor has, and no slots overlap', () => {
    expect(SLOT_WORDS).toBeLessThanOrEqual(SYSTEM_WORDS);
    expect(new Set(Object.values(SLOT)).size).toBe(Object.keys(SLOT).length);
  });
});

describe('rows of storage', () => {
  it.each(plain)('%s keeps what is written, within its mask', (_name, row) => {
    const rig = reach(row);
    const [before] = read(rig, row);
    const mask = row.mask ?? -1;
    // Translation must not be turned on under the rig.
    const value = row.name.endsWith('SCTLR') ? 0x40000000 : 0xa5a5a5a5 | 0;
    write(rig, row, value, 0x5a5a5a5a);
    const [low, high] = read(rig, row);
    expect(low).toBe((before & ~mask) | (value & mask));
    if (parseEncoding(row.at).wide) expect(high).toBe(0x5a5a5a5a);
  });

  it.each(plain)('%s is reset to its value', (_name, row) => {
    const expected = typeof row.reset === 'function' ? row.reset(makeRig().cpu.model) : (row.reset ?? 0);
    if (row.name !== 'VMPIDR') expect(read(reach(row), row)[0]).toBe(expected);
  });
});

describe('rights', () => {
  const undefinedInstruction = { kind: 'undefined' };
  const raised = (act: () => unknown): unknown => {
    try {
      act();
      return undefined;
    } catch (exception) {
      return exception;
    }
  };

  it.each(label(SYSTEM_REGISTERS.filter(({ rights }) => rights === 'ro')))('%s cannot be written', (_name, row) => {
    expect(raised(() => write(reach(row), row, 0))).toEqual(undefinedInstruction);
  });

  it.each(label(SYSTEM_REGISTERS.filter(({ rights }) => rights === 'wo')))('%s cannot be read', (_name, row) => {
    expect(raised(() => read(reach(row), row))).toEqual(undefinedInstruction);
  });

  it.each(label(SYSTEM_REGISTERS.filter(({ user }) => user === undefined || user === 'none')))(
    '%s is not for User mode',
    (_name, row) => {
      const rig = makeRig({ secure: false });
      rig.cpu.s[12] = 0x10;
      expect(raised(() => read(rig, row))).toEqual(undefinedInstruction);
      expect(raised(() => write(rig, row, 0))).toEqual(undefinedInstruction);
    },
  );

  it.each(label(SYSTEM_REGISTERS.filter(({ level }) => level !== undefined)))('%s is not for Non-secure PL1', (_name, row) => {
    const rig = makeRig({ mode: 'svc', secure: false });
    expect(raised(() => read(rig, row))).toEqual(undefinedInstruction);
    expect(raised(() => write(rig, row, 0))).toEqual(undefinedInstruction);
  });
});

describe('banked registers', () => {
  const banked = (Object.keys(SLOT) as SlotName[]).filter((name) => bankWords(name) > 0);

  it.each(banked)('%s has a copy for each security state, chosen by SCR.NS', (name) => {
    const row = SYSTEM_REGISTERS.find((candidate) => candidate.slot === name && candidate.index === undefined) as SystemRegister;
    const rig = makeRig(SVC);
    // Monitor mode, from which both copies can be reached.
    rig.cpu.s[12] = 0x16;
    const value = row.name === 'SCTLR' ? 0x40000000 : 2;
    write(rig, row, value);
    rig.sys.setScr(1);
    write(rig, row, 0);
    rig.sys.setScr(0);
    expect(read(rig, row)[0] & (row.mask ?? -1)).toBe(value & (row.mask ?? -1));
  });
});

describe('registers of one processor', () => {
  const names = (name: 'cortex-a15' | 'cortex-a7') =>
    new RegisterFile(SYSTEM_REGISTERS, makeModel(name, { security: true, virtualization: true })).rows.map((row) => row.name);

  it('gives the Cortex-A15 its L2 auxiliary control and RAM index operation, and the Cortex-A7 its cache debug operations', () => {
    expect(names('cortex-a15')).toEqual(expect.arrayContaining(['L2ACTLR', 'L2PFR', 'RAMINDEX', 'L2MERRSR']));
    expect(names('cortex-a7')).toEqual(expect.arrayContaining(['CDBGDR0', 'CDBGDCT', 'CDBGTD']));
    expect(names('cortex-a7')).not.toContain('L2ACTLR');
    expect(names('cortex-a15')).not.toContain('CDBGDR0');
  });
});

describe('auxiliary registers', () => {
  const at = (name: string) => SYSTEM_REGISTERS.find((row) => row.name === name) as SystemRegister;

  it('lets Non-secure software set ACTLR.SMP only where NSACR.NS_SMP allows it, and nothing else of it', () => {
    for (const [nsacr, expected] of [
      [0, 0x80],
      [1 << 18, 0xc0],
    ] as const) {
      const rig = makeRig(SVC);
      write(rig, at('ACTLR'), 0x80);
      write(rig, at('NSACR'), nsacr);
      rig.sys.setScr(1);
      write(rig, at('ACTLR'), -1);
      expect(read(rig, at('ACTLR'))[0]).toBe(expected);
    }
  });

  it('ignores Non-secure writes to the L2 registers', () => {
    const rig = makeRig(SVC);
    write(rig, at('L2ECTLR'), 5);
    rig.sys.setScr(1);
    write(rig, at('L2ECTLR'), 9);
    expect(read(rig, at('L2ECTLR'))[0]).toBe(5);
  });

  it('lets everyone write them where there are no Security Extensions', () => {
    const rig = makeRig({ security: false });
    write(rig, at('ACTLR'), 0x40);
    expect(read(rig, at('ACTLR'))[0]).toBe(0x40);
  });
});
