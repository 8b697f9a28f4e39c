import { describe, expect, it } from 'vitest';
import * as S from '../../../../core/cpu/scalars.ts';
import { RAM } from '../rig.ts';
import { execute, makeVfpRig } from './vfp-rig.ts';

const END = RAM + 0x20_0000;
const BUFFER = RAM + 0x1000;
/** Signalling NaNs, which a copy through floating point could quieten. */
const SNAN_DOUBLE = [0x0000_0001, 0x7ff0_0000] as const;
const SNAN_SINGLE = 0x7f80_0001;

const VLDM_D16_D19 = 0xecf1_0b08; // vldmia r1!, {d16-d19}
const VLDMDB_S3_S6 = 0xed71_1a04; // vldmdb r1!, {s3-s6}
const VSTM_D16_D17 = 0xece1_0b04; // vstmia r1!, {d16-d17}
const FLDMX_D0_D1 = 0xecb1_0b05; // fldmiax r1!, {d0-d1}
const VLDR_D20 = 0xedd1_4b02; // vldr d20, [r1, #8]
const VLDR_S5 = 0xedd1_2a00; // vldr s5, [r1]
const VSTR_D20 = 0xedc1_4b02; // vstr d20, [r1, #8]

function filled(base: number) {
  const rig = makeVfpRig();
  rig.cpu.words[1] = base;
  for (let i = 0; i < 64; i++) rig.cpu.fp.w[i] = 0x1000 + i;
  return rig;
}

describe('loads and stores of floating-point registers', () => {
  it('keep a signalling NaN as it is', () => {
    const rig = filled(BUFFER);
    rig.poke(BUFFER, SNAN_SINGLE);
    rig.poke(BUFFER + 8, SNAN_DOUBLE[0]);
    rig.poke(BUFFER + 12, SNAN_DOUBLE[1]);
    expect([execute(rig, VLDR_S5), execute(rig, VLDR_D20)]).toEqual([undefined, undefined]);
    expect([...rig.cpu.fp.w.subarray(5, 6), ...rig.cpu.fp.w.subarray(40, 42)]).toEqual([SNAN_SINGLE, ...SNAN_DOUBLE]);
    rig.poke(BUFFER + 8, 0);
    execute(rig, VSTR_D20);
    expect([rig.peek(BUFFER + 8), rig.peek(BUFFER + 12)]).toEqual([...SNAN_DOUBLE]);
  });

  it('leave all registers alone when one of many words aborts', () => {
    const rig = filled(END - 16);
    const before = rig.cpu.fp.w.slice();
    expect(execute(rig, VLDM_D16_D19)?.kind).toBe('data abort');
    expect(rig.cpu.fp.w).toEqual(before);
    expect(rig.cpu.words[1]).toBe((END - 16) | 0);
  });

  it('need addresses of whole words', () => {
    for (const bits of [VLDM_D16_D19, VSTM_D16_D17, VLDR_D20, VLDR_S5, VSTR_D20])
      expect(execute(filled(BUFFER + 2), bits)?.kind).toBe('data abort');
  });

  it('move to the lower registers from the lower addresses, downwards too', () => {
    const rig = filled(BUFFER + 16);
    for (let i = 0; i < 4; i++) rig.poke(BUFFER + 4 * i, i + 1);
    execute(rig, VLDMDB_S3_S6);
    expect([...rig.cpu.fp.w.subarray(2, 8)]).toEqual([0x1002, 1, 2, 3, 4, 0x1007]);
    expect(rig.cpu.words[1]).toBe(BUFFER);
  });

  it('swap the words of a double in big-endian data, and the bytes of each', () => {
    const rig = filled(BUFFER);
    rig.cpu.s[S.E] = 1;
    rig.cpu.mem.privilegeChanged();
    rig.cpu.fp.w.set([0x01020304, 0x05060708, 0x11121314, 0x15161718], 32);
    execute(rig, VSTM_D16_D17);
    const bytes = [0, 4, 8, 12].map((at) => rig.peek(BUFFER + at));
    expect(bytes).toEqual([0x08070605, 0x04030201, 0x18171615, 0x14131211]);
    rig.cpu.words[1] = BUFFER - 8;
    execute(rig, VLDR_D20);
    expect([...rig.cpu.fp.w.subarray(40, 42)]).toEqual([0x01020304, 0x05060708]);
  });

  it('skip the odd word of FLDMX', () => {
    const rig = filled(BUFFER);
    for (let i = 0; i < 5; i++) rig.poke(BUFFER + 4 * i, i + 1);
    execute(rig, FLDMX_D0_D1);
    expect([...rig.cpu.fp.w.subarray(0, 5)]).toEqual([1, 2, 3, 4, 0x1004]);
    expect(rig.cpu.words[1]).toBe(BUFFER + 20);
  });
});
