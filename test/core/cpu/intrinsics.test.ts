import { describe, expect, it } from 'vitest';
import { UInt, word } from '../../../core/cpu/insn.ts';
import {
  countLeadingZeroBits,
  divideSigned,
  divideUnsigned,
  multiply,
  multiplyHighSigned,
  multiplyHighUnsigned,
} from '../../../core/cpu/intrinsics.ts';
import { Random } from '../../../tools/oracle/random.ts';

const random = new Random(11);
const pairs = Array.from({ length: 3000 }, () => [word(random.value()), word(random.value())] as const);
const big = (x: number): bigint => BigInt(x >>> 0);
const low = (x: bigint): number => Number(BigInt.asIntN(32, x));

describe('intrinsics agree with exact integers', () => {
  it('in both halves of products', () => {
    for (const [x, y] of pairs) {
      expect(multiply(x, y)).toBe(low(BigInt(x) * BigInt(y)));
      expect(multiplyHighSigned(x, y)).toBe(low((BigInt(x) * BigInt(y)) >> 32n));
      expect(multiplyHighUnsigned(x, y)).toBe(low((big(x) * big(y)) >> 32n));
    }
  });

  it('in quotients, which are 0 where the divisor is', () => {
    for (const [x, y] of pairs) {
      expect(divideSigned(x, y)).toBe(y === 0 ? 0 : low(BigInt(x) / BigInt(y)));
      expect(divideUnsigned(UInt(x), UInt(y))).toBe(y === 0 ? 0 : low(big(x) / big(y)));
    }
    expect(divideSigned(word(-0x80000000), word(-1))).toBe(-0x80000000);
  });

  it('in leading zeros', () => {
    for (const [x] of pairs) expect(countLeadingZeroBits(x)).toBe(32 - (x === 0 ? 0 : big(x).toString(2).length));
  });
});
