/** A program that sets breakpoints and watchpoints and runs into them, in QEMU and in our machine. */
import { expect, it } from 'vitest';
import { inOurs, inQemu, withProgram } from '../../../support/bare-program.ts';
import { have } from '../../../support/oracles.ts';

const PROGRAM = new URL('debug.S', import.meta.url);
const WnR = 0x800;
const WORD = 4;

/** Pairs of fault status and address, but for the line that says whether MDBGen could be set. */
function hits(lines: readonly string[]): { readonly status: number; readonly address: number }[] {
  const values = lines.filter((_, i) => i !== 2).map((line) => Number.parseInt(line, 16));
  return Array.from({ length: values.length / 2 }, (_, i) => ({
    status: values[2 * i] as number,
    address: values[2 * i + 1] as number,
  }));
}

it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc')).each(['cortex-a15', 'cortex-a7'] as const)(
  'has debug events where QEMU has them on a %s',
  (cpu) => {
    const setting = { cpu, el: 'svc' } as const;
    const [qemu, ours] = withProgram(PROGRAM, (elf) => [inQemu(elf, setting), inOurs(elf, setting)]);
    expect(ours[2]).toBe(qemu[2]);
    const [theirs, mine] = [hits(qemu), hits(ours)];
    expect(mine).toHaveLength(theirs.length);
    // The OS lock closes breakpoints: QEMU 7.2 asks it in AArch64 alone.
    expect([theirs.shift()?.status, mine.shift()?.status]).toEqual([2, 0]);
    for (const [i, { status, address }] of mine.entries()) {
      const expected = theirs[i] as (typeof theirs)[number];
      // QEMU's status does not say that a write met the watchpoint, and its address is the first byte that is watched, ours the access's.
      expect(status & ~WnR).toBe(expected.status);
      expect(expected.address - address).toBeLessThan(WORD);
      expect(expected.address).toBeGreaterThanOrEqual(address);
    }
    expect(mine.filter(({ status }) => status !== 0).length).toBeGreaterThan(40);
  },
);
