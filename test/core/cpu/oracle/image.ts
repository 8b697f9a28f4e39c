/** Builds the oracle's image, runs cases through it in QEMU and in our interpreter, and hands back the records of both. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressMap } from '../../../../core/bus/address-map.ts';
import * as S from '../../../../core/cpu/scalars.ts';
import { WAIT } from '../../../../core/cpu/state.ts';
import { makeRig } from '../rig.ts';

const INPUT = 0x40400000;
const OUTPUT = 0x41000000;
const TEXT = 0x40100000;
const WORDS = 16;
const MEMORY = 0x2000000;

/** Where the instruction of every case stands. */
export const TARGET = TEXT + 0x400;

/** What is in force while the instruction runs. */
export interface Case {
  readonly name: string;
  readonly instruction: number;
  /** CPSR to enter with. */
  readonly cpsr: number;
  readonly HCR?: number;
  readonly HSTR?: number;
  readonly HDCR?: number;
  readonly HCPTR?: number;
  readonly CNTHCTL?: number;
  readonly CNTKCTL?: number;
  readonly CPACR?: number;
  readonly PMUSERENR?: number;
  readonly r0?: number;
  readonly r1?: number;
  /** LR and SPSR of Supervisor, Undefined and Abort mode; LR of User mode. */
  readonly LR?: number;
  readonly SPSR?: number;
  /** CPSR with which the word after the instruction will be executed; default: as before it. */
  readonly after?: number;
}

/** Where the case ended: the vector of Hyp mode, with the registers then. */
export interface Outcome {
  readonly vector: number;
  readonly HSR: number;
  readonly ELR: number;
  readonly SPSR: number;
  readonly r0: number;
  readonly r1: number;
  /** LR and SPSR of Supervisor, Undefined and Abort mode. */
  readonly banked: readonly number[];
}

const USR = 0x10;
const THUMB = 0x20;

/** What follows the instruction: a call to Hyp mode, from User mode by way of Supervisor mode. */
const terminator = (cpsr: number): number => {
  if ((cpsr & THUMB) !== 0) return (cpsr & 31) === USR ? 0xdf00df00 : 0x8000f7e0;
  return (cpsr & 31) === USR ? 0xef000000 : 0xe1400070;
};
/** A wide Thumb instruction has its first halfword first. */
const inMemory = ({ instruction, cpsr }: Case): number =>
  (cpsr & THUMB) === 0 ? instruction : (instruction << 16) | (instruction >>> 16);

function encode(cases: readonly Case[]): Buffer {
  const words = new Uint32Array((cases.length + 1) * WORDS);
  cases.forEach((c, i) => {
    const control = [c.HCR ?? 0, c.HSTR ?? 0, c.HDCR ?? 6, c.HCPTR ?? 0, c.CNTHCTL ?? 3, c.CNTKCTL ?? 0, c.CPACR ?? 0xf00000];
    words.set(
      [
        ...control,
        c.PMUSERENR ?? 0,
        c.cpsr,
        inMemory(c),
        terminator(c.after ?? c.cpsr),
        c.r0 ?? 0,
        c.r1 ?? 0,
        c.LR ?? 0,
        c.SPSR ?? 0,
      ].map(unsigned),
      i * WORDS,
    );
  });
  return Buffer.from(words.buffer);
}
const unsigned = (x: number): number => x >>> 0;

function decode(words: Uint32Array): Outcome[] {
  return Array.from({ length: Math.floor(words.length / WORDS) }, (_, i) => {
    const [vector, HSR, ELR, SPSR, r0, r1, ...rest] = words.subarray(i * WORDS, i * WORDS + 12) as unknown as number[];
    return { vector: vector!, HSR: HSR!, ELR: ELR!, SPSR: SPSR!, r0: r0!, r1: r1!, banked: Array.from(rest) };
  });
}

export interface Runs {
  readonly qemu: readonly Outcome[];
  readonly ours: readonly Outcome[];
}

export function runCases(cases: readonly Case[]): Runs {
  const folder = mkdtempSync(join(tmpdir(), 'partita-system-'));
  try {
    const input = encode(cases);
    writeFileSync(join(folder, 'cases.bin'), input);
    const source = new URL('image.S', import.meta.url).pathname;
    run(folder, 'arm-none-eabi-gcc', [
      '-march=armv7ve',
      '-nostdlib',
      `-Wl,-Ttext=0x${TEXT.toString(16)}`,
      '-o',
      'image.elf',
      source,
    ]);
    run(folder, 'arm-none-eabi-objcopy', ['-O', 'binary', 'image.elf', 'image.bin']);
    return { qemu: inQemu(folder), ours: inRig(readFileSync(join(folder, 'image.bin')), input, cases.length) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function inQemu(folder: string): Outcome[] {
  const machine = ['-M', 'virt,virtualization=on', '-cpu', 'cortex-a15', '-m', '256'];
  const quiet = ['-display', 'none', '-serial', 'null', '-monitor', 'none', '-semihosting-config', 'enable=on,target=native'];
  const load = ['-kernel', 'image.elf', '-device', `loader,file=cases.bin,addr=${INPUT},force-raw=on`];
  run(folder, 'qemu-system-arm', [...machine, ...quiet, ...load]);
  const bytes = readFileSync(join(folder, 'result.bin'));
  return decode(new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)));
}

function inRig(image: Uint8Array, input: Uint8Array, count: number): Outcome[] {
  const rig = makeRig({ security: false, mode: 'hyp', periphbase: 0x08000000, memory: MEMORY });
  const { cpu, map } = rig;
  map.load(TEXT, image);
  map.load(INPUT, input);
  const EXIT = 0x18;
  cpu.ports.semihosting = {
    call: () => {
      if (cpu.words[0] === EXIT) cpu.s[S.WAIT] = WAIT.off;
    },
  };
  cpu.s[S.NEXT] = TEXT;
  cpu.s[S.REMAINING] = 1000 * (count + 1);
  rig.run();
  if (cpu.s[S.WAIT] !== WAIT.off) throw new Error(`our run did not end: it is in case ${lastCase(map, count)}`);
  const bytes = map.dump(OUTPUT, count * WORDS * 4) as Uint8Array;
  return decode(new Uint32Array(bytes.buffer));
}

/** The first case without a record: every record has an ELR. */
function lastCase(map: AddressMap, count: number): number {
  const records = decode(new Uint32Array((map.dump(OUTPUT, count * WORDS * 4) as Uint8Array).buffer));
  return records.findIndex(({ ELR }) => ELR === 0);
}

function run(folder: string, command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', timeout: 20_000 });
  if (status !== 0 || error !== undefined) throw new Error(`${command} ended with ${status ?? error}: ${stderr}`);
}
