/** Cases at the edges of the shortcuts, which random operands seldom meet. Flags as the manual's FPRound() gives them. */
import { describe, expect, it } from 'vitest';
import * as ours from '../../../../core/cpu/fp.ts';

type Binary = (fp: ours.FpRegisters, d: number, n: number, m: number) => void;

const NEAREST_KNOWN_INEXACT = ours.IXC;

function run64(operation: Binary, fpscr: number, n: bigint, m: bigint): [string, number] {
  const fp = new ours.FpRegisters(new ArrayBuffer(ours.FpRegisters.BYTES), 0);
  fp.FPSCR = fpscr;
  fp.bits[1] = n;
  fp.bits[2] = m;
  operation(fp, 0, 1, 2);
  return [fp.bits[0]!.toString(16), fp.FPSCR & 0x9f];
}

function run32(operation: Binary, fpscr: number, n: number, m: number): [string, number] {
  const fp = new ours.FpRegisters(new ArrayBuffer(ours.FpRegisters.BYTES), 0);
  fp.FPSCR = fpscr;
  fp.w[2] = n;
  fp.w[4] = m;
  operation(fp, 0, 2, 4);
  return [(fp.w[0]! >>> 0).toString(16), fp.FPSCR & 0x9f];
}

const ALMOST_TWO_64 = 0x3fffffffffffffffn;
const ALMOST_TWO_32 = 0x3fffffff;

describe('results that round up to the smallest normal number', () => {
  it.each([
    ['multiplied', ours.fpMul64, 0x0008000000000000n],
    ['divided', ours.fpDiv64, 0x7fe0000000000000n],
  ] as const)('are tiny before rounding, and so underflow, when %s in double precision', (_, operation, m) => {
    expect(run64(operation, NEAREST_KNOWN_INEXACT, ALMOST_TWO_64, m)).toEqual(['10000000000000', ours.IXC | ours.UFC]);
    expect(run64(operation, 0, ALMOST_TWO_64, m)).toEqual(['10000000000000', ours.IXC | ours.UFC]);
  });

  it.each([
    ['multiplied', ours.fpMul32, 0x00400000],
    ['divided', ours.fpDiv32, 0x7f000000],
  ] as const)('are tiny before rounding, and so underflow, when %s in single precision', (_, operation, m) => {
    expect(run32(operation, NEAREST_KNOWN_INEXACT, ALMOST_TWO_32, m)).toEqual(['800000', ours.IXC | ours.UFC]);
    expect(run32(operation, 0, ALMOST_TWO_32, m)).toEqual(['800000', ours.IXC | ours.UFC]);
  });

  it('are flushed to zero with Underflow and without Inexact', () => {
    expect(run64(ours.fpDiv64, ours.FZ, ALMOST_TWO_64, 0x7fe0000000000000n)).toEqual(['0', ours.UFC]);
    expect(run32(ours.fpDiv32, ours.FZ, ALMOST_TWO_32, 0x7f000000)).toEqual(['0', ours.UFC]);
  });
});

describe('results at the top of the range', () => {
  it('overflow to infinity under RN only from half a unit above the largest number', () => {
    const largest = 0x7fefffffffffffffn;
    expect(run64(ours.fpAdd64, 0, largest, 0x7c8fffffffffffffn)).toEqual(['7fefffffffffffff', ours.IXC]);
    expect(run64(ours.fpAdd64, 0, largest, 0x7c90000000000000n)).toEqual(['7ff0000000000000', ours.IXC | ours.OFC]);
  });

  it('stop at the largest number under RZ', () => {
    expect(run32(ours.fpMul32, ours.RZ, 0x7f000000, 0xc0800000 | 0)).toEqual(['ff7fffff', ours.IXC | ours.OFC]);
  });
});

describe('NaN operands', () => {
  it('yield the first signalling one, made quiet, else the first quiet one', () => {
    expect(run32(ours.fpAdd32, 0, 0x7fc00001, 0x7f800002)).toEqual(['7fc00002', ours.IOC]);
    expect(run32(ours.fpAdd32, 0, 0xffc00001 | 0, 0x7fc00002)).toEqual(['ffc00001', 0]);
  });

  it('yield the default NaN in default NaN mode', () => {
    expect(run32(ours.fpAdd32, ours.DN, 0xffc00001 | 0, 0)).toEqual(['7fc00000', 0]);
  });
});
