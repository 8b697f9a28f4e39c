/** The figures as text for a terminal and as Markdown for docs/performance.md. */
import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import type { Boot } from './boots.ts';
import type { Group } from './images.ts';
import type { Engine, Result } from './measure.ts';
import { geometricMean } from './timed.ts';

export interface Figures {
  readonly machine: string;
  readonly engine: Engine;
  readonly runs: number;
  readonly results: readonly Result[];
  readonly boots: readonly Boot[];
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

export function asText({ results, boots, means: found }: Figures): string {
  const rows = [...(results.length > 0 ? [HEADER, ...results.map(cells)] : [])];
  const starts = boots.flatMap(bootCells);
  const averages = Object.entries(found).map(([name, mean]) => `geometric mean, ${name}: ${mean.toFixed(2)}\n`);
  return [aligned(rows), averages.join(''), aligned(starts.length > 0 ? [BOOT_HEADER, ...starts] : [])]
    .filter(Boolean)
    .join('\n');
}

/** The first column to the left, figures to the right. */
function aligned(rows: readonly (readonly string[])[]): string {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows
    .map((row) => `${row.map((cell, i) => (i === 0 ? cell.padEnd(width(i)) : cell.padStart(width(i)))).join('  ')}\n`)
    .join('');
}

export function asMarkdown(figures: Figures): string {
  const { machine, engine, runs, results, boots, means: found } = figures;
  return [
    `Machine: ${machine}. Engine: ${engine}. Medians of ${runs} runs.`,
    table(HEADER, results.map(cells)),
    Object.entries(found)
      .map(([name, mean]) => `- Geometric mean of the ratios, ${name}: **${mean.toFixed(2)}**`)
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
