import { describe, expect, it } from 'vitest';
import { CPACR, FPEXC, HCPTR } from '../../../../core/cpu/controls.ts';
import type { Row } from '../../../../core/cpu/decode.ts';
import { GROUPS } from '../../../../core/cpu/isa/all.ts';
import { SLOT } from '../../../../core/cpu/slots.ts';
import { EC } from '../../../../core/cpu/syndrome.ts';
import { Random } from '../../../../tools/oracle/random.ts';
import { RAM, type Rig } from '../rig.ts';
import { decoder, execute, makeVfpRig } from './vfp-rig.ts';

const VADD = 0xee310b02; // vadd.f64 d0, d1, d2
const VCMP = 0xeeb40b41; // vcmp.f64 d0, d1
const VCVT = 0xeebd0bc1; // vcvt.s32.f64 s0, d1
const VMOV_TO_CORE = 0xee132a90; // vmov r2, s7
const VMOV_BYTE = 0xeeff2bb0; // vmov.u8 r2, d31[5]
const VMRS_FPSCR = 0xeef12a10; // vmrs r2, fpscr
const VMRS_FLAGS = 0xeef1fa10; // vmrs apsr_nzcv, fpscr
const VMRS_FPEXC = 0xeef82a10; // vmrs r2, fpexc

/** FPSCR.LEN of 2. */
const LEN_2 = 1 << 16;

/** Those that check for themselves: VMRS and VMSR reach FPEXC even when it disables everything else. */
const CHECKED = Object.entries(GROUPS)
  .filter(([group]) => group.startsWith('vfp') && group !== 'vfpSystem')
  .flatMap(([, instructions]) => Object.keys(instructions));

/** A word of an encoding that does something: R1 has an address. */
function sample(row: Row): number {
  const random = new Random(1);
  for (;;) {
    let bits = row.value | row.shouldBe;
    for (const { name, low, width } of row.fields) {
      const value = name === 'cond' ? 14 : name === 'Rn' ? 1 : random.word() & (2 ** width - 1);
      bits |= value << low;
    }
    const op = decoder.decode('A32', bits, false, false);
    if (op.definition === row.definition && !op.unpredictable) return bits >>> 0;
  }
}
const SAMPLES = decoder.rows
  .filter((row) => row.set === 'A32' && CHECKED.includes(row.name))
  .map((row) => ({ name: row.name, bits: sample(row) }));

/** Those that end otherwise, with all that the instruction could have changed compared. */
function notRefused(change: (rig: Rig) => void, kind: string): string[] {
  return SAMPLES.filter(({ bits }) => {
    const rig = makeVfpRig();
    const { cpu } = rig;
    cpu.words[1] = RAM + 0x1000;
    change(rig);
    const before = JSON.stringify([[...cpu.words], cpu.fp.save()]);
    return execute(rig, bits)?.kind !== kind || JSON.stringify([[...cpu.words], cpu.fp.save()]) !== before;
  }).map(({ name }) => name);
}

describe('access to VFP', () => {
  it('is there for every instruction when CPACR, NSACR and FPEXC allow it', () => {
    const failed = SAMPLES.filter(({ bits }) => {
      const rig = makeVfpRig();
      rig.cpu.words[1] = RAM + 0x1000;
      return execute(rig, bits) !== undefined;
    });
    expect(failed).toEqual([]);
    expect(SAMPLES.length).toBeGreaterThanOrEqual(40);
  });

  it('is refused to every instruction as UNDEFINED while FPEXC.EN is 0', () => {
    const disable = ({ cpu }: Rig) => {
      cpu.system[SLOT.FPEXC] = 0;
    };
    expect(notRefused(disable, 'undefined')).toEqual([]);
  });

  it('is refused to every instruction as UNDEFINED while CPACR denies CP10 and CP11', () => {
    const disable = ({ cpu }: Rig) => {
      cpu.system[SLOT.CPACR] = 0;
    };
    expect(notRefused(disable, 'undefined')).toEqual([]);
  });

  it('is trapped to Hyp mode for every instruction by HCPTR.TCP10 and TCP11', () => {
    const trap = ({ cpu }: Rig) => {
      cpu.system[SLOT.HCPTR] = HCPTR.TCP10 | HCPTR.TCP11;
    };
    expect(notRefused(trap, 'hyp trap')).toEqual([]);
  });

  it('is refused to moves of bytes, which are Advanced SIMD, by CPACR.ASEDIS', () => {
    const rig = makeVfpRig();
    rig.cpu.system[SLOT.CPACR] = (rig.cpu.system[SLOT.CPACR] as number) | CPACR.ASEDIS;
    expect(execute(rig, VMOV_BYTE)).toEqual({ kind: 'undefined' });
    expect(execute(rig, VMOV_TO_CORE)).toBeUndefined();
  });

  it('is trapped for moves of bytes alone by HCPTR.TASE', () => {
    const rig = makeVfpRig();
    rig.cpu.system[SLOT.HCPTR] = HCPTR.TASE;
    expect(execute(rig, VMOV_BYTE)).toMatchObject({ kind: 'hyp trap', ec: EC.coprocessor });
    expect(execute(rig, VMOV_TO_CORE)).toBeUndefined();
  });

  it('leaves FPEXC within reach while FPEXC.EN is 0, but not FPSCR', () => {
    const rig = makeVfpRig();
    rig.cpu.system[SLOT.FPEXC] = 0;
    expect(execute(rig, VMRS_FPSCR)).toEqual({ kind: 'undefined' });
    expect(execute(rig, VMRS_FPEXC)).toBeUndefined();
    rig.cpu.system[SLOT.FPEXC] = FPEXC.EN;
    execute(rig, VMRS_FPEXC);
    expect(rig.cpu.words[2]).toBe(FPEXC.EN);
  });
});

describe('VFP instructions', () => {
  it('that calculate are UNDEFINED while FPSCR asks for short vectors; comparisons, conversions and moves to core registers are not', () => {
    const rig = makeVfpRig();
    rig.cpu.fp.FPSCR = LEN_2;
    expect([VADD, VCMP, VCVT, VMOV_TO_CORE].map((bits) => execute(rig, bits)?.kind)).toEqual([
      'undefined',
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('move the flags of FPSCR to APSR with VMRS to R15, which stays', () => {
    const rig = makeVfpRig();
    const { cpu } = rig;
    cpu.fp.FPSCR = 0x6000_0000 | 0;
    cpu.Q = true;
    const pc = cpu.words[15];
    expect(execute(rig, VMRS_FLAGS)).toBeUndefined();
    expect([cpu.N, cpu.Z, cpu.C, cpu.V, cpu.Q]).toEqual([false, true, true, false, true]);
    expect(cpu.words[15]).toBe(pc);
  });

  it('have one meaning in both instruction sets', () => {
    for (const { name, bits } of SAMPLES) {
      const a32 = decoder.decode('A32', bits | 0, false, false);
      const t32 = decoder.decode('T32', bits | 0, false, false);
      expect([t32.name, t32.operands], name).toEqual([a32.name, a32.operands]);
    }
  });
});
