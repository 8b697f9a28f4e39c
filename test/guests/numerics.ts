/** `guests/numerics`, built in one of six ways: how it ends in Partita, and how the same file ends in `qemu-arm`. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RunReport } from '../../core/machine/report.ts';
import type { Program } from '../tools/cli/program.ts';

const FOLDER = resolve('guests/numerics');
/** Its heap is its own, so that it does not matter where an emulator puts the stack; newlib's script links to 0x8000, where virt has flash. */
const LINK = ['-Wl,-Ttext-segment=0x40100000', '-Wl,-e,enter,--wrap=_sbrk'];
const CPU = ['-mcpu=cortex-a15', '-mfpu=neon-vfpv4', '-mfloat-abi=hard', '-mfp16-format=ieee'];
export const SECTIONS = 25;

export interface Ended {
  /** The guest's own status. */
  readonly status: number;
  readonly output: string;
}

export function sources(): string[] {
  const names = readdirSync(FOLDER).filter((name) => /\.[cS]$/.test(name));
  return names.sort().map((name) => join(FOLDER, name));
}

/** Lines of C that are neither empty nor comment. */
export function linesOfC(): number {
  const texts = sources()
    .filter((name) => name.endsWith('.c'))
    .map((name) => readFileSync(name, 'utf8'));
  const lines = texts.flatMap((text) => text.replace(/\/\*[\s\S]*?\*\//g, '').split('\n'));
  return lines.filter((line) => line.trim() !== '').length;
}

/** Compiles into the program's folder and returns the file's name; a warning is an error. */
export function compileNumerics(program: Program, ...options: readonly string[]): string {
  const name = `numerics${options.join('')}.elf`;
  const flags = ['--specs=rdimon.specs', '-std=gnu11', '-Wall', '-Wextra', '-Werror', ...CPU, ...options, ...LINK];
  const gcc = spawnSync('arm-none-eabi-gcc', [...flags, '-o', join(program.folder, name), ...sources(), '-lm'], {
    encoding: 'utf8',
  });
  if (gcc.status !== 0) throw new Error(gcc.stderr);
  return name;
}

export function inQemuArm(program: Program, image: string, ...sections: readonly string[]): Ended {
  const ran = spawnSync('qemu-arm', ['-cpu', 'cortex-a15', join(program.folder, image), ...sections], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  return { status: ran.status ?? -1, output: ran.stdout + ran.stderr };
}

export function inPartita(program: Program, image: string, ...sections: readonly string[]): Ended {
  const semihosting = [
    '--semihosting',
    '--console',
    'semihosting',
    '--report',
    'numerics.json',
    '--for',
    '2s',
    '--append',
    sections.join(' '),
  ];
  const { stdout } = program.run('boot', '--memory', '128M', image, ...semihosting);
  const { ended } = JSON.parse(readFileSync(join(program.folder, 'numerics.json'), 'utf8')) as RunReport;
  return { status: ended.startsWith('exit ') ? Number(ended.slice(5)) : -1, output: stdout };
}
