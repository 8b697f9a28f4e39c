/**
 * Every encoding of CP14 and CP15 is read in QEMU's Cortex-A15 after reset, in Hyp, Supervisor and User mode, and its value or the
 * exception compared with ours. Differences are named, with their reasons.
 */
import { expect, it } from 'vitest';
import type { Encoding } from '../../../../core/cpu/sysreg/register.ts';
import { have } from '../../../support/oracles.ts';
import { everyEncoding, nameOf, transfer } from '../oracle/encode.ts';
import { type Outcome, runCases } from '../oracle/image.ts';
import { DIFFERENCES } from './differences.ts';

/** Value or exception, in words. */
function show({ vector, HSR, ELR, r0, r1 }: Outcome): string {
  const CALL_FROM_CASE = HSR >>> 0 === 0x4a000000;
  const SVC_VECTOR = 0x4a000102;
  if (vector === 1 || HSR >>> 0 === 0x4a000101) return 'UNDEFINED';
  if (CALL_FROM_CASE || HSR >>> 0 === SVC_VECTOR) return `${r0.toString(16)} ${r1.toString(16)}`;
  return `vector ${vector} HSR ${HSR.toString(16)} at ${ELR.toString(16)}`;
}

it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc')).each([
  ['Hyp', 0x1da],
  ['Supervisor', 0x1d3],
  ['User', 0x1d0],
] as const)('reads the same from every encoding as QEMU in %s mode', (_mode, cpsr) => {
  const encodings = everyEncoding();
  const place = { mode: cpsr & 31, secure: false, write: false, security: false };
  const cases = encodings.map((encoding) => ({
    name: nameOf(encoding),
    cpsr,
    instruction: transfer(encoding, true),
    r0: 0x5a5a5a5a,
    r1: encoding.wide ? 0x5a5a5a5a : 0,
    CNTKCTL: 0x303,
  }));
  const { qemu, ours } = runCases(cases);
  const unexplained = cases.flatMap(({ name }, i) => {
    const [theirs, mine] = [show(qemu[i] as Outcome), show(ours[i] as Outcome)];
    const explained = DIFFERENCES.some(({ applies }) => applies(name, encodings[i] as Encoding, place));
    return theirs === mine || explained ? [] : [`${name}: QEMU ${theirs}, ours ${mine}`];
  });
  expect(unexplained).toEqual([]);
});
