/** Assembly text to code, by GNU as. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The bytes of a program for Cortex-A15 that stands at an address; `.thumb` in the text changes the instruction set. */
export function assemble(text: string, address: number): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'assemble-'));
  try {
    writeFileSync(join(folder, 'program.s'), `.syntax unified\n.arm\n${text}\n`);
    run(folder, 'arm-none-eabi-as', ['-mcpu=cortex-a15', '-o', 'program.o', 'program.s']);
    const at = `0x${address.toString(16)}`;
    run(folder, 'arm-none-eabi-ld', ['-Ttext', at, '-e', at, '-o', 'program.elf', 'program.o']);
    run(folder, 'arm-none-eabi-objcopy', ['-O', 'binary', 'program.elf', 'program.bin']);
    return new Uint8Array(readFileSync(join(folder, 'program.bin')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(folder: string, command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ended with ${status ?? error}: ${stderr}`);
}
