/** Runs vectors through real VFP instructions under `qemu-arm`: a static program with one stub for each operation. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Operation } from './operations.ts';
import { IN_BYTES, type Oracle, OUT_BYTES } from './vectors.ts';

const BATCH = 1024;

/** Reads batches of vectors from standard input until it ends, and writes as many results. */
function program(operations: readonly Operation[]): string {
  const stubs = operations.map(({ asm }, index) => `stub${index}: ${asm}\n bx lr`);
  const table = operations.map((_, index) => ` .word stub${index}`);
  return `
 .syntax unified
 .arch armv7ve
 .fpu neon-vfpv4
 .arm
 .text
 .global _start
_start: ldr r8, =input
 mov r9, #0                         @ Bytes of the batch so far.
fill: mov r0, #0
 add r1, r8, r9
 ldr r2, =${BATCH * IN_BYTES}
 subs r2, r2, r9
 beq full
 mov r7, #3
 svc #0
 add r9, r9, r0
 cmp r0, #0
 bgt fill
full: lsrs r9, r9, #5
 beq finish
 ldr r10, =output
 mov r11, r9
 ldr r6, =table
each: ldrd r0, r1, [r8], #8
 vldmia r8!, {d0-d2}
 ldr r2, [r6, r0, lsl #2]
 vmsr fpscr, r1
 blx r2
 vmrs r1, fpscr
 mov r0, #0
 vmsr fpscr, r0
 vstmia r10!, {d0}
 str r1, [r10], #8
 subs r11, r11, #1
 bne each
 ldr r4, =output
 sub r5, r10, r4
drain: mov r0, #1
 mov r1, r4
 mov r2, r5
 mov r7, #4
 svc #0
 cmp r0, #0
 ble finish
 add r4, r4, r0
 subs r5, r5, r0
 bne drain
 b _start
finish: mov r0, #0
 mov r7, #1
 svc #0
 .ltorg
${stubs.join('\n')}
 .align 2
table:
${table.join('\n')}
 .bss
 .align 3
input: .space ${BATCH * IN_BYTES}
output: .space ${BATCH * OUT_BYTES}
`;
}

/** The program in a temporary folder of its own. */
export class QemuArm implements Oracle {
  readonly name = 'qemu-arm';
  readonly #folder = mkdtempSync(join(tmpdir(), 'partita-fp-'));
  readonly #binary = join(this.#folder, 'vectors');

  constructor(operations: readonly Operation[]) {
    const source = join(this.#folder, 'vectors.s');
    writeFileSync(source, program(operations));
    execFileSync('arm-none-eabi-gcc', ['-nostdlib', '-static', '-mcpu=cortex-a15', '-o', this.#binary, source]);
  }

  answers(): boolean {
    return true;
  }

  run(vectors: Uint8Array): Uint8Array {
    const { stdout, status, stderr } = spawnSync('qemu-arm', ['-cpu', 'cortex-a15', this.#binary], {
      input: vectors,
      maxBuffer: vectors.length,
    });
    if (status !== 0) throw new Error(`qemu-arm ended with ${status}: ${stderr.toString()}`);
    return stdout;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
