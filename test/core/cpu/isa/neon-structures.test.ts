import { describe, expect, it } from 'vitest';
import * as S from '../../../../core/cpu/scalars.ts';
import { RAM } from '../rig.ts';
import { execute, makeVfpRig } from './vfp-rig.ts';

const END = RAM + 0x20_0000;
const BUFFER = RAM + 0x1000;

const VLD1_8_D0_D1 = 0xf421_0a0f; // vld1.8 {d0-d1}, [r1]
const VLD1_64_D0 = 0xf421_07cf; // vld1.64 {d0}, [r1]
const VLD1_16_D0 = 0xf421_074f; // vld1.16 {d0}, [r1]
const VLD1_32_D0_D3_256 = 0xf421_02bd; // vld1.32 {d0-d3}, [r1 :256]!
const VLD2_8_D0_D1 = 0xf421_080f; // vld2.8 {d0-d1}, [r1]
const VLD4_16_LANE = 0xf4a1_078f; // vld4.16 {d0[2], d1[2], d2[2], d3[2]}, [r1]
const VLD3_8_ALL = 0xf4a1_0e22; // vld3.8 {d0[], d2[], d4[]}, [r1], r2
const VST1_8_D0 = 0xf401_070f; // vst1.8 {d0}, [r1]
const VST1_64_D0 = 0xf401_07cf; // vst1.64 {d0}, [r1]
const VST3_16_D0 = 0xf401_044d; // vst3.16 {d0-d2}, [r1]!

function at(base: number) {
  const rig = makeVfpRig();
  rig.cpu.words[1] = base;
  rig.cpu.words[2] = 0x123;
  for (let i = 0; i < 12; i++) rig.poke(BUFFER + 4 * i, bytesFrom(4 * i));
  for (let i = 0; i < 64; i++) rig.cpu.fp.w[i] = bytesFrom(0x80 + 4 * i);
  return rig;
}
/** Four bytes that count up. */
const bytesFrom = (n: number): number =>
  (n & 0xff) | (((n + 1) & 0xff) << 8) | (((n + 2) & 0xff) << 16) | (((n + 3) & 0xff) << 24);

function setBigEndian({ cpu }: ReturnType<typeof at>): void {
  cpu.s[S.E] = 1;
  cpu.mem.privilegeChanged();
}

describe('loads and stores of elements', () => {
  it('put elements from ascending addresses into ascending lanes, wherever they lie', () => {
    for (const skew of [0, 1, 2, 3]) {
      const rig = at(BUFFER + skew);
      expect(execute(rig, VLD1_8_D0_D1)).toBeUndefined();
      const expected = [0, 4, 8, 12].map((n) => bytesFrom(n + skew));
      expect([...rig.cpu.fp.w.subarray(0, 4)]).toEqual(expected);
    }
  });

  it('take structures apart and put them together', () => {
    const rig = at(BUFFER);
    execute(rig, VLD2_8_D0_D1);
    expect([...rig.cpu.fp.w.subarray(0, 4)]).toEqual([0x06040200, 0x0e0c0a08, 0x07050301, 0x0f0d0b09]);
    const store = at(BUFFER);
    execute(store, VST3_16_D0);
    expect(Number(store.peek(BUFFER)) | 0).toBe(0x8988_8180 | 0);
    expect(Number(store.peek(BUFFER + 4)) | 0).toBe(0x8382_9190 | 0);
    expect(store.cpu.words[1]).toBe(BUFFER + 24);
  });

  it('swap the bytes of each element in big-endian data, not the elements', () => {
    const cases = [
      [VLD1_8_D0_D1, [0x03020100, 0x07060504]],
      [VLD1_16_D0, [0x02030001, 0x06070405]],
      [VLD1_64_D0, [0x04050607, 0x00010203]],
    ] as const;
    for (const [bits, expected] of cases) {
      const rig = at(BUFFER);
      setBigEndian(rig);
      execute(rig, bits);
      expect([...rig.cpu.fp.w.subarray(0, 2)]).toEqual(expected);
    }
    const rig = at(BUFFER);
    setBigEndian(rig);
    execute(rig, VST1_64_D0);
    expect([Number(rig.peek(BUFFER)) | 0, Number(rig.peek(BUFFER + 4)) | 0]).toEqual([0x84858687 | 0, 0x80818283 | 0]);
    execute(rig, VST1_8_D0);
    expect([Number(rig.peek(BUFFER)) | 0, Number(rig.peek(BUFFER + 4)) | 0]).toEqual([0x83828180 | 0, 0x87868584 | 0]);
  });

  it('leave the other lanes alone, or fill all of them', () => {
    const rig = at(BUFFER);
    execute(rig, VLD4_16_LANE);
    expect([...rig.cpu.fp.w.subarray(0, 4)]).toEqual([bytesFrom(0x80), 0x87860100 | 0, bytesFrom(0x88), 0x8f8e0302 | 0]);
    execute(rig, VLD3_8_ALL);
    expect([0, 1, 2, 4, 5, 8].map((n) => rig.cpu.fp.w[n])).toEqual([0, 0, bytesFrom(0x88), 0x01010101, 0x01010101, 0x02020202]);
    expect(rig.cpu.words[1]).toBe(BUFFER + 0x123);
  });

  it('leave registers and base alone when one of the elements aborts', () => {
    for (const bits of [VLD1_32_D0_D3_256, VLD2_8_D0_D1, VLD1_8_D0_D1]) {
      const rig = at(bits === VLD1_32_D0_D3_256 ? END : END - 8);
      const before = rig.cpu.fp.w.slice();
      const base = rig.cpu.words[1];
      expect(execute(rig, bits)?.kind).toBe('data abort');
      expect(rig.cpu.fp.w).toEqual(before);
      expect(rig.cpu.words[1]).toBe(base);
    }
  });

  it('fault where the address is not aligned as the instruction says, up to 32 bytes', () => {
    const fault = (skew: number) => execute(at(BUFFER + skew), VLD1_32_D0_D3_256);
    expect(fault(0)).toBeUndefined();
    for (const skew of [1, 8, 16]) expect(fault(skew)).toMatchObject({ kind: 'data abort', fault: { type: 'alignment' } });
  });
});
