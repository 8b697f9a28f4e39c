/**
 * The image for sequences: a harness that runs each in its mode, logs every exception with a digest of the registers, returns from it as a
 * kernel would that passes over the instruction, and records all registers of all modes at the end. It runs in QEMU and here.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FINISH, MEMORY, run } from './image.ts';
import { CODE_PAGE, DATA_PAGE, KIND, PAGES, SLOT, TRAP, WINDOW } from './layout.ts';
import {
  ENTRY_WORDS,
  FLOAT_WORDS,
  LOG_ENTRIES,
  PAGE_PATTERN,
  RESUME,
  SEQUENCE_CASE_WORDS,
  SEQUENCE_RESULT_WORDS,
  SEQUENCE_WORDS,
} from './sequence-layout.ts';
import { codeOf, type Sequence } from './sequences.ts';

const START = `
  mrc p15, 0, r1, c1, c0, 0
  ldr r0, =control
  str r1, [r0]
next:
  cps #0x13
  ldr r0, =control
  ldr r0, [r0]
  mcr p15, 0, r0, c1, c0, 0
  isb
  ldr r0, =position
  ldr r1, [r0]
  ldr r2, =cases_end
  cmp r1, r2
  bhs done
  ldr r3, =SLOT
  mov r2, #${SEQUENCE_WORDS / 8}
1: ldm r1!, {r4-r11}
  stm r3!, {r4-r11}
  subs r2, r2, #1
  bne 1b
  mov r3, #0
  mcr p15, 0, r3, c7, c5, 0
  mcr p15, 0, r3, c7, c5, 6
  dsb
  isb
  ldr r2, =pattern
  ldr r3, =DATA_PAGE
  mov r12, #128
2: ldm r2!, {r4-r11}
  stm r3!, {r4-r11}
  subs r12, r12, #1
  bne 2b
  mov r2, #0
  mcr p15, 0, r2, c13, c0, 2
  mcr p15, 0, r2, c13, c0, 3
  mov r2, #0xf00000
  mcr p15, 0, r2, c1, c0, 2
  isb
  mov r2, #0x40000000
  vmsr fpexc, r2
  add r2, r1, #72
  ldr r3, [r2], #4
  vmsr fpscr, r3
  vldm r2!, {d0-d15}
  vldm r2!, {d16-d31}
  str r2, [r0]
  ldr r0, =output
  ldr r2, [r0]
  add r2, r2, #4
  mov r3, #0
  ldr r0, =log
  stm r0, {r2, r3}
  mov r2, #0x10
  .irp mode, 0x11, 0x12, 0x17, 0x1b
  cps #\\mode
  msr spsr_cxsf, r2
  ldr sp, =0x5500 + \\mode
  ldr lr, =0x6600 + \\mode
  .endr
  cps #0x11
  ldr r0, =pattern
  ldm r0, {r8-r12}
  cps #0x13
  ldr sp, =0x5513
  ldm r1!, {r2, r3, r5}
  msr spsr_cxsf, r3
  ldr r4, =target
  str r2, [r4]
  ldr r4, =code_end
  str r5, [r4]
  clrex
  mov lr, r1
  ldm lr, {r0-r14}^
  nop
  ldr lr, =target
  ldr lr, [lr]
  movs pc, lr
  .ltorg
`;

/** R0 is the kind, R1 the SPSR, R3 where to go on; FRAME has R0 to R12. The thread register keeps the stack pointer. */
const HANDLERS = `
  .align 5
vectors:
  b .
  b undefined
  b supervisor_call
  b prefetch_abort
  b data_abort
  b .
  b .
  b .
  .macro enter kind
  mcr p15, 0, sp, c13, c0, 4
  ldr sp, =frame
  stm sp, {r0-r12}
  mov r0, #\\kind
  mrs r1, spsr
  mov r10, #0
  mov r11, #0
  .endm
supervisor_call:
  enter KIND_SUPERVISOR_CALL
  mov r3, lr
  bl log_entry
  b resume
undefined:
  enter KIND_UNDEFINED
  tst r1, #0x20
  subne r3, lr, #2
  subeq r3, lr, #4
  bl log_entry
  ldr r4, =code_end
  ldr r4, [r4]
  cmp r3, r4
  bhs finish
  b pass
prefetch_abort:
  enter KIND_PREFETCH_ABORT
  mrc p15, 0, r10, c5, c0, 1
  mrc p15, 0, r11, c6, c0, 2
  sub r3, lr, #4
  bl log_entry
  and r2, r10, #0xf
  cmp r2, #2 @ a debug event: BKPT
  beq pass
  @ On at the address in RESUME, if it is in the sequence.
  ldr r2, [sp, #4 * RESUME]
  bic r3, r2, #1
  ldr r4, =SLOT
  cmp r3, r4
  blo finish
  ldr r4, =code_end
  ldr r4, [r4]
  cmp r3, r4
  bhi finish
  bfi r1, r2, #5, #1
  mov r2, #0
  bfi r1, r2, #10, #6
  bfi r1, r2, #25, #2
  b resume
data_abort:
  enter KIND_DATA_ABORT
  mrc p15, 0, r10, c5, c0, 0
  mrc p15, 0, r11, c6, c0, 0
  sub r3, lr, #8
  bl log_entry
pass:
  tst r1, #0x20
  addeq r3, r3, #4
  beq resume
  ldrh r2, [r3]
  lsr r2, r2, #11
  cmp r2, #0x1d
  addlo r3, r3, #2
  addhs r3, r3, #4
  @ ITAdvance
  ubfx r8, r1, #10, #6
  ubfx r9, r1, #25, #2
  orr r8, r9, r8, lsl #2
  ands r9, r8, #7
  moveq r8, #0
  andne r9, r8, #0xe0
  lslne r8, r8, #1
  andne r8, r8, #0x1f
  orrne r8, r9, r8
  lsr r9, r8, #2
  bfi r1, r9, #10, #6
  bfi r1, r8, #25, #2
resume:
  msr spsr_cxsf, r1
  mov lr, r3
  ldm sp, {r0-r12}
  mrc p15, 0, sp, c13, c0, 4
  movs pc, lr
log_entry:
  mov r12, lr
  mov r9, sp
  mov r7, #0
  mov r8, #13
2: ldr r6, [r9], #4
  add r7, r6, r7, ror #25
  subs r8, r8, #1
  bne 2b
  ldr r4, =digest
  str r7, [r4]
  @ CPACR, FPEXC and what they may forbid to look at.
  mrc p15, 0, r4, c1, c0, 2
  mov r5, #0xf00000
  mcr p15, 0, r5, c1, c0, 2
  isb
  vmrs r5, fpexc
  mov r6, #0x40000000
  vmsr fpexc, r6
  vmrs r6, fpscr
  ldr r9, =float
  stm r9!, {r4-r6}
  vstm r9!, {d0-d15}
  vstm r9!, {d16-d31}
  vmsr fpexc, r5
  mcr p15, 0, r4, c1, c0, 2
  isb
  mov r7, #0
  add r9, r9, #4
  .rept (FLOAT_WORDS + 1) / 4
  ldmdb r9!, {r4, r5, r6, r8}
  add r7, r4, r7, ror #25
  add r7, r5, r7, ror #25
  add r7, r6, r7, ror #25
  add r7, r8, r7, ror #25
  .endr
  ldr r4, =log
  ldm r4, {r5, r6}
  stm r5!, {r0, r3}
  stm r5!, {r1, r10, r11}
  ldr r8, =digest
  ldr r8, [r8]
  str r8, [r5], #4
  str r7, [r5], #4
  add r6, r6, #1
  stm r4, {r5, r6}
  cmp r6, #LOG_ENTRIES
  bhs finish
  bx r12
finish:
  ldr r4, =output
  ldr r5, [r4]
  ldr r6, =log
  ldr r6, [r6, #4]
  str r6, [r5], #4
  add r5, r5, #LOG_ENTRIES * ENTRY_BYTES
  mov r9, sp
  .rept 13
  ldr r6, [r9], #4
  str r6, [r5], #4
  .endr
  stm r5, {sp, lr}^
  add r5, r5, #8
  mrc p15, 0, r6, c13, c0, 4
  str r6, [r5], #4
  .irp mode, 0x12, 0x13, 0x17, 0x1b
  cps #\\mode
  mrs r6, spsr
  str sp, [r5], #4
  str lr, [r5], #4
  str r6, [r5], #4
  .endr
  cps #0x11
  mrs r6, spsr
  str r6, [r5], #4
  stm r5!, {r8-r12}
  str sp, [r5], #4
  str lr, [r5], #4
  cps #0x13
  ldr r9, =WINDOW
  .rept 8
  ldm r9!, {r0-r3, r6, r7, r8, r10}
  stm r5!, {r0-r3, r6, r7, r8, r10}
  .endr
  ldr r9, =DATA_PAGE
  mov r12, #128
  mov r11, #0
3: ldm r9!, {r0-r3, r6, r7, r8, r10}
  .irp register, r0, r1, r2, r3, r6, r7, r8, r10
  add r11, \\register, r11, ror #25
  .endr
  subs r12, r12, #1
  bne 3b
  str r11, [r5], #4
  ldr r9, =float
  mov r12, #FLOAT_WORDS
4: ldr r0, [r9], #4
  str r0, [r5], #4
  subs r12, r12, #1
  bne 4b
  mrc p15, 0, r0, c1, c0, 0
  str r0, [r5], #4
  mrc p15, 0, r0, c13, c0, 2
  str r0, [r5], #4
  mrc p15, 0, r0, c13, c0, 3
  str r0, [r5], #4
  ldr r4, =output
  str r5, [r4]
  b next
  .ltorg
`;

/** On pages of their own: writes beside code cost both sides what they know of it. */
const DATA = `
  .align 12
target: .word 0
position: .word cases
output: .word results
code_end: .word 0
log: .word 0, 0
control: .word 0
digest: .word 0
frame: .space 64
float: .space 4 * FLOAT_WORDS
  .word 0
`;

/** Writes `oracle.elf` into the folder and returns its path. */
export function buildSequenceImage(folder: string, sequences: readonly Sequence[]): string {
  const words = new Uint32Array(sequences.length * SEQUENCE_CASE_WORDS);
  for (const [i, sequence] of sequences.entries()) {
    const first = i * SEQUENCE_CASE_WORDS;
    const code = codeOf(sequence);
    if (code.length > SEQUENCE_WORDS) throw new Error(`a sequence has ${code.length} words`);
    words.fill(TRAP, first, first + SEQUENCE_WORDS);
    words.set(code, first);
    const { at, cpsr, end, registers, float } = sequence;
    words.set([at, cpsr, end, ...registers, ...float], first + SEQUENCE_WORDS);
  }
  const kinds = { KIND_UNDEFINED: KIND.undefined, KIND_SUPERVISOR_CALL: KIND.supervisorCall };
  const aborts = { KIND_PREFETCH_ABORT: KIND.prefetchAbort, KIND_DATA_ABORT: KIND.dataAbort };
  const sizes = { LOG_ENTRIES, ENTRY_BYTES: 4 * ENTRY_WORDS, FLOAT_WORDS, RESUME };
  const constants = { PAGES, CODE_PAGE, DATA_PAGE, SLOT, WINDOW, TRAP, ...sizes, ...kinds, ...aborts };
  const equates = Object.entries(constants).map(([name, value]) => `  .equ ${name}, ${value}`);
  const pattern = `pattern: .word ${PAGE_PATTERN.join(', ')}`;
  const cases = ['  .align 3', 'cases: .incbin "cases.bin"', 'cases_end:', '  .align 3', 'results:'];
  const space = [`  .space ${4 * SEQUENCE_RESULT_WORDS * sequences.length}`, 'results_end:'];
  const tables = ['  .align 14', 'sections: .space 16384', 'pages: .space 1024', ''];
  const parts = [...equates, MEMORY, START, HANDLERS, FINISH, DATA, pattern, ...cases, ...space, ...tables];
  writeFileSync(join(folder, 'cases.bin'), words);
  writeFileSync(join(folder, 'harness.s'), parts.join('\n'));
  run(folder, 'arm-none-eabi-as', ['-mcpu=cortex-a15', '-mfpu=neon-vfpv4', '-o', 'harness.o', 'harness.s']);
  run(folder, 'arm-none-eabi-ld', ['-Ttext=0x40010000', '-N', '--no-warn-rwx-segments', '-o', 'oracle.elf', 'harness.o']);
  return join(folder, 'oracle.elf');
}
