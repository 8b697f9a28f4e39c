/**
 * The image for system cases. It sits in Monitor mode; for each case it sets all system registers and all banked ones, enters the case's mode
 * at its instructions, and records everything when the processor is back in Monitor mode. All vectors of other modes call Monitor mode, in
 * A32 or in Thumb, and touch nothing: what is recorded is what the exception left.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FINISH, run } from './image.ts';
import {
  BANKED,
  BANKED_CORE,
  BLOCKS,
  DATA,
  HIGH,
  INPUT,
  LANDING,
  MONITOR_BLOCK,
  OTHER_MONITOR_BLOCK,
  RECORD,
  type Row,
  SINGLE,
  SLOT_BYTES,
  SLOTS,
  TABLES,
  TEXT,
  UNMASKING_BLOCKS,
  VECTORS,
  WIDE,
  WINDOW,
  WINDOW_WORDS,
  WINDOWS,
} from './system-layout.ts';
import { systemTables } from './system-tables.ts';

/** A case's registers, and its instructions as assembly text. */
export interface Slot {
  readonly thumb: boolean;
  readonly code: readonly string[];
}

const set = ([, operands]: Row): string => `  ldr r0, [r1], #4\n  mcr ${operands.replace('R', 'r0')}\n`;
const get = ([, operands]: Row): string => `  mrc ${operands.replace('R', 'r0')}\n  str r0, [r1], #4\n`;
const setWide = ([, operands]: Row): string =>
  `  ldr r0, [r1], #4\n  mov r2, #0\n  mcrr ${operands.replace('R', 'r0').replace('Q', 'r2')}\n`;
const getPar = '  mrrc p15, 0, r0, r2, c7\n  str r0, [r1], #4\n  str r2, [r1], #4\n';
const scr = (value: number): string => `  mov r0, #${value}\n  mcr p15, 0, r0, c1, c1, 0\n  isb\n`;
const NON_SECURE = 0x101;
const CLEAR_PAR = '  mov r0, #0\n  mov r2, #0\n  mcrr p15, 0, r0, r2, c7\n';

/** Bytes of a window with what an access may reach beside it, and how many of them lie before it. */
const FILLED = 192;
const MARGIN = 64;

const START = `
  .syntax unified
  .arm
  .global _start
_start:
  cps #0x16
  ldr r0, =${MONITOR_BLOCK}
  mcr p15, 0, r0, c12, c0, 1
  ldr r0, =0xf00000
  mcr p15, 0, r0, c1, c0, 2
  isb
  mov r0, #0x40000000
  vmsr fpexc, r0
  ldr r4, =0x08000000
  mov r0, #2
  str r0, [r4, #0x80]
  ldr r0, =0xffff
  str r0, [r4, #0x100]
  mov r0, #3
  str r0, [r4]
  ldr r4, =0x08010000
  mov r0, #0xff
  str r0, [r4, #4]
  mov r0, #0xb
  str r0, [r4]
  @ Calls to Monitor mode wherever a case may branch to.
  ldr r0, =${WINDOWS}
  ldr r1, =0xe1600070
  mov r2, #0x100000
1: str r1, [r0], #4
  subs r2, r2, #4
  bne 1b
  ldr r1, =0x8000f7f0
  mov r2, #0x100000
1: str r1, [r0], #4
  subs r2, r2, #4
  bne 1b
next:
  ldr sp, =frame
  ldr r3, =position
  ldr r1, [r3]
  ldr r2, =cases_end
  cmp r1, r2
  bhs done
  ldr r0, [r1], #4
  ldr r4, =0x08000f00
  mov r2, #0x02000000
  tst r0, #1
  strne r2, [r4]
  tst r0, #2
  orrne r2, r2, #0x8000
  orrne r2, r2, #1
  strne r2, [r4]
  @ The windows with what lies beside them, and the D registers.
  ldr r5, =${WINDOWS}
  ldr r6, =${WINDOW - MARGIN}
  ldr r7, =${WINDOWS + 0x20_0000 - FILLED}
  mov r2, #0
2: mul r0, r2, r2
  add r0, r0, r2, lsl #24
  add r0, r0, #0x80
  str r0, [r5], #4
  str r0, [r6], #4
  str r0, [r7], #4
  add r2, r2, #1
  cmp r2, #${FILLED / 4}
  bne 2b
  ldr r0, =0xc00
  mcr p15, 0, r0, c1, c1, 2
  ldr r0, =0xf00000
  mcr p15, 0, r0, c1, c0, 2
  isb
  ldr r5, =${WINDOWS}
  vldm r5, {d0-d3}
  ldr r6, =${WINDOW}
  ldm r1!, {r2, r4}
  stm r6, {r2, r4}
`;

const PREPARE = [
  scr(0),
  CLEAR_PAR,
  ...BANKED.slice(0, -1).map(set),
  '  ldr r12, [r1], #4\n',
  scr(NON_SECURE),
  CLEAR_PAR,
  ...BANKED.map(set),
  ...SINGLE.map(set),
  ...WIDE.map(setWide),
  ...BANKED_CORE.map((name) => `  ldr r0, [r1], #4\n  msr ${name}, r0\n`),
  '  mov r0, #0\n  mcr p15, 0, r0, c8, c7, 0\n  mcr p15, 4, r0, c8, c7, 4\n  mcr p15, 4, r0, c8, c7, 0\n',
  // Secure SCTLR last: what follows runs under it.
  scr(0),
  '  mcr p15, 0, r0, c8, c7, 0\n  mcr p15, 0, r12, c1, c0, 0\n  clrex\n  dsb\n  isb\n',
  `  ldm r1!, {r0, r2, r4}
  mcr p15, 0, r0, c1, c1, 0
  isb
  msr spsr_fsxc, r2
  mov lr, r4
  add r0, r1, #52
  str r0, [r3]
  ldm r1, {r0-r12}
  movs pc, lr
  .ltorg
`,
].join('');

/** R0 has the number of the vector, and its own value is in TPIDRPRW. */
const RECORDING = [
  `
common:
  mcr p15, 0, r1, c13, c0, 3
  mrs r1, cpsr
  setend le
  ldr sp, =frame
  str r0, [sp, #52]
  str r1, [sp, #56]
  mrc p15, 0, r0, c13, c0, 4
  mrc p15, 0, r1, c13, c0, 3
  stm sp, {r0-r12}
  ldr r3, =output
  ldr r1, [r3]
  mov r2, sp
  mov r4, #15
3: ldr r0, [r2], #4
  str r0, [r1], #4
  subs r4, r4, #1
  bne 3b
  str lr, [r1], #4
  mrs r0, spsr
  str r0, [r1], #4
  mrc p15, 0, r0, c1, c1, 0
  str r0, [r1], #4
`,
  scr(0),
  ...BANKED.map(get),
  getPar,
  '  ldr r0, =0x00c50078\n  mcr p15, 0, r0, c1, c0, 0\n  isb\n',
  scr(NON_SECURE),
  ...BANKED.map(get),
  getPar,
  ...SINGLE.map(get),
  ...BANKED_CORE.map((name) => `  mrs r0, ${name}\n  str r0, [r1], #4\n`),
  scr(0),
  `
  ldr r4, =0x08000f10
  ldr r0, =0xffffffff
  str r0, [r4]
  ldr r2, =${WINDOW}
  mov r4, #${WINDOW_WORDS}
4: ldr r0, [r2], #4
  str r0, [r1], #4
  subs r4, r4, #1
  bne 4b
  ldr r2, =${WINDOWS}
  bl digest
  ldr r2, =${WINDOWS + 0x20_0000 - 4 * WINDOW_WORDS}
  bl digest
  str r1, [r3]
  b next
digest:
  mov r0, #0
  mov r4, #${WINDOW_WORDS}
5: ldr r5, [r2], #4
  add r0, r5, r0, ror #25
  subs r4, r4, #1
  bne 5b
  str r0, [r1], #4
  bx lr
  .ltorg
`,
].join('');

/**
 * A vector is a branch in both instruction sets: in A32 to a landing of 12 bytes a vector, 0x7f80 before the block, in Thumb to one of 8 bytes
 * a vector, 0x40 after it.
 */
const vectorWord = (i: number): string => `  .word 0xeaffe01e + ${2 * i}`;
const BEFORE = 0x7f80;

/** What stands at the landings of a block. */
interface Block {
  readonly address: number;
  readonly arm: (i: number) => string;
  readonly thumb: (i: number) => string;
}

const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/** Blocks in a section that starts at `base`, in ascending order and so near to each other that all their landings come first. */
function section(name: string, base: number, blocks: readonly Block[]): string {
  const at = (address: number): string => `  .org ${address - base}`;
  const arm = blocks.flatMap(({ address, arm }) => EIGHT.flatMap((i) => [at(address - BEFORE + 12 * i), arm(i)]));
  const rest = blocks.flatMap(({ address, thumb }) => [
    at(address),
    ...EIGHT.map(vectorWord),
    '  .thumb',
    ...EIGHT.flatMap((i) => [at(address + 0x40 + 8 * i), thumb(i)]),
    '  .balign 8',
    '  .arm',
  ]);
  return [`  .section ${name}, "ax"`, '  .arm', ...arm, '  .balign 4', ...rest, ''].join('\n');
}

const call = (): string => '  smc #0';
const calling = (address: number): Block => ({ address, arm: call, thumb: call });

/** An FIQ is pending, and goes to Monitor mode. */
const unmasking = (address: number): Block => ({ address, arm: () => '  cpsie f\n  nop', thumb: () => '  cpsie f\n  nop' });

/** Monitor mode's own: to the harness, with the vector's number (and bit 7 for Thumb). */
const entering = (address: number, n: number): Block => ({
  address,
  arm: (i) => enter(i),
  thumb: (i) => `  bx pc\n  nop\n  .arm\n  b thumb_entry_${n}_${i}\n  .thumb`,
});
const enter = (number: number): string => `  mcr p15, 0, r0, c13, c0, 4\n  mov r0, #${number}\n  b common`;
const MONITOR_BLOCKS: readonly number[] = [MONITOR_BLOCK, OTHER_MONITOR_BLOCK];

function vectors(): string {
  const kind = (address: number, n: number): Block => {
    if (MONITOR_BLOCKS.includes(address)) return entering(address, n);
    return UNMASKING_BLOCKS.includes(address) ? unmasking(address) : calling(address);
  };
  const entries = MONITOR_BLOCKS.flatMap((address) => {
    const n = BLOCKS.indexOf(address);
    return EIGHT.map((i) => `thumb_entry_${n}_${i}:\n${enter(0x80 + i)}`);
  });
  const high = section('.high', HIGH, [calling(HIGH + 0x1f_0000)]);
  return [section('.vectors', VECTORS, BLOCKS.map(kind)), high, '  .text', ...entries, ''].join('\n');
}

const landing = (thumb: boolean): string => `  .${thumb ? 'thumb' : 'arm'}\n  .rept 16\n  smc #0\n  .endr`;

function slots(list: readonly Slot[]): string {
  const one = ({ thumb, code }: Slot, i: number) =>
    [
      `  .org ${i * SLOT_BYTES}`,
      `  .${thumb ? 'thumb' : 'arm'}`,
      ...code.map((line) => `  ${line}`),
      '  smc #0',
      '  smc #0',
    ].join('\n');
  return ['  .section .slots, "ax"', ...list.map(one), ''].join('\n');
}

/** Assembles the image for the cases into the folder; returns its path. Cases as words are `cases`. */
export function buildSystemImage(folder: string, list: readonly Slot[], cases: Uint32Array): string {
  writeFileSync(join(folder, 'cases.bin'), cases);
  writeFileSync(join(folder, 'tables.bin'), systemTables());
  const data = [
    '  .data',
    'position: .word cases',
    'output: .word results',
    'frame: .space 64',
    '  .align 3',
    'cases: .incbin "cases.bin"',
    'cases_end:',
    'results:',
    `  .space ${4 * RECORD.length * list.length}`,
    'results_end:',
    '  .section .tables, "a"',
    '  .incbin "tables.bin"',
    '  .section .landing, "ax"',
    landing(false),
    `  .org ${LANDING.thumb - LANDING.arm}`,
    landing(true),
    '',
  ];
  writeFileSync(join(folder, 'harness.s'), [START, PREPARE, RECORDING, FINISH, vectors(), slots(list), ...data].join('\n'));
  run(folder, 'arm-none-eabi-as', ['-march=armv7ve', '-mfpu=neon-vfpv4', '-o', 'harness.o', 'harness.s']);
  const places = {
    '.text': TEXT,
    '.data': DATA,
    '.vectors': VECTORS,
    '.high': HIGH,
    '.slots': SLOTS,
    '.landing': LANDING.arm,
    '.tables': TABLES,
  };
  const starts = Object.entries(places).map(([name, at]) => `--section-start=${name}=0x${at.toString(16)}`);
  run(folder, 'arm-none-eabi-ld', [...starts, '--no-warn-rwx-segments', '--no-check-sections', '-o', 'oracle.elf', 'harness.o']);
  return join(folder, 'oracle.elf');
}

export const CASE_WORDS = INPUT.length;
