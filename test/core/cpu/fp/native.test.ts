/**
 * The same arithmetic against the host's own processor through gcc, in all rounding modes. It shares nothing with QEMU's soft floats.
 *
 * x86 differs from Arm in four places, each checked here as such: it detects tininess after rounding, so that a result which rounds up
 * to the smallest normal number does not underflow; it picks NaNs by other rules; infinity times zero plus a quiet NaN is no invalid
 * operation; and a conversion to integer that is one gives 0x80000000.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as ours from '../../../../core/cpu/fp.ts';
import { have } from '../../../support/oracles.ts';
import { operandTriple } from './operands.ts';
import { Random } from './random.ts';

type FpRegisters = ours.FpRegisters;

interface NativeOperation {
  readonly c: string;
  readonly kind: 'double' | 'single' | 'integer';
  readonly result: 'double' | 'single' | 'integer';
  readonly run: (fp: FpRegisters) => void;
}

const operations: readonly NativeOperation[] = [
  { c: 'd[0] = d[1] + d[2]', kind: 'double', result: 'double', run: (fp) => ours.fpAdd64(fp, 0, 1, 2) },
  { c: 'd[0] = d[1] - d[2]', kind: 'double', result: 'double', run: (fp) => ours.fpSub64(fp, 0, 1, 2) },
  { c: 'd[0] = d[1] * d[2]', kind: 'double', result: 'double', run: (fp) => ours.fpMul64(fp, 0, 1, 2) },
  { c: 'd[0] = d[1] / d[2]', kind: 'double', result: 'double', run: (fp) => ours.fpDiv64(fp, 0, 1, 2) },
  { c: 'd[0] = sqrt(d[1])', kind: 'double', result: 'double', run: (fp) => ours.fpSqrt64(fp, 0, 1) },
  {
    c: 'd[0] = fma(d[1], d[2], d[0])',
    kind: 'double',
    result: 'double',
    run: (fp) => ours.fpMulAdd64(fp, 0, 1, 2, false, false),
  },
  { c: 'f[0] = f[2] + f[4]', kind: 'single', result: 'single', run: (fp) => ours.fpAdd32(fp, 0, 2, 4) },
  { c: 'f[0] = f[2] - f[4]', kind: 'single', result: 'single', run: (fp) => ours.fpSub32(fp, 0, 2, 4) },
  { c: 'f[0] = f[2] * f[4]', kind: 'single', result: 'single', run: (fp) => ours.fpMul32(fp, 0, 2, 4) },
  { c: 'f[0] = f[2] / f[4]', kind: 'single', result: 'single', run: (fp) => ours.fpDiv32(fp, 0, 2, 4) },
  { c: 'f[0] = sqrtf(f[2])', kind: 'single', result: 'single', run: (fp) => ours.fpSqrt32(fp, 0, 2) },
  {
    c: 'f[0] = fmaf(f[2], f[4], f[0])',
    kind: 'single',
    result: 'single',
    run: (fp) => ours.fpMulAdd32(fp, 0, 2, 4, false, false),
  },
  { c: 'd[0] = f[2]', kind: 'single', result: 'double', run: (fp) => ours.fpSingleToDouble(fp, 0, 2) },
  { c: 'f[0] = d[1]', kind: 'double', result: 'single', run: (fp) => ours.fpDoubleToSingle(fp, 0, 1) },
  {
    c: 'w[0] = _mm_cvttsd_si32(_mm_set_sd(d[1]))',
    kind: 'double',
    result: 'integer',
    run: (fp) => ours.fpToInt64(fp, 0, 1, false, true),
  },
  {
    c: 'w[0] = _mm_cvtsd_si32(_mm_set_sd(d[1]))',
    kind: 'double',
    result: 'integer',
    run: (fp) => ours.fpToInt64(fp, 0, 1, false, false),
  },
  {
    c: 'w[0] = _mm_cvttss_si32(_mm_set_ss(f[2]))',
    kind: 'single',
    result: 'integer',
    run: (fp) => ours.fpToInt32(fp, 0, 2, false, true),
  },
  {
    c: 'w[0] = _mm_cvtss_si32(_mm_set_ss(f[2]))',
    kind: 'single',
    result: 'integer',
    run: (fp) => ours.fpToInt32(fp, 0, 2, false, false),
  },
  { c: 'f[0] = w[2]', kind: 'integer', result: 'single', run: (fp) => ours.fpFromInt32(fp, 0, 2, false) },
  { c: 'd[0] = w[2]', kind: 'integer', result: 'double', run: (fp) => ours.fpFromInt64(fp, 0, 2, false) },
];

const MODES = [ours.RN, ours.RP, ours.RM, ours.RZ];

/** Each vector: operation and mode, then D0, D1, D2. Each answer: D0, exceptions in FPSCR's places, nothing. */
const source = `
#include <fenv.h>
#include <immintrin.h>
#include <math.h>
#include <stdio.h>
static union { double d[3]; float f[6]; int w[6]; } u;
#define d (*(volatile double (*)[3])u.d)
#define f (*(volatile float (*)[6])u.f)
#define w (*(volatile int (*)[6])u.w)
int main(void) {
  static const int modes[] = { FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO };
  int head[2];
  while (fread(head, 8, 1, stdin) == 1 && fread(&u, 24, 1, stdin) == 1) {
    fesetround(modes[head[1]]);
    feclearexcept(FE_ALL_EXCEPT);
    switch (head[0]) {
${operations.map(({ c }, index) => `    case ${index}: ${c}; break;`).join('\n')}
    }
    int raised = fetestexcept(FE_ALL_EXCEPT);
    int out[2] = { (raised & FE_INVALID ? 1 : 0) | (raised & FE_DIVBYZERO ? 2 : 0) | (raised & FE_OVERFLOW ? 4 : 0)
      | (raised & FE_UNDERFLOW ? 8 : 0) | (raised & FE_INEXACT ? 16 : 0), 0 };
    fwrite(&u, 8, 1, stdout);
    fwrite(out, 8, 1, stdout);
  }
  return 0;
}`;

function runNative(vectors: Uint8Array): DataView {
  const folder = mkdtempSync(join(tmpdir(), 'partita-fp-native-'));
  try {
    writeFileSync(join(folder, 'native.c'), source);
    const binary = join(folder, 'native');
    execFileSync('gcc', ['-O0', '-fno-strict-aliasing', '-frounding-math', '-o', binary, join(folder, 'native.c'), '-lm']);
    const { stdout } = spawnSync(binary, { input: vectors, maxBuffer: vectors.length });
    return new DataView(stdout.buffer, stdout.byteOffset, stdout.length);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const isNaN64 = (bits: bigint) => (bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n;
const isNaN32 = (bits: bigint) => (bits & 0x7fffffffn) > 0x7f800000n;

interface Answer {
  readonly bits: bigint;
  readonly raised: number;
}

/** Whether ours is what Arm's rules make of the host's answer. */
function agrees({ c, result }: NativeOperation, addend: bigint, mine: Answer, theirs: Answer): boolean {
  const sameExceptions = mine.raised === theirs.raised;
  if (result === 'integer') {
    const isInvalid = theirs.raised === ours.IOC && theirs.bits === 0x80000000n;
    return sameExceptions && (isInvalid || mine.bits === theirs.bits);
  }
  const [isAnyNaN, smallest, sign] =
    result === 'double' ? ([isNaN64, 0x0010000000000000n, 63] as const) : ([isNaN32, 0x00800000n, 31] as const);
  if (isAnyNaN(mine.bits)) {
    // Infinity times zero is invalid here and not there, where the addend, a quiet NaN, comes back.
    const isFusedInvalid = c.includes('fma') && mine.raised === ours.IOC && theirs.raised === 0 && theirs.bits === addend;
    return isAnyNaN(theirs.bits) && (sameExceptions || isFusedInvalid);
  }
  const becameNormal = BigInt.asUintN(sign, mine.bits) === smallest && (mine.raised & ours.IXC) !== 0;
  return mine.bits === theirs.bits && (sameExceptions || (becameNormal && mine.raised === (theirs.raised | ours.UFC)));
}

function generate(count: number): DataView {
  const random = new Random(7);
  const vectors = new DataView(new ArrayBuffer(count * 32));
  for (let index = 0; index < count; index++) {
    const choice = random.below(operations.length);
    vectors.setInt32(index * 32, choice, true);
    vectors.setInt32(index * 32 + 4, random.below(4), true);
    operandTriple(random, operations[choice]!.kind).forEach((bits, slot) => {
      vectors.setBigUint64(index * 32 + 8 + slot * 8, bits, true);
    });
  }
  return vectors;
}

it.skipIf(!have('gcc') || process.arch !== 'x64')(
  'agrees with the host processor in 100,000 cases, but for known differences',
  () => {
    const count = 100_000;
    const vectors = generate(count);
    const answers = runNative(new Uint8Array(vectors.buffer));
    expect(answers.byteLength).toBe(count * 16);
    const fp = new ours.FpRegisters(new ArrayBuffer(ours.FpRegisters.BYTES), 0);
    const found: string[] = [];
    for (let index = 0; index < count && found.length < 20; index++) {
      const operation = operations[vectors.getInt32(index * 32, true)]!;
      for (const slot of [0, 1, 2]) fp.bits[slot] = vectors.getBigUint64(index * 32 + 8 + slot * 8, true);
      const inputs = fp.bits.slice(0, 3);
      fp.FPSCR = MODES[vectors.getInt32(index * 32 + 4, true)]!;
      operation.run(fp);
      const width = operation.result === 'double' ? 64 : 32;
      const mine = { bits: BigInt.asUintN(width, fp.bits[0]!), raised: fp.FPSCR & 0x1f };
      const theirs = {
        bits: BigInt.asUintN(width, answers.getBigUint64(index * 16, true)),
        raised: answers.getInt32(index * 16 + 8, true),
      };
      if (agrees(operation, BigInt.asUintN(width, inputs[0]!), mine, theirs)) continue;
      const [d0, d1, d2, own, host] = [...inputs, mine.bits, theirs.bits].map((bits) => bits.toString(16));
      found.push(`${operation.c} of ${d0} ${d1} ${d2}: ours ${own} ${mine.raised}, host ${host} ${theirs.raised}`);
    }
    expect(found).toEqual([]);
  },
);
