import { describe, expect, it } from 'vitest';
import { combine, mairAttributes, shortAttributes } from '../../../core/mmu/attributes.ts';
import { SCTLR } from '../../../core/mmu/regime.ts';
import { LONG, RESET } from './rig.ts';

const tex = (bits: number, s = 0, regime = RESET) => shortAttributes(regime, bits >>> 2, bits & 3, s);

describe('memory attributes (DDI 0406C B3.8)', () => {
  it('come from TEX, C and B without remap', () => {
    expect(tex(0b00000).attributes).toBe(0x00);
    expect(tex(0b00001).attributes).toBe(0x04);
    expect(tex(0b00010).attributes).toBe(0xaa);
    expect(tex(0b00011).attributes).toBe(0xee);
    expect(tex(0b00100).attributes).toBe(0x44);
    expect(tex(0b00111).attributes).toBe(0xff);
    expect(tex(0b01000).attributes).toBe(0x04);
    // 1BB AA: outer write-back without allocation, inner write-through.
    expect(tex(0b11110).attributes).toBe(0xea);
    expect(tex(0b10111).attributes).toBe(0xfe);
  });

  it('are shareable by S, and always for Device and Strongly-ordered', () => {
    expect([tex(0b00111, 0).shareability, tex(0b00111, 1).shareability]).toEqual([0, 2]);
    expect([tex(0, 0).shareability, tex(1, 0).shareability, tex(0b01000, 0).shareability]).toEqual([2, 2, 2]);
  });

  it('come from PRRR and NMRR with SCTLR.TRE', () => {
    // Region 5: Normal, outer write-through, inner write-back write-allocate; S = 1 is shareable, inner. Region 2: Device.
    const prrr = (2 << 10) | (1 << 4) | (1 << 19) | (1 << 29);
    const nmrr = (1 << 10) | (2 << 26);
    const regime = { ...RESET, sctlr: SCTLR.tre, mair0: prrr, mair1: nmrr };
    expect(shortAttributes(regime, 0b001, 0b01, 1)).toEqual({ attributes: 0xaf, shareability: 3 });
    expect(shortAttributes(regime, 0b111, 0b01, 0)).toEqual({ attributes: 0xaf, shareability: 0 });
    expect(shortAttributes(regime, 0b000, 0b10, 0)).toEqual({ attributes: 0x04, shareability: 2 });
    expect(shortAttributes(regime, 0b000, 0b00, 0)).toEqual({ attributes: 0x00, shareability: 2 });
  });

  it('come from MAIR by AttrIndx', () => {
    const indexed = (index: number) =>
      mairAttributes({ ...LONG, mair0: 0x44_04_00_ff, mair1: 0xaa_bb_cc_dd }, (index << 2) | 0x300);
    expect([0, 1, 2, 3, 4, 7].map((i) => indexed(i).attributes)).toEqual([0xff, 0x00, 0x04, 0x44, 0xdd, 0xaa]);
    expect([0, 1, 3].map((i) => indexed(i).shareability)).toEqual([3, 2, 2]);
  });

  it('combine to the stricter type and the wider shareability', () => {
    const normal = { attributes: 0xff, shareability: 0 } as const;
    const device = { attributes: 0x04, shareability: 2 } as const;
    expect(combine(normal, 0b1111, 0)).toEqual(normal);
    expect(combine(normal, 0b1111, 3).shareability).toBe(3);
    expect(combine({ ...normal, shareability: 3 }, 0b1111, 2).shareability).toBe(2);
    expect(combine(normal, 0b0000, 0)).toEqual({ attributes: 0, shareability: 2 });
    expect(combine(normal, 0b0001, 0)).toEqual({ attributes: 4, shareability: 2 });
    expect(combine(device, 0b0000, 0).attributes).toBe(0);
    expect(combine(device, 0b1111, 0)).toEqual(device);
    expect(combine(normal, 0b0101, 0)).toEqual({ attributes: 0x44, shareability: 2 });
    expect(combine(normal, 0b1110, 0)).toEqual({ attributes: 0xfb, shareability: 0 });
    expect(combine({ attributes: 0xaa, shareability: 0 }, 0b1111, 0).attributes).toBe(0xaa);
    expect(combine({ attributes: 0x4f, shareability: 0 }, 0b1110, 0).attributes).toBe(0x4b);
  });
});
