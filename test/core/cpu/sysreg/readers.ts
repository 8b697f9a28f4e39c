/** Executes single instructions in any mode of either security state, in QEMU and in our interpreter, and tells how each ended. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CpuModel } from '../../../../core/cpu/models.ts';
import * as S from '../../../../core/cpu/scalars.ts';
import { WAIT } from '../../../../core/cpu/state.ts';
import { makeRig } from '../rig.ts';

const TEXT = 0x40100000;
const INPUT = 0x40400000;
const OUTPUT = 0x42000000;
const MEMORY = 0x4000000;
const WORDS = 4;
const [SMC, SVC] = [0xe1600070, 0xef000000];
const USER = 0x10;

export interface Reading {
  readonly cpsr: number;
  readonly SCR: number;
  readonly instruction: number;
}

/** The modes that a register can be read in: name, CPSR and SCR (NS, HCE). */
export const PLACES = [
  ['Secure Supervisor', 0x1d3, 0x000],
  ['Secure User', 0x1d0, 0x000],
  ['Monitor, SCR.NS = 0', 0x1d6, 0x000],
  ['Monitor, SCR.NS = 1', 0x1d6, 0x101],
  ['Hyp', 0x1da, 0x101],
  ['Non-secure Supervisor', 0x1d3, 0x101],
  ['Non-secure User', 0x1d0, 0x101],
] as const;

/** `UNDEFINED`, the vector otherwise, or the values of R0 and R1. */
function words(record: Uint32Array): string {
  const [vector = 0, r0 = 0, r1 = 0] = record;
  if ((vector & 0xff) === 1) return 'UNDEFINED';
  // From User mode the case ends with SVC.
  return vector === 0 || vector === 0x102 ? `${r0.toString(16)} ${r1.toString(16)}` : `vector ${vector.toString(16)}`;
}

const outcomes = (bytes: Uint8Array): string[] => {
  const all = new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return Array.from({ length: all.length / WORDS }, (_, i) => words(all.subarray(i * WORDS, (i + 1) * WORDS)));
};

function encode(readings: readonly Reading[]): Buffer {
  const input = new Uint32Array((readings.length + 1) * WORDS);
  readings.forEach(({ cpsr, SCR, instruction }, i) => {
    input.set([cpsr, SCR, instruction, (cpsr & 31) === USER ? SVC : SMC], i * WORDS);
  });
  return Buffer.from(input.buffer);
}

function run(folder: string, command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  if (status !== 0 || error !== undefined) throw new Error(`${command} ended with ${status ?? error}: ${stderr}`);
}

/** How each reading ended, in QEMU and in ours. */
export function runReadings(
  name: CpuModel['name'],
  readings: readonly Reading[],
): { readonly qemu: string[]; readonly ours: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'partita-readers-'));
  try {
    const input = encode(readings);
    writeFileSync(join(folder, 'cases.bin'), input);
    const source = new URL('readers.S', import.meta.url).pathname;
    const link = ['-march=armv7ve', '-nostdlib', `-Wl,-Ttext=0x${TEXT.toString(16)}`];
    run(folder, 'arm-none-eabi-gcc', [...link, '-o', 'image.elf', source]);
    run(folder, 'arm-none-eabi-objcopy', ['-O', 'binary', 'image.elf', 'image.bin']);
    const machine = ['-M', 'virt,secure=on,virtualization=on', '-cpu', name, '-m', '256'];
    const quiet = ['-display', 'none', '-serial', 'null', '-monitor', 'none', '-semihosting-config', 'enable=on,target=native'];
    const load = ['-kernel', 'image.elf', '-device', `loader,file=cases.bin,addr=${INPUT},force-raw=on`];
    run(folder, 'qemu-system-arm', [...machine, ...quiet, ...load]);
    const qemu = outcomes(readFileSync(join(folder, 'result.bin')));
    return { qemu, ours: inRig(name, readFileSync(join(folder, 'image.bin')), input, readings.length) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function inRig(name: CpuModel['name'], image: Uint8Array, input: Uint8Array, count: number): string[] {
  const { cpu, map, run: go } = makeRig({ name, periphbase: 0x08000000, memory: MEMORY });
  map.load(TEXT, image);
  map.load(INPUT, input);
  const EXIT = 0x18;
  cpu.ports.semihosting = {
    call: () => {
      if (cpu.words[0] === EXIT) cpu.s[S.WAIT] = WAIT.off;
    },
  };
  cpu.s[S.NEXT] = TEXT;
  cpu.s[S.REMAINING] = 1000 + 100 * count;
  go();
  if (cpu.s[S.WAIT] !== WAIT.off) throw new Error('our run did not end');
  return outcomes(map.dump(OUTPUT, count * WORDS * 4) as Uint8Array);
}
