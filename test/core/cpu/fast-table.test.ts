/** The fast tables, read as translated code reads them: an access is allowed if a tag and its address differ in nothing but the offset. */
import { expect, it } from 'vitest';
import { FastTable, slot } from '../../../core/cpu/fast-table.ts';

const make = () => new FastTable(new ArrayBuffer(FastTable.BYTES), 0);
const differs = (tag: number, va: number) => ((tag ^ va) & 0xffff_f000) !== 0;

/** Whether some address is found, of the pages that are looked for at each place, with the upper bits of the tag that is there. */
function found({ pairs }: FastTable): number[] {
  const places: number[] = [];
  for (let at = 0; at < pairs.length; at += 2) {
    const tag = pairs[at] as number;
    const va = (tag & 0xff00_0000) | (at << 11);
    expect(slot(va)).toBe(at);
    if (!differs(tag, va)) places.push(at);
  }
  return places;
}

it('nothing is found where nothing was put', () => {
  const table = make();
  expect(found(table)).toEqual([]);
  for (const va of [0, 0x8000_3000, 0xffff_f000, 0x00ff_f000]) table.set(va, 0x5000);
  expect(found(table)).toEqual([0, 6, 8190]);
  table.drop(0xffff_f123);
  table.drop(0x00ff_f000);
  expect(found(table)).toEqual([0, 6]);
  table.dropPlace(0x5000);
  expect(found(table)).toEqual([]);
  table.set(0xffff_f000, 0);
  table.clear();
  expect(found(table)).toEqual([]);
});
