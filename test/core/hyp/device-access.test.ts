/** Emulated accesses in every state that a guest can be in: Thumb, IT blocks, big-endian data, banked registers. */
import { describe, expect, it } from 'vitest';
import { Assembler } from './assembler.ts';
import { guest, type Part, RESULTS, result } from './guest.ts';
import { GUEST_RAM, GUEST_UART, makeSystem, type PartitionOptions } from './system.ts';

const IBRD = GUEST_UART + 0x24;

function results(options: PartitionOptions, count: number): number[] {
  const system = makeSystem({ partitions: [options] });
  expect(system.run()).toBe('ended');
  expect(system.report().faultCount).toBe(0);
  return Array.from({ length: count }, (_, i) => system.peek(0, RESULTS + 4 * i) ?? -1);
}

/** A32 sets R4 to UARTFR - 0x18, R6 to the results, then branches to Thumb halfwords, which end with a call. */
function thumb(...halfwords: number[]): PartitionOptions {
  const a = new Assembler(GUEST_RAM);
  a.mov(4, GUEST_UART)
    .mov(6, GUEST_RAM + RESULTS)
    .mov(5, 0)
    .mov(7, 0)
    .mov(0, GUEST_RAM + 0x101)
    .word(0xe12fff10);
  a.org(GUEST_RAM + 0x100);
  // STR R5, [R6]; STR R0, [R6, #4]; MOVW R0, #8; MOVT R0, #0x8400; HVC #0
  const end = [0x6035, 0x6070, 0xf240, 0x0008, 0xf2c8, 0x4000, 0xf7e0, 0x8000];
  const all = [...halfwords, ...end, 0];
  for (let i = 0; i + 1 < all.length; i += 2) a.word((all[i] as number) | ((all[i + 1] as number) << 16));
  return { image: [{ ipa: GUEST_RAM, bytes: a.bytes() }] };
}

describe('an emulated access', () => {
  it('in Thumb is as long as its instruction: 16 bits', () => {
    // LDR R0, [R4, #0x18]; ADDS R5, #1
    expect(results(thumb(0x69a0, 0x3501), 2)).toEqual([1, 0x90]);
  });

  it('in Thumb is as long as its instruction: 32 bits', () => {
    // LDR.W R0, [R4, #0x18]; ADDS R5, #1
    expect(results(thumb(0xf8d4, 0x0018, 0x3501), 2)).toEqual([1, 0x90]);
  });

  it('in an IT block leaves the next instruction its own condition', () => {
    // CMP R7, R7; ITE EQ; LDREQ R0, [R4, #0x18]; ADDNE R5, #1; ITT EQ; LDREQ.W R0, [R4, #0x18]; ADDEQ R5, #2
    expect(results(thumb(0x42bf, 0xbf0c, 0x69a0, 0x3501, 0xbf04, 0xf8d4, 0x0018, 0x3502), 2)).toEqual([2, 0x90]);
  });

  it('that its condition forbids does not happen', () => {
    // CMP R7, R7; IT NE; LDRNE R0, [R4, #0x18]
    expect(results(thumb(0x42bf, 0xbf18, 0x69a0), 1)).toEqual([0]);
  });

  it('with big-endian data has its bytes turned round', () => {
    const main: Part = (a) => {
      a.mov(4, GUEST_UART).mov(5, 0x65870000).word(0xf1010200).str(5, 4, 0x24).ldr(6, 4, 0x24).word(0xe1d472b4).word(0xf1010000);
      result(a, 6);
      result(a, 7);
      result(a.ldr(0, 4, 0x24));
    };
    // LDRH of two bytes 0x65, 0x87 is 0x6587.
    expect(results(guest(main), 3)).toEqual([0x65870000, 0x6587, 0x8765]);
  });

  it('uses the registers of the mode: SP of System mode, R8 and LR of FIQ mode', () => {
    const main: Part = (a) => {
      a.mov(0, 0x1234).mov(4, IBRD).str(0, 4);
      a.cps(0x1f).ldr(13, 4).copy(0, 13);
      result(a)
        .cps(0x11)
        .mov(8, 0)
        .mov(14, 0)
        .ldr(8, 4)
        .ldr(14, 4)
        .copy(0, 8)
        .copy(1, 14)
        .cps(0x1f)
        .mov(8, 7)
        .cps(0x11)
        .copy(2, 8)
        .cps(0x13);
      result(a);
      result(a, 1);
      result(a, 2);
    };
    expect(results(guest(main), 4)).toEqual([0x1234, 0x1234, 0x1234, 0x1234]);
  });

  it('goes through the stage-1 translation of the guest', () => {
    const table = GUEST_RAM + 0x20000;
    const main: Part = (a) => {
      // Sections of 1 MiB: RAM as it is, and the console at 0x10000000.
      a.mov(4, table)
        .mov(5, GUEST_RAM | 0xc02)

        .mov(6, table + (GUEST_RAM >>> 20) * 4)
        .str(5, 6);
      a.mov(5, GUEST_UART | 0xc02)
        .mov(6, table + (0x10000000 >>> 20) * 4)
        .str(5, 6);
      a.mcr('TTBR0', 4).mov(5, 1).mcr('DACR', 5).mrc('SCTLR', 5).add(5, 5, 1).mcr('SCTLR', 5);
      result(a.mov(4, 0x10000018).ldr(0, 4));
    };
    expect(results(guest(main), 1)).toEqual([0x90]);
  });
});
