/**
 * Every encoding of CP14 and CP15 is read in QEMU's Cortex-A15 after reset, in Hyp, Supervisor and User mode, and its value or the
 * exception compared with ours. Differences are named, with their reasons.
 */
import { expect, it } from 'vitest';
import type { Encoding } from '../../../../core/cpu/sysreg/register.ts';
import { have } from '../../../support/oracles.ts';
import { everyEncoding, nameOf, transfer } from '../oracle/encode.ts';
import { type Outcome, runCases } from '../oracle/image.ts';

interface Difference {
  readonly why: string;
  readonly applies: (name: string, e: Encoding) => boolean;
}

const is =
  (...names: readonly string[]): Difference['applies'] =>
  (name) =>
    names.includes(name);

const DIFFERENCES: readonly Difference[] = [
  { why: 'time passes differently', applies: is('p15 0 c14', 'p15 1 c14', 'p15 0 c14 c2 0', 'p15 0 c14 c3 0', 'p15 4 c14 c2 0') },
  { why: "the rig's timer has no frequency", applies: is('p15 0 c14 c0 0') },
  {
    why: 'QEMU has the event counter registers of ARMv8',
    applies: (_, e) => e.coproc === 15 && e.opc1 === 0 && e.CRn === 14 && e.CRm >= 8,
  },
  {
    why: 'QEMU answers all of c15 with zero: a Cortex-A15 has a few registers there',
    applies: (_, e) => e.coproc === 15 && !e.wide && e.CRn === 15,
  },
  { why: 'the same, 64 bits: L2MERRSR and CPUMERRSR', applies: is('p15 0 c15', 'p15 1 c15') },
  { why: 'QEMU keeps DACR wherever CRn is c3, as before ARMv7', applies: (_, e) => e.coproc === 15 && !e.wide && e.CRn === 3 },
  {
    why: 'QEMU ignores TLB lockdown of before ARMv7; the Cortex-A15 has none, and HCR.TIDCP can trap it',
    applies: (_, e) => e.coproc === 15 && !e.wide && e.CRn === 10 && [0, 1, 4, 8].includes(e.CRm),
  },
  { why: 'QEMU keeps the watchpoint fault address of ARMv6', applies: is('p15 0 c6 c0 1') },
  { why: 'PRRR and NMRR: the Cortex-A15 manual gives reset values, QEMU has 0', applies: is('p15 0 c10 c2 0', 'p15 0 c10 c2 1') },
  {
    why: 'HSCTLR, HCPTR, HTCR, VTCR: QEMU leaves out the bits that always read as one',
    applies: is('p15 4 c1 c0 0', 'p15 4 c1 c1 2', 'p15 4 c2 c0 2', 'p15 4 c2 c1 2'),
  },
  { why: 'REVIDR: QEMU repeats MIDR', applies: is('p15 0 c0 c0 6') },
  { why: 'PMCEID0, PMCEID1: QEMU 7.2 has them from ARMv8 on only', applies: is('p15 0 c9 c12 6', 'p15 0 c9 c12 7') },
  {
    why: 'debug registers: QEMU implements few of them, and DBGDEVID under encodings of its own',
    applies: (_, e) => e.coproc === 14 && e.opc1 === 0,
  },
];

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
    const explained = DIFFERENCES.some(({ applies }) => applies(name, encodings[i] as Encoding));
    return theirs === mine || explained ? [] : [`${name}: QEMU ${theirs}, ours ${mine}`];
  });
  expect(unexplained).toEqual([]);
});
