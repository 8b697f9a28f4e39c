import { describe, expect, it } from 'vitest';
import { FpRegisters, QC } from '../../../../core/cpu/fp.ts';
import {
  ESTIMATE,
  EXCHANGE,
  FLOAT,
  INTEGER,
  SHIFT,
  simdConstant,
  simdConstantNarrow,
  simdExchange,
  simdLong,
  simdPairs,
  simdReverse,
  simdSame,
  simdScalarLong,
} from '../../../../core/cpu/simd.ts';

const makeRegisters = () => new FpRegisters(new ArrayBuffer(FpRegisters.BYTES), 0);
const [S, U] = [0, 1];
const [BYTE, HALFWORD, WORD, DOUBLEWORD] = [0, 1, 2, 3];

describe('lanes of vectors', () => {
  it('are all calculated before the first is written, so that registers may overlap', () => {
    const fp = makeRegisters();
    fp.w.set([0x00010002, 0x00030004, 0x00050006, 0x00070008]);
    simdLong(fp, INTEGER.VADD, U, HALFWORD, 0, 0, 1);
    expect([...fp.w.subarray(0, 4)]).toEqual([8, 6, 12, 10]);
    simdPairs(fp, INTEGER.VADD, U, WORD, 1, 1, 0);
    expect([...fp.w.subarray(2, 4)]).toEqual([22, 14]);
  });

  it('meet a scalar as it was before the destination was written', () => {
    const fp = makeRegisters();
    fp.w.set([3, 5, 7, 9]);
    simdScalarLong(fp, INTEGER.VMUL, U, WORD, 0, 1, 0, 1);
    expect([...fp.bits.subarray(0, 2)]).toEqual([35n, 45n]);
  });

  it('keep the bits of NaNs that no arithmetic touches', () => {
    const fp = makeRegisters();
    fp.w.set([0x7f800001, 0xff923456]);
    simdConstant(fp, FLOAT.VNEG, S, S, WORD, 0, 2, 0, 0);
    simdReverse(fp, 8, WORD, 0, 0, 0);
    expect([...fp.w.subarray(0, 2)]).toEqual([0xff923456 | 0, 0x7f800001]);
    expect([...fp.w.subarray(4, 6)]).toEqual([0xff800001 | 0, 0x7f923456]);
    expect(fp.FPSCR).toBe(0);
  });

  it('change places without loss', () => {
    const fp = makeRegisters();
    const bytes = Array.from({ length: 32 }, (_, i) => i);
    const now = () => [...(fp.elements.numbers[3]?.subarray(0, 32) ?? [])];
    fp.elements.numbers[3]?.set(bytes);
    for (const exchange of [EXCHANGE.VSWP, EXCHANGE.VTRN]) {
      simdExchange(fp, exchange, BYTE, 1, 0, 2);
      expect(now()).not.toEqual(bytes);
      simdExchange(fp, exchange, BYTE, 1, 0, 2);
      expect(now()).toEqual(bytes);
    }
    simdExchange(fp, EXCHANGE.VZIP, HALFWORD, 1, 0, 2);
    expect(fp.w[0]).toBe(0x11100100);
    simdExchange(fp, EXCHANGE.VUZP, HALFWORD, 1, 0, 2);
    expect(now()).toEqual(bytes);
  });
});

describe('saturation', () => {
  it('gives the nearest value and is recorded, once a lane needs it', () => {
    const fp = makeRegisters();
    fp.w.set([0x7f80_1001, 0, 0x0180_1001, 0], 2);
    simdSame(fp, INTEGER.VQADD, S, BYTE, 0, 0, 3, 3);
    expect([fp.w[0], fp.FPSCR]).toEqual([0, 0]);
    simdSame(fp, INTEGER.VQADD, S, BYTE, 0, 0, 1, 2);
    expect([(fp.w[0] as number) >>> 0, fp.FPSCR]).toEqual([0x7f80_2002, QC]);
  });

  it('reaches 64 bits', () => {
    const fp = makeRegisters();
    fp.bits.set([0n, 0xffff_ffff_ffff_ffffn, 1n]);
    simdSame(fp, INTEGER.VQADD, U, DOUBLEWORD, 0, 0, 1, 2);
    expect([fp.bits[0], fp.FPSCR]).toEqual([0xffff_ffff_ffff_ffffn, QC]);
    fp.bits.set([0n, 0x8000_0000_0000_0000n]);
    simdSame(fp, INTEGER.VQSUB, S, DOUBLEWORD, 0, 0, 1, 2);
    expect(fp.bits[0]).toBe(0x8000_0000_0000_0000n);
  });

  it('of a doubled product happens for one product only', () => {
    const fp = makeRegisters();
    fp.w.set([0, 0, 0x8000_0000 | 0, 0x8000_0000 | 0, 0x8000_0000 | 0, 0x7fff_ffff]);
    simdSame(fp, INTEGER.VQDMULH, S, WORD, 0, 0, 1, 2);
    expect([...fp.w.subarray(0, 2), fp.FPSCR]).toEqual([0x7fff_ffff, -0x7fff_ffff, QC]);
  });

  it('of a narrowing shift goes by the type of the result', () => {
    const fp = makeRegisters();
    fp.w.set([-1, 300 << 4, 5 << 4, 255 << 4], 2);
    simdConstantNarrow(fp, SHIFT.VQSHRN, S, U, HALFWORD, 0, 1, 4);
    expect([...fp.w.subarray(0, 2), fp.FPSCR]).toEqual([300 << 16, 5 | (255 << 16), QC]);
  });
});

describe('shifts by a vector', () => {
  const shifted = (operation: (typeof SHIFT)[keyof typeof SHIFT], unsigned: number, value: number, amount: number): number => {
    const fp = makeRegisters();
    fp.w.set([value, 0, amount, 0], 2);
    simdSame(fp, operation, unsigned, WORD, 0, 0, 1, 2);
    return fp.w[0] as number;
  };

  it('go by the bottom byte, to the right if it is negative', () => {
    expect(shifted(SHIFT.VSHL_vector, S, -8, 0x1234_5601)).toBe(-16);
    expect(shifted(SHIFT.VSHL_vector, S, -8, 0xfe)).toBe(-2);
    expect(shifted(SHIFT.VSHL_vector, U, -8, 0xfe)).toBe(0x3fff_fffe);
  });

  it('leave nothing but signs when they are longer than the element', () => {
    for (const amount of [32, 33, 64, 127]) {
      expect(shifted(SHIFT.VSHL_vector, S, -1, amount)).toBe(0);
      expect(shifted(SHIFT.VSHL_vector, S, -1, -amount)).toBe(-1);
      expect(shifted(SHIFT.VSHL_vector, U, -1, -amount)).toBe(0);
      expect(shifted(SHIFT.VRSHL, S, -1, -amount)).toBe(0);
      expect(shifted(SHIFT.VRSHL, U, -1, -amount)).toBe(amount === 32 ? 1 : 0);
    }
  });
});

describe('estimates', () => {
  const single = (name: 'VRECPE' | 'VRSQRTE', value: number): number => {
    const fp = makeRegisters();
    fp.s[2] = value;
    simdConstant(fp, FLOAT[name], S, S, WORD, 0, 0, 1, 0);
    return fp.s[0] as number;
  };

  it('are right to eight bits', () => {
    for (let i = 0; i < 512; i++) {
      const value = 0.3 + i / 77;
      expect(Math.abs(single('VRECPE', value) * value - 1)).toBeLessThan(2 ** -8);
      expect(Math.abs(single('VRSQRTE', value) ** 2 * value - 1)).toBeLessThan(2 ** -7);
    }
  });

  it('of fractions and of singles have the same digits', () => {
    const fp = makeRegisters();
    for (let i = 0; i < 256; i++) {
      fp.w[2] = 0x8000_0000 + i * 0x80_0000 + 0x1234;
      simdConstant(fp, ESTIMATE.VRECPE, U, U, WORD, 0, 0, 1, 0);
      const fraction = ((fp.w[2] as number) >>> 0) / 2 ** 32;
      expect(((fp.w[0] as number) >>> 0) / 2 ** 31).toBe(single('VRECPE', fraction));
    }
  });
});
