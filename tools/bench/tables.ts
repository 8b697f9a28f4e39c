/** The figures as text for a terminal and as Markdown for docs/performance.md. */
import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import type { Boot } from './boots.ts';
import type { Group } from './images.ts';
import type { Engine, Result } from './measure.ts';
import { geometricMean } from './timed.ts';
import type { Cost } from './translation.ts';

export interface Figures {
  readonly machine: string;
  readonly engine: Engine;
  readonly runs: number;
  readonly results: readonly Result[];
  readonly boots: readonly Boot[];
  readonly costs: readonly Cost[];
  /** Geometric means of the ratios. */
  readonly means: Readonly<Record<string, number>>;
}

const MEANS: Readonly<Record<string, readonly Group[]>> = {
  'compute images': ['compute'],
  VFP: ['vfp'],
  NEON: ['neon'],
  'all that compute': ['compute', 'vfp', 'neon'],
};

export function means(results: readonly Result[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [name, groups] of Object.entries(MEANS)) {
    const ratios = results.filter(({ group }) => groups.includes(group)).map(({ ratio }) => ratio);
    if (ratios.length > 0) found[name] = geometricMean(ratios);
  }
  return found;
}

export function describeMachine(): string {
  const [processor] = cpus();
  const [qemu = 'QEMU'] = spawnSync('qemu-system-arm', ['--version'], { encoding: 'utf8' }).stdout.split('\n');
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${processor?.model ?? 'unknown processor'}, ${memory} GiB; Node ${process.versions.node}; ${qemu}`;
}

const unit = ({ group }: Result): string => (group === 'exits' ? 'k exits/s' : 'M/s');

const HEADER = ['image', 'M instr.', 'CPU s', 'QEMU', 'wall s', 'QEMU', 'rate', 'QEMU', 'ratio', 'MiB', 'QEMU'];

const cells = (result: Result): string[] => {
  const { name, instructions, partita, qemu, ratio } = result;
  const pairs = (digits: number, of: 'cpu' | 'wall') => [partita[of].toFixed(digits), qemu[of].toFixed(digits)];
  const rates = [`${partita.rate.toFixed(0)} ${unit(result)}`, qemu.rate.toFixed(0)];
  const memory = [partita.memory.toFixed(0), qemu.memory.toFixed(0)];
  return [name, (instructions / 1e6).toFixed(0), ...pairs(2, 'cpu'), ...pairs(2, 'wall'), ...rates, ratio.toFixed(2), ...memory];
};

const bootCells = ({ name, times }: Boot): string[][] =>
  Object.entries(times).map(([who, { cpu, wall, memory }]) => [name, who, cpu.toFixed(2), wall.toFixed(2), memory.toFixed(0)]);

const BOOT_HEADER = ['start', 'by', 'CPU s', 'wall s', 'MiB'];

/** The guests' RAM, and what a run may take of the host's memory, in MiB. */
const RAM = 128;
export const MOST = 2 * RAM + 400;

/** What belongs to no row of a table. */
function remarks({ results, costs, means: found }: Figures): string[] {
  const averages = Object.entries(found).map(([name, mean]) => `geometric mean of the ratios, ${name}: ${mean.toFixed(2)}`);
  const largest = [...results].sort((a, b) => b.partita.memory - a.partita.memory)[0];
  const memory =
    largest === undefined
      ? []
      : [
          `most memory: ${largest.partita.memory.toFixed(0)} MiB (${largest.name}), of ${MOST} that twice the RAM and 400 MiB make`,
        ];
  return [...averages, ...memory, ...costs.map(costLine)];
}

function costLine({ name, instructions, regions, modules, bytes, translating, compiling }: Cost): string {
  const [whole, parts] = [translating + compiling, `${translating.toFixed(2)} to translate, ${compiling.toFixed(2)} to compile`];
  const made = `${instructions} in ${regions} regions, ${modules} modules, ${(bytes / instructions).toFixed(0)} bytes each`;
  return `translation of ${name}: ${whole.toFixed(2)} µs of CPU time an instruction (${parts}; ${made})`;
}

export function asText(figures: Figures): string {
  const { results, boots } = figures;
  const rows = [...(results.length > 0 ? [HEADER, ...results.map(cells)] : [])];
  const starts = boots.flatMap(bootCells);
  const lines = remarks(figures).map((line) => `${line}\n`);
  return [aligned(rows), lines.join(''), aligned(starts.length > 0 ? [BOOT_HEADER, ...starts] : [])].filter(Boolean).join('\n');
}

/** The first column to the left, figures to the right. */
function aligned(rows: readonly (readonly string[])[]): string {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows
    .map((row) => `${row.map((cell, i) => (i === 0 ? cell.padEnd(width(i)) : cell.padStart(width(i)))).join('  ')}\n`)
    .join('');
}

export function asMarkdown(figures: Figures): string {
  const { machine, engine, runs, results, boots } = figures;
  return [
    `Machine: ${machine}. Engine: ${engine}. Medians of ${runs} runs. CPU time is that of all threads, so with those that compile.`,
    table(HEADER, results.map(cells)),
    remarks(figures)
      .map((line) => `- ${line[0]?.toUpperCase()}${line.slice(1)}`)
      .join('\n'),
    table(BOOT_HEADER, boots.flatMap(bootCells)),
  ].join('\n\n');
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`;
  const rule = header.map((_, i) => (i === 0 ? '---' : '---:'));
  return [header, rule, ...rows].map(line).join('\n');
}

const [BEGIN, END] = ['<!-- bench: begin -->', '<!-- bench: end -->'];

/** Puts the figures where the document has a place for them. */
export function intoDocument(text: string, figures: Figures): string {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the document has no lines ${BEGIN} and ${END}`);
  return `${text.slice(0, from + BEGIN.length)}\n${asMarkdown(figures)}\n${text.slice(to)}`;
}
