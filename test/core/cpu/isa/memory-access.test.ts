import { describe, expect, it } from 'vitest';
import { Decoder } from '../../../../core/cpu/decode.ts';
import type { Operands } from '../../../../core/cpu/insn.ts';
import { INSTRUCTIONS } from '../../../../core/cpu/isa/all.ts';

const decoder = new Decoder(INSTRUCTIONS);
const decode = (set: 'A32' | 'T32', bits: number, narrow = false) => decoder.decode(set, bits | 0, narrow, false);

class Abort extends Error {}

/** A processor whose memory fails at the nth access. */
function failing(after: number) {
  const words = Int32Array.from({ length: 16 }, (_, n) => 0x1000 + 16 * n);
  let left = after;
  const access = (): number => {
    if (left-- === 0) throw new Abort();
    return 7;
  };
  const mem = new Proxy({}, { get: () => access });
  return { r: words, loaded: new Int32Array(16), mem, sys: { checkSwapEnabled() {} }, C: false };
}

describe('loads and stores', () => {
  it.each([
    ['ldr r1, [r2, #4]!', 'A32', 0xe5b21004, 1],
    ['ldr r1, [r2], r3', 'A32', 0xe6921003, 1],
    ['str r1, [r2, #4]!', 'A32', 0xe5a21004, 1],
    ['ldrh r1, [r2], #4', 'A32', 0xe0d210b4, 1],
    ['ldrt r1, [r2], #4', 'A32', 0xe4b21004, 1],
    ['ldrd r4, r5, [r2, #8]!', 'A32', 0xe1e240d8, 2],
    ['strd r4, r5, [r2, #8]!', 'A32', 0xe1e240f8, 2],
    ['ldm r2!, {r0, r1, r3, r15}', 'A32', 0xe8b2800b, 4],
    ['stm r2!, {r0, r1, r3}', 'A32', 0xe8a2000b, 3],
    ['ldrexd r4, r5, [r2]', 'A32', 0xe1b24f9f, 3],
    ['swp r0, r1, [r2]', 'A32', 0xe1020091, 2],
    ['ldr.w r1, [r2], #4', 'T32', 0xf8521b04, 1],
    ['pop {r0, r4, pc}', 'T32', 0xbd11, 3],
  ] as const)('change no register when they abort: %s', (_, set, bits, accesses) => {
    const op = decode(set, bits, bits < 0x10000);
    for (let after = 0; after < accesses; after++) {
      const cpu = failing(after);
      const before = cpu.r.slice();
      expect(() => op.execute(cpu as never, op.operands)).toThrow(Abort);
      expect(cpu.r).toEqual(before);
    }
  });
});

describe('the syndrome of a trapped access (DDI 0406C B3.13.6)', () => {
  const of = (set: 'A32' | 'T32', bits: number, narrow = false) => {
    const { definition, operands } = decode(set, bits, narrow);
    return definition.syndrome?.(operands as Operands);
  };

  it.each([
    ['ldr r1, [r2, #4]', 'A32', 0xe5921004, { bytes: 4, signed: false, Rt: 1 }],
    ['strb r3, [r2, r1]', 'A32', 0xe7c23001, { bytes: 1, signed: false, Rt: 3 }],
    ['ldrsh r5, [r2]', 'A32', 0xe1d250f0, { bytes: 2, signed: true, Rt: 5 }],
    ['ldrsb.w r5, [r2, #1]', 'T32', 0xf9925001, { bytes: 1, signed: true, Rt: 5 }],
    ['ldrt r1, [r2, #4]', 'T32', 0xf8521e04, { bytes: 4, signed: false, Rt: 1 }],
    ['ldr.w r1, [pc, #4]', 'T32', 0xf8df1004, { bytes: 4, signed: false, Rt: 1 }],
  ] as const)('describes %s', (_, set, bits, expected) => {
    expect(of(set, bits)).toEqual(expected);
  });

  it.each([
    ['writeback', 'A32', 0xe5b21004],
    ['post-indexing', 'A32', 0xe4921004],
    ['the PC', 'A32', 0xe592f004],
    ['two registers', 'A32', 0xe1c240d8],
    ['many registers', 'A32', 0xe892000b],
    ['exclusive access', 'A32', 0xe1921f9f],
  ] as const)('is not valid with %s', (_, set, bits) => {
    expect(of(set, bits)).toBeUndefined();
  });
});
