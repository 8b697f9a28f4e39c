/** Drives a machine from a terminal: consoles, typed input, expectations, limits, progress, ctrl-C. */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import pc from 'picocolors';
import type { Machine } from '../../core/machine/machine.ts';
import { makeReport, type PartitionReport, type RunReport } from '../../core/machine/report.ts';
import { QUANTUM } from '../../core/machine/run-loop.ts';
import type { GdbServer } from '../gdb/server.ts';
import { attach, findConsole, showAll } from './consoles.ts';
import type { ControlServer } from './control-server.ts';
import type { HostNetworks } from './host-networks.ts';
import type { KeptTranslations } from './kept-translations.ts';
import type { Launched } from './launched.ts';
import type { RunOptions } from './options.ts';
import { printTable } from './table.ts';
import { STATUS, UsageError } from './usage.ts';

/** Quanta between looks at the host (ctrl-C, the terminal, the progress line), fitted to take about SLICE_MS. The guests see none of it. */
const [FIRST_SLICE, MOST_SLICE, SLICE_MS] = [100, 1000, 50];
const PROGRESS_MS = 1000;

export interface Subject {
  readonly machine: Machine;
  /** The hypervisor's rows, for a system of partitions. */
  readonly partitions?: () => readonly PartitionReport[];
  /** Its ways out to the host. */
  readonly networks?: HostNetworks;
  /** Who may reach it while it runs. */
  readonly control?: ControlServer | undefined;
  readonly gdb?: GdbServer;
  readonly launched?: Launched | undefined;
  readonly kept?: KeptTranslations | undefined;
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
    subject.gdb?.close();
  };
  const missing = expectations(machine, options, hosted);
  for (const { console, bytes } of options.inputs) findConsole(machine.consoles, console, hosted).typePatiently(bytes);
  const finish = show(machine, options, hosted, interrupt);
  if (options.report !== undefined) writable(options.report);
  for (const signal of SIGNALS) process.on(signal, interrupt);
  const broken = onBrokenPipe(interrupt);
  const started = performance.now();
  const ended = await drive(subject, options, state, missing);
  await subject.gdb?.ended(ended.status);
  const hostSeconds = (performance.now() - started) / 1000;
  subject.kept?.keep(machine);
  for (const signal of SIGNALS) process.off(signal, interrupt);
  finish();
  const outside = subject.control === undefined ? {} : { outside: subject.control.outside };
  const measured = { engine: options.engine, hostSeconds, ended: ended.why, ...outside };
  const report = makeReport(machine, subject.partitions?.(), measured);
  if (!options.quiet && !broken()) printTable(report, missing);
  if (options.report !== undefined) writeReport(options.report, report);
  return hosted && ended.status === STATUS.ended && options.expects.length === 0 && !allEnded(report)
    ? STATUS.failed
    : ended.status;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** A system has ended well when each partition has switched itself off. */
const allEnded = (report: RunReport): boolean => report.partitions.every(({ state }) => state === 'off');

/** Whoever read the output is gone: the run ends, and nobody is told. */
function onBrokenPipe(interrupt: () => void): () => boolean {
  let broken = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', () => {
      broken = true;
      interrupt();
    });
  }
  return () => broken;
}

/** Better to know before the run that its report has no place to go. */
function writable(file: string): void {
  try {
    closeSync(openSync(file, 'a'));
  } catch (error) {
    throw new UsageError(`--report ${file}: cannot be written (${(error as Error).message})`);
  }
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
  { machine, networks, control, gdb, launched }: Subject,
  options: RunOptions,
  state: { readonly interrupted: boolean },
  missing: Set<string>,
): Promise<Ended> {
  const expecting = missing.size > 0;
  let slice = FIRST_SLICE;
  let next = performance.now() + PROGRESS_MS;
  for (;;) {
    await gdb?.ready();
    const started = performance.now();
    const aligned = (Math.floor(machine.clock.now() / QUANTUM) + slice) * QUANTUM;
    const stop = machine.run(Math.min(options.until, aligned), options.instructions);
    launched?.keepCode();
    if (stop === 'ended') return conclude(machine, state.interrupted || gdb?.killed === true, expecting, missing);
    if (stop === 'paused') gdb?.paused();
    if (stop === 'idle' && gdb?.idle() !== true && !(await moreInput(options, networks, control)))
      return forever(options, expecting);
    if (stop === 'limit' && reached(machine, options)) return { why: 'limit reached', status: STATUS.limit };
    await new Promise((resolve) => setImmediate(resolve));
    await networks?.keepPace(machine.clock.now());
    const now = performance.now();
    slice = Math.max(1, Math.min(MOST_SLICE, Math.floor(slice * (now - started > SLICE_MS ? 0.5 : 2))));
    if (now < next) continue;
    next = now + PROGRESS_MS;
    progress(machine, options);
  }
}

const reached = ({ clock, loop }: Machine, { until, instructions }: RunOptions): boolean =>
  clock.now() >= until || loop.instructions.reduce((sum, count) => sum + count, 0) >= instructions;

/** Nothing can happen any more: with a limit that is when it comes, without one an error of the guest. */
function forever({ until, instructions }: RunOptions, expecting: boolean): Ended {
  const limited = Number.isFinite(until) || Number.isFinite(instructions) || expecting;
  return { why: 'waits for an interrupt that nothing can raise', status: limited ? STATUS.limit : STATUS.failed };
}

function conclude(machine: Machine, interrupted: boolean, expecting: boolean, missing: Set<string>): Ended {
  const ending = machine.ending;
  if (interrupted) return { why: 'interrupted', status: STATUS.limit };
  if (expecting && missing.size === 0) return { why: 'the expected text was shown', status: STATUS.ended };
  if (expecting) return { why: 'ended without the expected text', status: STATUS.failed };
  if (ending?.kind === 'exit') return { why: `exit ${ending.code}`, status: ending.code === 0 ? STATUS.ended : STATUS.failed };
  return { why: ending?.kind ?? 'off', status: STATUS.ended };
}

/** With a terminal attached, someone may still type, and the host's network may answer; waits a little in the host's time. */
async function moreInput(options: RunOptions, networks?: HostNetworks, control?: ControlServer): Promise<boolean> {
  if (networks?.active === true) {
    await networks.idle();
    return true;
  }
  const limited = Number.isFinite(options.until) || Number.isFinite(options.instructions);
  if (control !== undefined && !limited) {
    await control.idle(100);
    return true;
  }
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
