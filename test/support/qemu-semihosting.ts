/** Runs a list of semihosting calls in QEMU: a bare-metal program makes them and hands back every R0 and the memory they worked on. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SemihostingCall {
  readonly operation: number;
  readonly parameter: number;
}

/** Where `memory` stands. */
export const MEMORY = 0x4200_0000;

export interface SemihostingRun {
  readonly results: readonly number[];
  readonly memory: Uint8Array;
  readonly output: string;
}

/** Files of the run, relative paths only, are made in a fresh folder. */
export function callInQemu(
  calls: readonly SemihostingCall[],
  memory: Uint8Array,
  options: { input?: string; arguments?: string } = {},
): SemihostingRun {
  const folder = mkdtempSync(join(tmpdir(), 'semihosting-'));
  try {
    writeFileSync(join(folder, 'memory.bin'), memory);
    writeFileSync(join(folder, 'calls.S'), program(calls, memory.length));
    run(folder, 'arm-none-eabi-gcc', ['-march=armv7-a', '-nostdlib', '-Wl,-Ttext=0x40100000', '-o', 'calls.elf', 'calls.S']);
    const semihosting = `enable=on,target=native,chardev=console${options.arguments === undefined ? '' : `,arg=${options.arguments}`}`;
    const host = ['-display', 'none', '-serial', 'null', '-monitor', 'none', '-chardev', 'stdio,id=console,signal=off'];
    const load = ['-kernel', 'calls.elf', '-device', `loader,file=memory.bin,addr=${MEMORY},force-raw=on`];
    const output = run(
      folder,
      'qemu-system-arm',
      ['-M', 'virt', ...host, '-semihosting-config', semihosting, ...load],
      options.input,
    );
    const bytes = readFileSync(join(folder, 'result.bin'));
    return { results: calls.map((_, i) => bytes.readUInt32LE(4 * i)), memory: readFileSync(join(folder, 'after.bin')), output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(folder: string, command: string, args: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', timeout: 30_000, input });
  if (status !== 0) throw new Error(`${command} ended with ${status ?? error}: ${stderr}`);
  return stdout;
}

function program(calls: readonly SemihostingCall[], size: number): string {
  return `
  .syntax unified
  .global _start
_start: ldr r4, =table
  ldr r5, =results
1: ldm r4!, {r0, r1}
  cmp r0, #0
  beq 2f
  svc 0x123456
  str r0, [r5], #4
  b 1b
2: ldr r1, =open
  mov r0, #1
  svc 0x123456
  ldr r1, =write
  str r0, [r1]
  mov r0, #5
  svc 0x123456
  ldr r1, =open2
  mov r0, #1
  svc 0x123456
  ldr r1, =write2
  str r0, [r1]
  mov r0, #5
  svc 0x123456
  ldr r1, =0x20026
  mov r0, #0x18
  svc 0x123456
  .ltorg
  .align 3
open: .word name, 5, 10
write: .word 0, results, ${4 * calls.length}
open2: .word name2, 5, 9
write2: .word 0, ${MEMORY}, ${size}
name: .asciz "result.bin"
name2: .asciz "after.bin"
  .align 3
table: ${calls.map(({ operation, parameter }) => `.word ${operation}, ${parameter >>> 0}`).join('\n')}
  .word 0, 0
results: .space ${4 * calls.length + 4}
`;
}
