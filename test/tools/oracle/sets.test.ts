import { describe, expect, it } from 'vitest';
import { Decoder, isWide } from '../../../core/cpu/decode.ts';
import { GROUPS, INSTRUCTIONS } from '../../../core/cpu/isa/all.ts';
import { nameOf } from '../../../tools/oracle/exclusions.ts';
import { Random } from '../../../tools/oracle/random.ts';
import { anyWord, rowsOf, SETS, setOf } from '../../../tools/oracle/sets.ts';

const decoder = new Decoder(INSTRUCTIONS);

describe('the sets', () => {
  it('share out all encodings: each is in exactly one', () => {
    const all = SETS.flatMap((set) => rowsOf(decoder, set).map(nameOf));
    expect(all.sort()).toEqual(decoder.rows.map(nameOf).sort());
  });

  it('have VFP and Advanced SIMD where the groups have them', () => {
    const simd = new Set(Object.entries(GROUPS).flatMap(([group, all]) => (group.startsWith('neon') ? Object.keys(all) : [])));
    for (const set of ['neon-a32', 'neon-t32'] as const) {
      expect(rowsOf(decoder, set).length).toBeGreaterThan(150);
      for (const { name } of rowsOf(decoder, set)) expect(simd).toContain(name);
    }
    for (const set of ['a32', 't16', 't32'] as const) {
      expect(rowsOf(decoder, set).filter(({ name }) => /^V/.test(name))).toEqual([]);
    }
  });

  it('draw words of all their space, and of no other', () => {
    const random = new Random(1);
    for (const set of SETS) {
      const words = Array.from({ length: 5000 }, () => anyWord(set, random)).filter((word) => word !== undefined);
      expect(words.length).toBeGreaterThan(2500);
      const names = new Set<string>();
      for (const word of words) names.add(decoder.decode(word.set, word.bits | 0, word.narrow, false).name);
      expect(words.filter((word) => setOf(word) !== set || word.narrow !== (set === 't16'))).toEqual([]);
      expect(words.filter((word) => word.set === 'T32' && !word.narrow && !isWide(word.bits >>> 16))).toEqual([]);
      expect(names).toContain('UNDEFINED');
      expect(names.size).toBeGreaterThan(20);
    }
  });
});
