/** Moving elements about, within vectors and to core registers. Reference: Arm DDI 0406C, A7.4.5, A7.8, A8.8. */
import { EXCHANGE, type Exchange } from '../../cpu/simd/permute.ts';
import { FP_OFFSET } from '../../cpu/state.ts';
import type { Emitter } from '../emitter.ts';
import type { Staged } from '../translate.ts';
import { Value } from '../value.ts';
import { I32, OP, SIMD, V128 } from '../wasm.ts';
import {
  binary,
  compares,
  each,
  number,
  or128,
  readD,
  readQ,
  readSplat,
  readV,
  same,
  select,
  shuffle,
  single,
  v2,
  writeV,
} from './neon-vector.ts';

/** Bytes from `first` on of two vectors; in doublewords what is above the first counts from the second. */
const VEXT: Staged = same(({ a, b, operands }) => {
  const [Q, first] = [number(operands, 'Q'), number(operands, 'imm4')];
  return shuffle(a, b, (i) => (Q || i + first < 8 ? i + first : i + first + 8));
});

const reversed = (group: number): Staged =>
  single(({ size, a }) => {
    const turned = group - (1 << size);
    return shuffle(a, a, (i) => i ^ turned);
  });

/** Of registers that are one and the same it gives what the first gets, as the definition does. */
const exchanging =
  (exchange: Exchange): Staged =>
  (e, operands) => {
    e.checkVfp();
    const [Q, size, d, m] = ['Q', 'size', 'd', 'm'].map((name) => number(operands, name)) as [number, number, number, number];
    const [a, b] = [readV(e, Q, d), readV(e, Q, m)];
    const count = Q ? 16 : 8;
    const part = (from: number) =>
      shuffle(a, b, (i) => {
        const place = (from + (i & (count - 1))) >> size;
        const byte = exchange(place, count >> size) * (1 << size) + (i & ((1 << size) - 1));
        return byte < count ? byte : byte - count + 16;
      });
    const [first, second] = [e.hold(part(0)), e.hold(part(count))];
    writeV(e, Q, m, second);
    writeV(e, Q, d, first);
  };

/** Indexes beyond a vector choose zero, so that the parts of a table are looked up one by one. */
const VTBL: Staged = (e, operands) => {
  e.checkVfp();
  const [op, length, d, n, m] = ['op', 'length', 'd', 'n', 'm'].map((name) => number(operands, name)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const index = readD(e, m);
  const part = (from: number, at: Value) => v2(SIMD.swizzle, from + 1 < length ? readQ(e, n + from) : readD(e, n + from), at);
  const low = e.hold(part(0, index));
  const found = length > 2 ? e.hold(or128(low, part(2, binary('sub', 0, index, each(0, 16))))) : low;
  const within = compares('lt_u', 0, index, each(0, 8 * length));
  writeV(e, 0, d, op ? select(within, found, readD(e, d)) : found);
};

const VDUP_scalar: Staged = (e, { size, Q, d, m, x }) => {
  e.checkVfp();
  writeV(e, Q as number, d as number, readSplat(e, size as number, m as number, x as number));
};

const SPLATS: { readonly [bits: number]: number } = { 8: SIMD.i8x16_splat, 16: SIMD.i16x8_splat, 32: SIMD.i32x4_splat };
const VDUP_core: Staged = (e, { Q, Rt, d, size }) => {
  e.checkVfp();
  writeV(e, Q as number, d as number, new Value(V128, SPLATS[size as number] as number, e.r(Rt as never)));
};

const placeOf = (at: number, lsb: number): number => FP_OFFSET + 4 * at + (lsb >> 3);

const STORES: { readonly [bits: number]: number } = { 8: OP.i32_store8, 16: OP.i32_store16, 32: OP.i32_store };
function storeElement(e: Emitter, size: number, offset: number, value: Value): void {
  e.getLocal(0);
  e.put(value);
  e.memory(STORES[size] as number, 0, offset);
  e.fp.forget(offset, size >> 3);
}

const VMOV_core_to_scalar: Staged = (e, { Rt, size, at, lsb }) => {
  e.checkVfp();
  storeElement(e, size as number, placeOf(at as number, lsb as number), e.r(Rt as never));
};

const LOADS: { readonly [bits: number]: readonly [signed: number, unsigned: number] } = {
  8: [OP.i32_load8_s, OP.i32_load8_u],
  16: [OP.i32_load16_s, OP.i32_load16_u],
  32: [OP.i32_load, OP.i32_load],
};
const VMOV_scalar_to_core: Staged = (e, { U, Rt, size, at, lsb }) => {
  e.checkVfp();
  const op = LOADS[size as number]?.[U ? 1 : 0] as number;
  e.setR(Rt as never, e.stateBy(op, I32, placeOf(at as number, lsb as number)));
};

export const PERMUTE: Readonly<Record<string, Staged>> = {
  VEXT,
  VREV16: reversed(2),
  VREV32: reversed(4),
  VREV64: reversed(8),
  VSWP: exchanging(EXCHANGE.VSWP),
  VTRN: exchanging(EXCHANGE.VTRN),
  VUZP: exchanging(EXCHANGE.VUZP),
  VZIP: exchanging(EXCHANGE.VZIP),
  VTBL,
  VDUP_scalar,
  VDUP_core,
  VMOV_core_to_scalar,
  VMOV_scalar_to_core,
};
