/** Measures an image in Partita and in QEMU by turns. Both must print the same checksum. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RunReport } from '../../core/machine/report.ts';
import { type Group, type Image, TRIPS } from './images.ts';
import { partitionSystem } from './partition.ts';
import { checksumLine, withRounds } from './rounds.ts';
import { medians, type Ran, type Times, timed } from './timed.ts';

export type Engine = 'interpreter' | 'jit';

export interface Setting {
  readonly runs: number;
  readonly engine: Engine;
  readonly scratch: string;
}

export interface Side extends Times {
  /** Millions of instructions a second of CPU time; of exits, thousands of round trips. */
  readonly rate: number;
}

export interface Result {
  readonly name: string;
  readonly group: Group;
  readonly what: string;
  readonly instructions: number;
  readonly stateHash: string;
  /** What the translator made, as the run's report has it. */
  readonly translated?: RunReport['translated'];
  readonly partita: Side;
  readonly qemu: Side;
  /** Above 1: Partita is faster. */
  readonly ratio: number;
  readonly raw: { readonly partita: readonly Times[]; readonly qemu: readonly Times[] };
}

type Report = Pick<RunReport, 'instructions' | 'stateHash' | 'translated'>;

/** Runs of Partita before later runs are measured: by then it has kept what it translates, if it does. */
export const EARLIER = 3;

/** For `--code-cache`, where later runs are measured. */
export const keptIn = ({ engine, scratch }: Setting): string => (engine === 'jit' ? scratch : 'off');

export const partita = (...args: readonly string[]): string[] => [process.execPath, 'dist/partita.js', ...args];

export async function measure(image: Image, setting: Setting): Promise<Result> {
  const long = await byTurns(image, image.rounds, setting);
  const [ours, theirs] = [medians(long.partita), medians(long.qemu)];
  const { instructions, stateHash, translated } = long.report;
  const made = translated === undefined ? {} : { translated };
  const common = { name: image.name, group: image.group, what: image.what, instructions, stateHash, ...made };
  const raw = { partita: long.partita.map(times), qemu: long.qemu.map(times) };
  if (image.group !== 'exits') {
    const rate = ({ cpu }: Times) => instructions / cpu / 1e6;
    const sides = { partita: { ...ours, rate: rate(ours) }, qemu: { ...theirs, rate: rate(theirs) } };
    return { ...common, ...sides, ratio: theirs.cpu / ours.cpu, raw };
  }
  // Round trips a second: what a short run takes, start and translation, is no part of it.
  const short = await byTurns(image, image.few, setting);
  const trips = (image.rounds - image.few) * TRIPS;
  const rate = (all: Times, start: readonly Times[]) => trips / Math.max(all.cpu - medians(start).cpu, 0.001) / 1e3;
  const sides = {
    partita: { ...ours, rate: rate(ours, short.partita) },
    qemu: { ...theirs, rate: rate(theirs, short.qemu) },
  };
  return { ...common, ...sides, ratio: sides.partita.rate / sides.qemu.rate, raw };
}

const times = ({ cpu, wall, memory }: Times): Times => ({ cpu, wall, memory });

async function byTurns(image: Image, rounds: number, setting: Setting) {
  const { runs, scratch } = setting;
  const ours = ourCommand(image, rounds, setting);
  const theirs = theirCommand(image, rounds, scratch);
  const runsOf = { partita: [] as Ran[], qemu: [] as Ran[] };
  for (let i = 0; image.again === true && i < EARLIER; i++) await timed(ours.command, scratch);
  for (let i = 0; i < runs; i++) {
    const [a, b] = [await timed(ours.command, scratch), await timed(theirs, scratch)];
    const [line, expected] = [checksumLine(a.output), checksumLine(b.output)];
    if (line === undefined || line !== expected) throw new Error(`${image.name}: Partita prints ${line}, QEMU ${expected}`);
    runsOf.partita.push(a);
    runsOf.qemu.push(b);
  }
  return { ...runsOf, report: JSON.parse(readFileSync(ours.report, 'utf8')) as Report };
}

/** Writes the image with its rounds and returns the file's name. */
function prepare(file: string, rounds: number, scratch: string): string {
  const path = join(scratch, `${rounds}-${file}`);
  writeFileSync(path, withRounds(readFileSync(resolve('guests/bench', file)), rounds));
  return path;
}

function ourCommand(image: Image, rounds: number, setting: Setting) {
  const { engine, scratch } = setting;
  const report = join(scratch, 'report.json');
  const cache = image.again === true ? keptIn(setting) : 'off';
  const more = ['--engine', engine, '--report', report, '--code-cache', cache];
  if (image.partition === undefined) {
    const elf = prepare(image.file, rounds, scratch);
    return { report, command: partita('boot', '--board', 'virt', '--el', image.el, ...more, elf) };
  }
  const system = join(scratch, 'system.dts');
  writeFileSync(system, partitionSystem(prepare(image.partition, rounds, scratch)));
  return { report, command: partita('run', ...more, system) };
}

function theirCommand({ file, el }: Image, rounds: number, scratch: string): string[] {
  const machine = el === 'hyp' ? 'virt,virtualization=on' : 'virt';
  const kernel = prepare(file, rounds, scratch);
  return ['qemu-system-arm', '-M', machine, '-cpu', 'cortex-a15', '-nographic', '-no-reboot', '-kernel', kernel];
}
