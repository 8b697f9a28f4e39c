import { describe, expect, it } from 'vitest';
import { field, instruction } from '../../../../core/cpu/insn.ts';
import { coprocessor, register, three } from '../../../../core/cpu/isa/vfp-operands.ts';

const VADD = '11100 D 11 Vn:4 Vd:4 101 sz N 0 M 0 Vm:4';

describe('operands of VFP instructions', () => {
  it('come from one pattern in both instruction sets, A32 with a condition', () => {
    const { A2, T2 } = coprocessor(2, VADD, three);
    expect([A2.pattern, T2.pattern]).toEqual([`cond:4 ${VADD}`, `1110 ${VADD}`]);
  });

  it('number doubles D:Vd and singles Vd:D (DDI 0406C A7.3)', () => {
    expect(register(1, field(1), field(2))).toBe(18);
    expect(register(0, field(1), field(2))).toBe(5);
  });

  it('are named by the pattern, which the compiler checks', () => {
    instruction({
      asm: 'VADD',
      ref: '',
      encodings: coprocessor(2, VADD, three),
      // @ts-expect-error: the operands are sz, d, n and m
      execute: (_, { Vd }) => Vd,
    });
    // @ts-expect-error: the pattern has no field Q
    const bad = coprocessor(1, VADD, { operands: ({ Q }) => ({ Q }) });
    // @ts-expect-error: the pattern lacks Vn, which `three` needs
    const short = coprocessor(1, '11100 D 11 0000 Vd:4 101 sz N 0 M 0 Vm:4', three);
    expect([bad.A1.pattern, short.A1.pattern]).toHaveLength(2);
  });
});
