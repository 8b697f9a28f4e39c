/** Runs the image in QEMU. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RESULT_FILE } from './image.ts';

/** The words that the harness wrote. `board`: QEMU's, with its options; `start`: how it starts there. */
export function runInQemu(
  folder: string,
  image: string,
  board = 'virt',
  start: readonly string[] = ['-kernel', image],
): Uint32Array {
  const machine = ['-M', board, '-cpu', 'cortex-a15', '-m', '128'];
  const host = ['-display', 'none', '-serial', 'null', '-monitor', 'none', '-audiodev', 'none,id=silent'];
  const semihosting = ['-semihosting-config', 'enable=on,target=native', ...start];
  const options = { cwd: folder, encoding: 'utf8', timeout: 300_000 } as const;
  const { status, stderr, error } = spawnSync('qemu-system-arm', [...machine, ...host, ...semihosting], options);
  if (status !== 0) throw new Error(`qemu-system-arm ended with ${status ?? error}: ${stderr}`);
  const bytes = readFileSync(join(folder, RESULT_FILE));
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
}

/** Whether this is the QEMU whose differences the comparisons name; others may have fewer. */
export const isKnownQemu = (): boolean => /version 7\.2\./.test(spawnSync('qemu-system-arm', ['--version']).stdout.toString());
