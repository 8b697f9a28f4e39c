/** The bare-metal image: a harness that runs each case in User mode and records what became of it, and the cases. It runs in QEMU and here. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './case.ts';
import {
  CASE_WORDS,
  CODE_PAGE,
  DATA_PAGE,
  EDGE,
  KIND,
  LIMIT_TICKS,
  MEMORIES,
  PAGES,
  RESULT_WORDS,
  SLOT,
  THREAD,
  THREAD_READ_ONLY,
  TRAP,
  VFP_WORDS,
  WINDOW_WORDS,
} from './layout.ts';

export const RESULT_FILE = 'result.bin';

/** Writes `oracle.elf` into the folder and returns its path. */
export function buildImage(folder: string, cases: readonly Case[]): string {
  const vfp = cases.some((test) => test.vfp !== undefined);
  const words = new Uint32Array(cases.length * (CASE_WORDS + (vfp ? VFP_WORDS : 0)));
  let at = 0;
  for (const { code, memory, at: start, cpsr, registers, vfp: state } of cases) {
    for (const value of [...code, 4 * WINDOW_WORDS * memory, start, cpsr, ...registers, ...(state ?? [])]) words[at++] = value;
  }
  writeFileSync(join(folder, 'cases.bin'), words);
  writeFileSync(join(folder, 'harness.s'), harness(cases.length, vfp));
  run(folder, 'arm-none-eabi-as', ['-mcpu=cortex-a15', '-mfpu=neon-vfpv4', '-o', 'harness.o', 'harness.s']);
  run(folder, 'arm-none-eabi-ld', ['-Ttext=0x40010000', '-N', '--no-warn-rwx-segments', '-o', 'oracle.elf', 'harness.o']);
  return join(folder, 'oracle.elf');
}

export function run(folder: string, command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ended with ${status ?? error}: ${stderr}`);
}

export const resultWords = (vfp: boolean): number => RESULT_WORDS + (vfp ? VFP_WORDS : 0);

/** Vectors, the tables of layout.ts, and the MMU on. */
export const MEMORY = `
  .syntax unified
  .arm
  .global _start
_start:
  ldr r0, =vectors
  mcr p15, 0, r0, c12, c0, 0
  @ A flat map for PL1 of the RAM below PAGES; PAGES has one page to execute and one for data.
  ldr r0, =sections
  mov r1, #0
  mov r2, #4096
1: str r1, [r0], #4
  subs r2, r2, #1
  bne 1b
  ldr r0, =sections
  ldr r1, =0x40000000
  ldr r2, =PAGES
  ldr r3, =0x1540e @ PL1 read and write, Normal cacheable memory, shareable
2: orr r4, r1, r3
  str r4, [r0, r1, lsr #18]
  add r1, r1, #0x100000
  cmp r1, r2
  blo 2b
  ldr r1, =pages
  orr r4, r1, #1
  str r4, [r0, r2, lsr #18]
  mov r2, #256
  mov r4, #0
3: str r4, [r1], #4
  subs r2, r2, #1
  bne 3b
  ldr r1, =pages
  ldr r2, =CODE_PAGE + 0x46e @ User reads and executes: PL1 has full access by AP 10
  str r2, [r1, #((CODE_PAGE - PAGES) >> 10)]
  ldr r2, =DATA_PAGE + 0x47f @ User reads and writes, never executes
  str r2, [r1, #((DATA_PAGE - PAGES) >> 10)]
  mcr p15, 0, r0, c2, c0, 0
  mov r1, #0
  mcr p15, 0, r1, c2, c0, 2
  mov r1, #1
  mcr p15, 0, r1, c3, c0, 0
  mcr p15, 0, r1, c8, c7, 0
  mcr p15, 0, r1, c7, c5, 0
  dsb
  isb
  mrc p15, 0, r1, c1, c0, 0
  bic r1, r1, #2
  orr r1, r1, #0x1000
  orr r1, r1, #0x5
  orr r1, r1, #0x400 @ SW: SWP is enabled
  mcr p15, 0, r1, c1, c0, 0
  isb
  ldr r0, =CODE_PAGE
  ldr r1, =TRAP
  mov r2, #1024
4: str r1, [r0], #4
  subs r2, r2, #1
  bne 4b
`;

const START = `
  @ The interrupt of the virtual timer, which ends what does not end; the controller is mapped only for that.
  ldr r0, =sections + 4 * 0x080
  ldr r1, =0x08000416
  str r1, [r0]
  dsb
  isb
  ldr r2, =0x08000000
  mov r3, #1
  str r3, [r2]
  mov r3, #1 << 27
  str r3, [r2, #0x100]
  ldr r2, =0x08010000
  mov r3, #0xff
  str r3, [r2, #4]
  mov r3, #1
  str r3, [r2]
  mov r1, #0
  str r1, [r0]
  dsb
  mcr p15, 0, r1, c8, c7, 0
  dsb
  isb
  mov r0, #1
  mcr p15, 0, r0, c14, c3, 1
  ldr r0, =THREAD_READ_ONLY
  mcr p15, 0, r0, c13, c0, 3
  .if VFP
  mov r0, #0xf00000
  mcr p15, 0, r0, c1, c0, 2
  isb
  mov r0, #0x40000000
  vmsr fpexc, r0
  .endif
  @ Each mode's stack pointer is the place to save User mode's registers.
  ldr r0, =saved
  cps #0x12
  mov sp, r0
  cps #0x17
  mov sp, r0
  cps #0x1b
  mov sp, r0
  cps #0x13
  mov sp, r0
next:
  ldr r0, =position
  ldr r1, [r0]
  ldr r2, =cases_end
  cmp r1, r2
  bhs done
  ldm r1!, {r4-r7}
  ldr r3, =SLOT
  stm r3, {r4-r7}
  mcr p15, 0, r3, c7, c11, 1
  dsb
  mcr p15, 0, r3, c7, c5, 1
  mcr p15, 0, r3, c7, c5, 6
  dsb
  isb
  ldr r2, =patterns
  ldr r3, [r1], #4
  add r2, r2, r3
  ldr r3, =EDGE
  .rept 8
  ldm r2!, {r4-r11}
  stm r3!, {r4-r11}
  .endr
  ldm r1!, {r2, r3}
  msr spsr_cxsf, r3
  ldr r4, =target
  str r2, [r4]
  add r4, r1, #60
  .if VFP
  ldr r5, [r4], #4
  vmsr fpscr, r5
  vldm r4!, {d0-d15}
  vldm r4!, {d16-d31}
  .endif
  str r4, [r0]
  clrex
  ldr r0, =THREAD
  mcr p15, 0, r0, c13, c0, 2
  mov r0, #LIMIT_TICKS
  mcr p15, 0, r0, c14, c3, 0
  mov lr, r1
  ldm lr, {r0-r14}^
  nop
  ldr lr, =target
  ldr lr, [lr]
  movs pc, lr
  .ltorg
`;

/** Writes the results to a file, by semihosting, and ends. */
export const FINISH = `done:
  ldr r1, =open
  mov r0, #1
  svc 0x123456
  ldr r1, =write
  str r0, [r1]
  mov r0, #5
  svc 0x123456
  ldr r1, =write
  mov r0, #2
  svc 0x123456
  ldr r1, =0x20026
  mov r0, #0x18
  svc 0x123456
  b .
  .ltorg
  .align 3
open: .word name, 5, ${RESULT_FILE.length}
write: .word 0, results, results_end - results
name: .asciz "${RESULT_FILE}"
  .align 3
`;

const HANDLERS = `
  .align 5
vectors:
  b .
  b undefined
  b supervisor_call
  b prefetch_abort
  b data_abort
  b .
  b limit
  b .
  .macro save kind
  stm sp, {r0-r14}^
  mov r0, #\\kind
  mov r1, lr
  mrs r2, spsr
  .endm
undefined:
  save KIND_UNDEFINED
  mov r3, #0
  mov r4, #0
  b record
supervisor_call:
  save KIND_SUPERVISOR_CALL
  mov r3, #0
  mov r4, #0
  b record
limit:
  save KIND_LIMIT
  mov r3, #0
  mov r4, #0
  b record
prefetch_abort:
  save KIND_PREFETCH_ABORT
  mrc p15, 0, r3, c5, c0, 1
  mrc p15, 0, r4, c6, c0, 2
  b record
data_abort:
  save KIND_DATA_ABORT
  mrc p15, 0, r3, c5, c0, 0
  mrc p15, 0, r4, c6, c0, 0
record:
  cps #0x13
  ldr r12, =output
  ldr r11, [r12]
  stm r11!, {r0-r4}
  ldr r10, =saved
  ldm r10!, {r0-r7}
  stm r11!, {r0-r7}
  ldm r10!, {r0-r6}
  stm r11!, {r0-r6}
  mrc p15, 0, r0, c13, c0, 2
  str r0, [r11], #4
  ldr r10, =EDGE
  .rept 8
  ldm r10!, {r0-r7}
  stm r11!, {r0-r7}
  .endr
  .if VFP
  vmrs r0, fpscr
  str r0, [r11], #4
  vstm r11!, {d0-d15}
  vstm r11!, {d16-d31}
  .endif
  str r11, [r12]
  b next
${FINISH}target: .word 0
position: .word cases
output: .word results
saved: .space 64
`;

function harness(count: number, vfp: boolean): string {
  const places = { PAGES, CODE_PAGE, DATA_PAGE, SLOT, EDGE };
  const constants = { ...places, TRAP, THREAD, THREAD_READ_ONLY, LIMIT_TICKS, VFP: vfp ? 1 : 0 };
  const kinds = {
    KIND_UNDEFINED: KIND.undefined,
    KIND_SUPERVISOR_CALL: KIND.supervisorCall,
    KIND_PREFETCH_ABORT: KIND.prefetchAbort,
    KIND_DATA_ABORT: KIND.dataAbort,
    KIND_LIMIT: KIND.limit,
  };
  const equates = Object.entries({ ...constants, ...kinds }).map(([name, value]) => `  .equ ${name}, ${value}`);
  const patterns = ['patterns:', ...MEMORIES.map((words) => `  .word ${words.join(', ')}`)];
  const data = ['  .align 3', 'cases: .incbin "cases.bin"', 'cases_end:', '  .align 3', 'results:'];
  const tables = ['results_end:', '  .align 14', 'sections: .space 16384', 'pages: .space 1024'];
  const space = `  .space ${4 * resultWords(vfp) * count}`;
  return [...equates, MEMORY, START, HANDLERS, ...patterns, ...data, space, ...tables, ''].join('\n');
}
