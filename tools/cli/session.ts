/** Drives a machine from a terminal: consoles, typed input, expectations, limits, progress, ctrl-C. */
import { writeFileSync } from 'node:fs';
import pc from 'picocolors';
import type { Machine } from '../../core/machine/machine.ts';
import { makeReport, type PartitionReport, type RunReport } from '../../core/machine/report.ts';
import { attach, findConsole, showAll } from './consoles.ts';
import type { RunOptions } from './options.ts';
import { printTable } from './table.ts';
import { STATUS, UsageError } from './usage.ts';

/** Virtual time between looks at the host: ctrl-C, the terminal, the progress line. It does not change what the guests see. */
const SLICE = 2_000_000;
const PROGRESS_MS = 1000;

export interface Subject {
  readonly machine: Machine;
  /** The hypervisor's rows, for a system of partitions. */
  readonly partitions?: () => readonly PartitionReport[];
}

interface Ended {
  readonly why: string;
  readonly status: number;
}

/** Runs to the end and prints what there is to say. Returns the exit status. */
export async function runSession(subject: Subject, options: RunOptions): Promise<number> {
  const { machine } = subject;
  const hosted = subject.partitions !== undefined;
  const state = { interrupted: false };
  const interrupt = () => {
    state.interrupted = true;
    machine.end({ kind: 'stopped' });
  };
  const missing = expectations(machine, options, hosted);
  for (const { console, bytes } of options.inputs) findConsole(machine.consoles, console, hosted).typePatiently(bytes);
  const finish = show(machine, options, hosted, interrupt);
  process.on('SIGINT', interrupt);
  const started = performance.now();
  const ended = await drive(machine, options, state, missing);
  const hostSeconds = (performance.now() - started) / 1000;
  process.off('SIGINT', interrupt);
  finish();
  const report = makeReport(machine, subject.partitions?.(), { engine: 'interpreter', hostSeconds, ended: ended.why });
  if (options.report !== undefined) writeReport(options.report, report);
  if (!options.quiet) printTable(report, missing);
  return ended.status === STATUS.ended && report.partitions.some(({ state: partition }) => partition === 'stopped')
    ? STATUS.failed
    : ended.status;
}

function show(machine: Machine, options: RunOptions, hosted: boolean, leave: () => void): () => void {
  if (options.console !== undefined) return attach(findConsole(machine.consoles, options.console, hosted), leave);
  return options.quiet ? () => {} : showAll(machine.consoles.values(), (text) => process.stdout.write(text));
}

/** Watches consoles for the expected texts; ends the run when all were shown. Returns the set of those still missing. */
function expectations(machine: Machine, options: RunOptions, hosted: boolean): Set<string> {
  const missing = new Set<string>();
  for (const { console: name, text, bytes: wanted } of options.expects) {
    if (text === '') throw new UsageError(`--expect ${name}='': give the text to wait for`);
    const key = `${name}: ${text}`;
    let recent: number[] = [];
    missing.add(key);
    findConsole(machine.consoles, name, hosted).onOutput((byte) => {
      recent = [...recent.slice(-wanted.length + 1), byte].slice(-wanted.length);
      if (!missing.has(key) || recent.length < wanted.length || !recent.every((one, i) => one === wanted[i])) return;
      missing.delete(key);
      if (missing.size === 0) machine.end({ kind: 'stopped' });
    });
  }
  return missing;
}

async function drive(
  machine: Machine,
  options: RunOptions,
  state: { readonly interrupted: boolean },
  missing: Set<string>,
): Promise<Ended> {
  const expecting = missing.size > 0;
  let next = performance.now() + PROGRESS_MS;
  for (;;) {
    const now = machine.clock.now();
    const left = options.instructions - machine.loop.instructions.reduce((sum, count) => sum + count, 0);
    if (now >= options.until || left <= 0) return { why: 'limit reached', status: STATUS.limit };
    const aligned = (Math.floor(now / SLICE) + 1) * SLICE;
    const stop = machine.run(
      Math.min(options.until, aligned, left < SLICE ? now + Math.max(1, Math.ceil(left / machine.cpus.length)) : aligned),
    );
    if (stop === 'ended') return conclude(machine, state.interrupted, expecting, missing);
    if (stop === 'idle' && !(await moreInput(options)))
      return { why: 'waits for an interrupt that nothing can raise', status: expecting ? STATUS.limit : STATUS.failed };
    await new Promise((resolve) => setImmediate(resolve));
    if (performance.now() >= next) {
      next = performance.now() + PROGRESS_MS;
      progress(machine, options);
    }
  }
}

function conclude(machine: Machine, interrupted: boolean, expecting: boolean, missing: Set<string>): Ended {
  const ending = machine.ending;
  if (interrupted) return { why: 'interrupted', status: STATUS.limit };
  if (expecting && missing.size === 0) return { why: 'the expected text was shown', status: STATUS.ended };
  if (expecting) return { why: 'ended without the expected text', status: STATUS.failed };
  if (ending?.kind === 'exit') return { why: `exit ${ending.code}`, status: ending.code === 0 ? STATUS.ended : STATUS.failed };
  return { why: ending?.kind ?? 'off', status: STATUS.ended };
}

/** With a terminal attached, someone may still type; waits a little in the host's time. */
async function moreInput(options: RunOptions): Promise<boolean> {
  if (options.console === undefined || process.stdin.readableEnded) return false;
  await new Promise((resolve) => setTimeout(resolve, 10));
  return true;
}

function progress(machine: Machine, options: RunOptions): void {
  if (options.quiet || options.console !== undefined || !process.stderr.isTTY) return;
  const instructions = machine.loop.instructions.reduce((sum, count) => sum + count, 0);
  process.stderr.write(
    pc.dim(`  ${(machine.clock.now() / 1e9).toFixed(3)} s virtual, ${(instructions / 1e6).toFixed(0)} M instructions\r`),
  );
}

function writeReport(file: string, report: RunReport): void {
  try {
    writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
  } catch (error) {
    throw new UsageError(`--report ${file}: cannot be written (${(error as Error).message})`);
  }
}
