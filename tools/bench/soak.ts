/** A run that generates new code for as long as is wanted: how much of the host's memory it takes meanwhile. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RunReport } from '../../core/machine/report.ts';
import { partita } from './measure.ts';
import { withRounds } from './rounds.ts';

export interface Soak {
  readonly seconds: number;
  /** Resident set in MiB, at equal distances. */
  readonly resident: readonly number[];
  readonly peak: number;
  readonly instructions: number;
  readonly translated: RunReport['translated'];
}

const FOR_EVER = 0xffff_ffff;
/** Samples of a run. */
const SAMPLES = 60;

/** A field of a process's status, in MiB. Reference: proc(5). */
function memoryOf(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1] ?? Number.NaN) / 1024;
}

export async function soak(seconds: number, scratch: string): Promise<Soak> {
  const [image, file] = [join(scratch, 'fresh.elf'), join(scratch, 'soak.json')];
  writeFileSync(image, withRounds(readFileSync(resolve('guests/bench/fresh-a.elf')), FOR_EVER));
  const options = ['--engine', 'jit', '--quiet', '--code-cache', scratch, '--report', file];
  const [node = '', ...command] = partita('boot', '--board', 'virt', ...options, image);
  const child = spawn(node, command, { stdio: ['ignore', 'ignore', 'inherit'] });
  const gone = new Promise((resolve) => child.on('close', resolve));
  const { pid } = child;
  if (pid === undefined) throw new Error('partita cannot be started');
  const resident: number[] = [];
  let peak = 0;
  for (let i = 0; i < SAMPLES; i++) {
    await new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / SAMPLES));
    if (child.exitCode !== null) throw new Error(`the run ended with status ${child.exitCode} after ${i} of ${SAMPLES} parts`);
    resident.push(memoryOf(pid, 'VmRSS'));
    peak = memoryOf(pid, 'VmHWM');
  }
  child.kill('SIGINT');
  await gone;
  const { instructions, translated } = JSON.parse(readFileSync(file, 'utf8')) as RunReport;
  return { seconds, resident, peak, instructions, translated };
}

export function soakText({ seconds, resident, peak, instructions, translated }: Soak): string {
  const curve = resident.map((mebibytes) => mebibytes.toFixed(0)).join(' ');
  const { regions = 0, instructions: made = 0, dropped = 0, batches = 0 } = translated ?? {};
  return `new code for ${seconds} s: ${(instructions / 1e6).toFixed(0)} M instructions executed, ${made} translated in ${regions} regions
and ${batches} modules, ${dropped} regions dropped
resident, MiB, in equal steps: ${curve}
peak: ${peak.toFixed(0)} MiB
`;
}
