/**
 * LDREX and STREX of words in the RAM, with the local monitor in the processor's own state: it keeps physical addresses, and of RAM the place in the
 * arena tells those. Others are left to the interpreter. Reference: Arm DDI 0406C, A3.4 (synchronization and semaphores).
 */
import * as S from '../../cpu/scalars.ts';
import { SCRATCH_OFFSET } from '../../cpu/state.ts';
import type { Emitter } from '../emitter.ts';
import { add, and, constant, eq, ltU, ne, not, sub } from '../ops.ts';
import { PUBLISHED } from '../published.ts';
import type { Staged } from '../translate.ts';
import type { Value } from '../value.ts';
import { I32 } from '../wasm.ts';

const WORD = 4;
const { ram } = PUBLISHED;
const published = (e: Emitter, at: number): Value => e.stateAt(I32, SCRATCH_OFFSET + 4 * at);

/** Does something with the place of a word and its physical address, if it is in the RAM. */
function inRam(e: Emitter, place: Value, then: (place: Value, physical: Value) => void): void {
  const offset = e.hold(sub(place, published(e, ram.offset)));
  e.usually(
    ltU(offset, published(e, ram.bytes)),
    () => then(place, add(offset, published(e, ram.base))),
    () => e.fallback(),
  );
}

const LDREX: Staged = (e, { Rt, Rn, imm }) => {
  const address = add(e.r(Rn as never), constant(imm as number));
  inRam(e, e.window(address, WORD, false), (place, physical) => {
    e.setScalar(S.EXCLUSIVE, constant(1));
    e.setScalar(S.EXCLUSIVE_LOW, physical);
    e.setScalar(S.EXCLUSIVE_HIGH, constant(0));
    e.setScalar(S.EXCLUSIVE_SIZE, constant(WORD));
    e.setR(Rt as never, e.loadAt(I32, place, 0));
  });
};

const STREX: Staged = (e, { Rd, Rt, Rn, imm }) => {
  const address = add(e.r(Rn as never), constant(imm as number));
  inRam(e, e.window(address, WORD, true), (place, physical) => {
    const same = and(eq(e.scalar(S.EXCLUSIVE_LOW), physical), eq(e.scalar(S.EXCLUSIVE_HIGH), constant(0)));
    const open = and(ne(e.scalar(S.EXCLUSIVE), constant(0)), eq(e.scalar(S.EXCLUSIVE_SIZE), constant(WORD)));
    const passed = e.hold(and(same, open));
    e.setScalar(S.EXCLUSIVE, constant(0));
    e.when(passed, () => e.storeAt(I32, place, 0, e.r(Rt as never)));
    e.setR(Rd as never, not(passed));
  });
};

export const EXCLUSIVE: Readonly<Record<string, Staged>> = { LDREX, STREX };
