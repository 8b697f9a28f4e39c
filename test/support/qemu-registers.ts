/** Replays a table of register accesses on a machine of QEMU: a bare-metal program performs it and writes what it read to a semihosting file. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RegisterAccess {
  readonly address: number;
  readonly width: 1 | 2 | 4;
  /** The value to write; a read if absent. */
  readonly write?: number;
}

/** What stands for a read or write that ended in a data abort. */
export const ABORTED = 0xab0127ed;

/** One value per access: what a read gave, 0 for a write, or `ABORTED`. `machine` is e.g. `['-M', 'virt']` or `['-M', 'vexpress-a15']`. */
export function replayInQemu(machine: readonly string[], accesses: readonly RegisterAccess[]): number[] {
  const folder = mkdtempSync(join(tmpdir(), 'registers-'));
  try {
    const base = machine.some((word) => word.startsWith('vexpress')) ? 0x8010_0000 : 0x4010_0000;
    writeFileSync(join(folder, 'replay.S'), program(accesses));
    const flags = [
      '-march=armv7-a',
      '-nostdlib',
      `-Wl,-Ttext=0x${base.toString(16)}`,
      '-Wl,--build-id=none',
      '-o',
      'replay.elf',
      'replay.S',
    ];
    run(folder, 'arm-none-eabi-gcc', flags);
    const host = ['-display', 'none', '-serial', 'null', '-monitor', 'none', '-audiodev', 'none,id=silent'];
    const semihosting = ['-semihosting-config', 'enable=on,target=native', '-kernel', 'replay.elf'];
    run(folder, 'qemu-system-arm', [...machine, ...host, ...semihosting]);
    const bytes = readFileSync(join(folder, 'result.bin'));
    return accesses.map((_, i) => bytes.readUInt32LE(4 * i));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(folder: string, command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(`${command} ended with ${status ?? error}: ${stderr}`);
}

/** Rows of (operation, address, value): the width, plus 8 for a write. Each row's value word is replaced by the result. */
function program(accesses: readonly RegisterAccess[]): string {
  const rows = accesses.map(
    ({ address, width, write }) => `.word ${write === undefined ? width : width + 8}, ${address}, ${(write ?? 0) >>> 0}`,
  );
  return `
  .arch_extension sec
  .syntax unified
  .global _start
_start: ldr r0, =vectors
  mcr p15, 0, r0, c12, c0, 0
  ldr r4, =table
  ldr r5, =results
1: ldm r4!, {r6, r7, r8}
  cmp r6, #0
  beq done
  mov r9, #0
  cmp r6, #1
  ldrbeq r9, [r7]
  cmp r6, #2
  ldrheq r9, [r7]
  cmp r6, #4
  ldreq r9, [r7]
  cmp r6, #9
  strbeq r8, [r7]
  cmp r6, #10
  strheq r8, [r7]
  cmp r6, #12
  streq r8, [r7]
  dsb
  str r9, [r5], #4
  b 1b
done: ldr r1, =open
  mov r0, #1
  svc 0x123456
  ldr r1, =write
  str r0, [r1]
  mov r0, #5
  svc 0x123456
  ldr r1, =0x20026
  mov r0, #0x18
  svc 0x123456
aborted: ldr r9, =${ABORTED}
  subs pc, lr, #4
  .align 5
vectors: b .
  b .
  b .
  b .
  b aborted
  b .
  b .
  b .
  .ltorg
  .align 3
open: .word name, 5, 10
write: .word 0, results, ${4 * accesses.length}
name: .asciz "result.bin"
  .align 3
table: ${rows.join('\n')}
  .word 0, 0, 0
results: .space ${4 * accesses.length + 4}
`;
}
