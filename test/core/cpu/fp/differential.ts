/** One run of cases through ours and through an oracle: the cases where they differ, and how many there were of each kind. */
import { FpRegisters } from '../../../../core/cpu/fp.ts';
import { operations } from './operations.ts';
import type { Tally } from './tally.ts';
import { IN_BYTES, type Oracle, OUT_BYTES } from './vectors.ts';

const hex = (value: bigint | number, digits: number) => BigInt.asUintN(64, BigInt(value)).toString(16).padStart(digits, '0');

/** Up to twenty differences, told so that each can be tried by hand. */
export function differences(oracle: Oracle, given: DataView, tally?: Tally): string[] {
  const count = given.byteLength / IN_BYTES;
  const results = oracle.run(new Uint8Array(given.buffer));
  if (results.length !== count * OUT_BYTES) return [`${results.length / OUT_BYTES} results for ${count} vectors`];
  const theirs = new DataView(results.buffer, results.byteOffset, results.length);
  const fp = new FpRegisters(new ArrayBuffer(FpRegisters.BYTES), 0);
  const found: string[] = [];
  for (let index = 0; index < count; index++) {
    const at = index * IN_BYTES;
    const operation = operations[given.getUint32(at, true)]!;
    for (const slot of [0, 1, 2]) fp.bits[slot] = given.getBigUint64(at + 8 + slot * 8, true);
    const before = given.getInt32(at + 4, true);
    fp.FPSCR = before;
    operation.run(fp);
    const d0 = theirs.getBigUint64(index * OUT_BYTES, true);
    const fpscr = theirs.getInt32(index * OUT_BYTES + 8, true);
    const same = fp.bits[0] === d0 && fp.FPSCR === fpscr;
    tally?.add(oracle, operation, before, same);
    if (same || found.length === 20) continue;
    const inputs = [8, 16, 24].map((offset) => hex(given.getBigUint64(at + offset, true), 16)).join(' ');
    found.push(
      `${operation.asm} with FPSCR ${hex(before >>> 0, 8)}, ${inputs}: ours ${hex(fp.bits[0]!, 16)} ${hex(fp.FPSCR >>> 0, 8)}, ` +
        `${oracle.name} ${hex(d0, 16)} ${hex(fpscr >>> 0, 8)}`,
    );
  }
  return found;
}
