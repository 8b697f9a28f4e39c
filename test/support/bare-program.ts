/** Assembly programs for the bare "virt" machine, run in QEMU and in our machine: what they print by semihosting, line by line. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyOptions } from '../../core/machine/board.ts';
import { bootMachine } from '../../core/machine/boot.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { attachSemihosting } from '../../core/machine/semihosting.ts';
import { readBoard } from '../core/machine/rig.ts';

export interface Setting {
  readonly cpu: 'cortex-a15' | 'cortex-a7';
  readonly el: 'svc' | 'hyp';
}

const MEBIBYTE = 0x100000;
const MILLISECOND = 1_000_000;

/** Assembles, links where QEMU leaves room, and hands the ELF file to `use`. */
export function withProgram<T>(source: URL, use: (elf: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'bare-program-'));
  try {
    const elf = join(folder, 'program.elf');
    run('arm-none-eabi-gcc', ['-march=armv7ve', '-nostdlib', '-Wl,-Ttext=0x40100000', '-o', elf, source.pathname]);
    return use(elf);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** With an instruction a nanosecond, as in ours. */
export function inQemu(elf: string, { cpu, el }: Setting): string[] {
  const machine = ['-M', el === 'hyp' ? 'virt,virtualization=on' : 'virt', '-cpu', cpu, '-icount', 'shift=0'];
  const quiet = ['-display', 'none', '-serial', 'null', '-monitor', 'none'];
  const semihosting = [
    '-chardev',
    'stdio,id=console,signal=off',
    '-semihosting-config',
    'enable=on,target=native,chardev=console',
  ];
  return lines(run('qemu-system-arm', [...machine, ...quiet, ...semihosting, '-kernel', elf]));
}

export function start(elf: string, { cpu, el }: Setting): Machine {
  const tree = readBoard('virt');
  applyOptions(tree, { virtualization: el === 'hyp', memory: 64 * MEBIBYTE, cpu });
  const machine = bootMachine(tree, { image: readFileSync(elf), firmware: false, el });
  attachSemihosting(machine, {});
  return machine;
}

export function inOurs(elf: string, setting: Setting): string[] {
  const machine = start(elf, setting);
  machine.run(10 * MILLISECOND);
  if (machine.ending?.kind !== 'exit') throw new Error('the program did not end');
  return printed(machine);
}

export const printed = (machine: Machine): string[] => lines(machine.consoles.get('semihosting')?.text() ?? '');

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: 20_000, input: '' });
  if (status !== 0) throw new Error(`${command} ended with ${status ?? error}: ${stderr}`);
  return stdout;
}
