import { describe, expect, it } from 'vitest';
import {
  DOUBLE,
  FpRegisters,
  fpAdd64,
  fpCompare64,
  fpMove32,
  fpMove64,
  HALF,
  IXC,
  LEN,
  SINGLE,
  VFPExpandImm,
} from '../../../../core/cpu/fp.ts';

function registers(): FpRegisters {
  return new FpRegisters(new ArrayBuffer(FpRegisters.BYTES), 0);
}

describe('FpRegisters', () => {
  it('stays within its bytes of a shared buffer', () => {
    const buffer = new SharedArrayBuffer(16 + FpRegisters.BYTES + 8);
    const all = new Uint8Array(buffer);
    const fp = new FpRegisters(buffer, 16);
    fp.w.fill(-1);
    fp.FPSCR = -1;
    expect([...all.subarray(0, 16), ...all.subarray(16 + FpRegisters.BYTES)]).toEqual(Array(24).fill(0));
  });

  it('shows S2n and S2n+1 as the low and high halves of Dn', () => {
    const fp = registers();
    fp.bits[15] = 0x3ff0_0000_4000_0000n;
    expect([fp.s[30], fp.s[31], fp.w[30]]).toEqual([2, 1.875, 0x40000000]);
  });

  it('ignores writes to the trap enables and reserved bits of FPSCR, which Cortex-A15 lacks', () => {
    const fp = registers();
    fp.FPSCR = 0xffffffff | 0;
    expect(fp.FPSCR >>> 0).toBe(0xfff7009f);
  });

  it('keeps N, Z, C and V apart from the rest of FPSCR', () => {
    const fp = registers();
    fp.FPSCR = 0xa3000010 | 0;
    expect(fp.nzcv).toBe(0b1010);
    fp.nzcv = 0b0110;
    expect(fp.FPSCR >>> 0).toBe(0x63000010);
  });

  it('tells that short vectors are asked for while LEN or STRIDE is not zero', () => {
    const fp = registers();
    expect(fp.shortVectors).toBe(false);
    fp.FPSCR = LEN;
    expect(fp.shortVectors).toBe(true);
  });

  it('restores what it saved, signalling NaNs included, whatever happened since', () => {
    const fp = registers();
    fp.w.forEach((_, index) => {
      fp.w[index] = 0x7f800001 + index;
    });
    fp.FPSCR = 0xf3c0001f | 0;
    const saved = fp.save();
    fp.w.fill(0);
    fp.FPSCR = 0;
    const other = registers();
    other.load(saved);
    expect([...other.w]).toEqual(Array.from({ length: 64 }, (_, index) => 0x7f800001 + index));
    expect(other.FPSCR >>> 0).toBe(0xf3c0001f);
  });

  it('is all zero after reset', () => {
    const fp = registers();
    fp.w.fill(-1);
    fp.FPSCR = -1;
    fp.reset();
    expect(fp.save()).toEqual(registers().save());
  });

  it('moves signalling NaNs without a change', () => {
    const fp = registers();
    fp.bits[1] = 0x7ff0_0000_0000_0001n;
    fp.w[6] = 0x7f800001;
    fpMove64(fp, 0, 1);
    fpMove32(fp, 4, 6);
    expect([fp.bits[0], fp.w[4], fp.FPSCR]).toEqual([0x7ff0_0000_0000_0001n, 0x7f800001, 0]);
  });

  it('never clears a cumulative exception', () => {
    const fp = registers();
    fp.FPSCR = 0x9f;
    fp.d.fill(1);
    fpAdd64(fp, 0, 1, 2);
    fpCompare64(fp, 0, 1, true);
    expect(fp.FPSCR & 0x9f).toBe(0x9f);
  });

  it('records Inexact on the first addition that rounds', () => {
    const fp = registers();
    fp.d.set([0, 1, 0.5, 2 ** -60]);
    fpAdd64(fp, 0, 1, 2);
    expect(fp.FPSCR).toBe(0);
    fpAdd64(fp, 0, 1, 3);
    expect(fp.FPSCR).toBe(IXC);
  });
});

describe('VFPExpandImm', () => {
  it('gives the 256 constants of VMOV (immediate): 16 to 31 sixteenths times a power of two from -3 to 4', () => {
    const fp = registers();
    for (let imm8 = 0; imm8 < 256; imm8++) {
      const exponent = ((imm8 >> 4) & 7) ^ 4;
      const value = (imm8 & 0x80 ? -1 : 1) * ((16 + (imm8 & 15)) / 16) * 2 ** (exponent - 3);
      fp.bits[0] = VFPExpandImm(DOUBLE, imm8);
      fp.w[2] = Number(VFPExpandImm(SINGLE, imm8));
      expect([fp.d[0], fp.s[2]]).toEqual([value, value]);
    }
    expect(VFPExpandImm(HALF, 0x70)).toBe(0x3c00n);
  });
});
