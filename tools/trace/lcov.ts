/** Coverage of sources, as lcov's genhtml reads it. Reference: man geninfo, "FILES". */
import type { LineRange } from './dwarf-lines.ts';
import type { FunctionSymbol } from './elf-sections.ts';
import type { Executed } from './executed.ts';

/** What a partition could have executed. */
export interface Program {
  readonly partition: number;
  readonly name: string;
  readonly lines: readonly LineRange[];
  readonly functions: readonly FunctionSymbol[];
}

interface SourceFile {
  readonly lines: Map<number, number>;
  readonly functions: { readonly name: string; readonly line: number; readonly count: number }[];
}

/** Records of all sources of a program, which come in the order of their names. `locate` finds a source. */
export function lcovRecords(program: Program, executed: Executed, locate: (file: string) => string): string {
  const files = new Map<string, SourceFile>();
  const fileOf = (name: string): SourceFile => {
    const file = files.get(name) ?? { lines: new Map(), functions: [] };
    files.set(name, file);
    return file;
  };
  const ranges = [...program.lines].sort((a, b) => a.address - b.address);
  const counts = executed.counts(
    program.partition,
    ranges.map(({ address }) => address),
  );
  for (const [i, { file, line }] of ranges.entries()) {
    const { lines } = fileOf(file);
    lines.set(line, Math.max(lines.get(line) ?? 0, counts[i] as number));
  }
  const entries = executed.counts(
    program.partition,
    program.functions.map(({ address }) => address),
  );
  let at = 0;
  for (const [i, { name, address }] of program.functions.entries()) {
    while (at + 1 < ranges.length && (ranges[at + 1] as LineRange).address <= address) at++;
    const range = ranges[at];
    if (range === undefined || address < range.address || address >= range.end) continue;
    fileOf(range.file).functions.push({ name, line: range.line, count: entries[i] as number });
  }
  return [...files.keys()]
    .sort()
    .map((name) => fileRecord(program.name, locate(name), files.get(name) as SourceFile))
    .join('');
}

function fileRecord(test: string, path: string, { lines, functions }: SourceFile): string {
  const numbers = [...lines].sort(([a], [b]) => a - b);
  const hit = (counts: readonly number[]) => counts.filter((count) => count > 0).length;
  return `${[
    `TN:${test.replaceAll(/\W/g, '_')}`,
    `SF:${path}`,
    ...functions.map(({ name, line }) => `FN:${line},${name}`),
    ...functions.map(({ name, count }) => `FNDA:${count},${name}`),
    `FNF:${functions.length}`,
    `FNH:${hit(functions.map(({ count }) => count))}`,
    ...numbers.map(([line, count]) => `DA:${line},${count}`),
    `LF:${numbers.length}`,
    `LH:${hit(numbers.map(([, count]) => count))}`,
    'end_of_record',
  ].join('\n')}\n`;
}
