/** A program with the performance monitors, in QEMU with an instruction a nanosecond and in our machine. */
import { expect, it } from 'vitest';
import { inOurs, inQemu, withProgram } from '../../../support/bare-program.ts';
import { have } from '../../../support/oracles.ts';

const PROGRAM = new URL('pmu.S', import.meta.url);

/** Lines where QEMU 7.2 is not what the manual says. */
const DIFFERENCES: ReadonlyMap<number, { readonly why: string; readonly ours: string | RegExp }> = new Map([
  [2, { why: 'counting in PL1 alone: QEMU loses the instructions around a change of mode', ours: '00000008' }],
  [3, { why: 'counting in User mode alone, the same', ours: '00000065' }],
  [5, { why: "the divider: QEMU's is in step with its clock, not with PMCR.C", ours: '0000001f' }],
  [9, { why: 'PMXEVTYPER: QEMU has the filters of ARMv8 and 16-bit event numbers', ours: 'c00000ff' }],
  [10, { why: 'PMCCFILTR, the same', ours: 'c0000000' }],
  [11, { why: 'PMCR: QEMU has LC and LP of ARMv8', ours: /^410.[23]039$/ }],
]);

it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc')).each(['cortex-a15', 'cortex-a7'] as const)(
  'counts and interrupts as QEMU does on a %s',
  (cpu) => {
    const setting = { cpu, el: 'svc' } as const;
    const [qemu, ours] = withProgram(PROGRAM, (elf) => [inQemu(elf, setting), inOurs(elf, setting)]);
    expect(ours).toHaveLength(qemu.length);
    for (const [i, line] of ours.entries()) expect(line).toMatch(DIFFERENCES.get(i)?.ours ?? (qemu[i] as string));
    const counted = (i: number) => Number.parseInt(ours[i] as string, 16);
    expect(counted(2) + counted(3)).toBe(counted(4));
  },
);
