/** One run of random cases through ours and through `qemu-arm`, and the cases where they differ. */
import { FpRegisters, IXC, LEN, STRIDE } from '../../../../core/cpu/fp.ts';
import { operandTriple } from './operands.ts';
import { groups, type Operation, operations } from './operations.ts';
import { IN_BYTES, OUT_BYTES, type QemuArm } from './qemu-arm.ts';
import { Random } from './random.ts';

const SHORT_VECTORS = LEN | STRIDE;

/** Half of the cases run in the default mode; half have Inexact recorded; short vectors make arithmetic UNDEFINED. */
function controlWord(random: Random, operation: Operation): number {
  const any = random.word();
  if (operation.kind === 'control') return any;
  const status = random.pick([0, IXC, any & 0x9f, any & 0xf80000ff]);
  return random.below(2) === 0 ? status : (status | (any & 0x07c09f00)) & ~SHORT_VECTORS;
}

function generate(random: Random, count: number): Uint8Array {
  const vectors = new DataView(new ArrayBuffer(count * IN_BYTES));
  for (let index = 0; index < count; index++) {
    const operation = random.pick(random.pick(groups));
    const at = index * IN_BYTES;
    vectors.setUint32(at, operations.indexOf(operation), true);
    vectors.setInt32(at + 4, controlWord(random, operation), true);
    operandTriple(random, operation.kind).forEach((bits, slot) => {
      vectors.setBigUint64(at + 8 + slot * 8, bits, true);
    });
  }
  return new Uint8Array(vectors.buffer);
}

const hex = (value: bigint | number, digits: number) => BigInt.asUintN(64, BigInt(value)).toString(16).padStart(digits, '0');

/** Up to twenty differences, told so that each can be tried by hand. */
export function differences(qemu: QemuArm, seed: number, count: number): string[] {
  const vectors = generate(new Random(seed), count);
  const results = qemu.run(vectors);
  if (results.length !== count * OUT_BYTES) return [`${results.length / OUT_BYTES} results for ${count} vectors`];
  const given = new DataView(vectors.buffer);
  const theirs = new DataView(results.buffer, results.byteOffset, results.length);
  const fp = new FpRegisters(new ArrayBuffer(FpRegisters.BYTES), 0);
  const found: string[] = [];
  for (let index = 0; index < count && found.length < 20; index++) {
    const at = index * IN_BYTES;
    const operation = operations[given.getUint32(at, true)]!;
    for (const slot of [0, 1, 2]) fp.bits[slot] = given.getBigUint64(at + 8 + slot * 8, true);
    fp.FPSCR = given.getInt32(at + 4, true);
    operation.run(fp);
    const d0 = theirs.getBigUint64(index * OUT_BYTES, true);
    const fpscr = theirs.getInt32(index * OUT_BYTES + 8, true);
    if (fp.bits[0] === d0 && fp.FPSCR === fpscr) continue;
    const inputs = [8, 16, 24].map((offset) => hex(given.getBigUint64(at + offset, true), 16)).join(' ');
    const before = hex(given.getUint32(at + 4, true), 8);
    found.push(
      `${operation.asm} with FPSCR ${before}, ${inputs}: ours ${hex(fp.bits[0]!, 16)} ${hex(fp.FPSCR >>> 0, 8)}, ` +
        `QEMU ${hex(d0, 16)} ${hex(fpscr >>> 0, 8)}`,
    );
  }
  return found;
}
