/** One run of a program: the host's time for it, and the most memory it had. CPU time counts all its threads. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Times {
  readonly cpu: number;
  readonly wall: number;
  /** Peak resident set, MiB. */
  readonly memory: number;
}

export interface Ran extends Times {
  readonly output: string;
}

/** Text to type when a text has been shown. */
export interface Answer {
  readonly shown: string;
  readonly typed: string;
}

const FORMAT = '%e %U %S %M';

/** What is missing for measuring, by the names of Debian's packages. */
export function missing(): string[] {
  const programs = { time: 'time', 'qemu-system-arm': 'qemu-system-arm' };
  return Object.entries(programs)
    .filter(([program]) => spawnSync(program, ['--version']).error !== undefined)
    .map(([, debian]) => debian);
}

/** Runs a command under GNU time to its end, which has to be with a status that is expected. */
export async function timed(
  command: readonly string[],
  scratch: string,
  answers: readonly Answer[] = [],
  expected = 0,
): Promise<Ran> {
  const file = join(scratch, 'times');
  const child = spawn('time', ['-q', '-f', FORMAT, '-o', file, ...command], { stdio: ['pipe', 'pipe', 'pipe'] });
  const left = [...answers];
  let output = '';
  const take = (data: Buffer) => {
    output += data.toString('latin1');
    const next = left[0];
    if (next === undefined || !output.includes(next.shown)) return;
    left.shift();
    child.stdin.write(next.typed, 'latin1');
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  child.stdin.on('error', () => {});
  if (answers.length === 0) child.stdin.end();
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (status !== expected) throw new Error(`${command.join(' ')} ended with status ${status}: ${output.slice(-500)}`);
  const [wall = 0, user = 0, system = 0, kilobytes = 0] = readFileSync(file, 'utf8').trim().split(' ').map(Number);
  return { wall, cpu: user + system, memory: kilobytes / 1024, output };
}

/** Of each figure by itself. */
export function medians(runs: readonly Times[]): Times {
  return {
    cpu: median(runs.map(({ cpu }) => cpu)),
    wall: median(runs.map(({ wall }) => wall)),
    memory: Math.max(...runs.map(({ memory }) => memory)),
  };
}

/** The middle one; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] as number) + (sorted[Math.floor(half)] as number)) / 2;
}

export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
