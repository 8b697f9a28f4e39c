/** How many vectors of each operation were held against each oracle, in which modes, as a table for people. */
import type { Operation } from './operations.ts';
import { modesOf, type Oracle } from './vectors.ts';

const MODES = ['RN', 'RP', 'RM', 'RZ', 'FZ', 'DN', 'AHP'] as const;

interface Row {
  readonly counts: Map<string, number>;
  different: number;
}

/** The mnemonic with its types; operands are left out, but for what makes another operation of it. */
function rowName({ asm }: Operation): string {
  const [mnemonic, ...operands] = asm.split(/[ ,]+/);
  const constant = operands.at(-1)?.startsWith('#0') ? ' with 0' : operands.at(-1)?.startsWith('#') ? ', fixed point' : '';
  const simd = /^V/.test(asm) || operands.includes('q0') || /^vcvt\S+ d0, d1/.test(asm) ? ' (SIMD)' : '';
  return mnemonic === 'nop' ? 'VMSR, VMRS' : `${mnemonic!.toUpperCase()}${constant}${simd}`;
}

const number = (value: number): string => value.toLocaleString('en-US');

export class Tally {
  readonly #rows = new Map<string, Row>();

  add(oracle: Oracle, operation: Operation, fpscr: number, same: boolean): void {
    const name = rowName(operation);
    const row = this.#rows.get(name) ?? { counts: new Map<string, number>(), different: 0 };
    this.#rows.set(name, row);
    for (const key of [oracle.name, ...modesOf(fpscr)]) row.counts.set(key, (row.counts.get(key) ?? 0) + 1);
    if (!same) row.different++;
  }

  total(oracle?: Oracle['name']): number {
    const names = oracle === undefined ? ['qemu-arm', 'host'] : [oracle];
    return [...this.#rows.values()].reduce((sum, row) => sum + names.reduce((s, name) => s + (row.counts.get(name) ?? 0), 0), 0);
  }

  /** Markdown, one operation a line. */
  table(): string {
    const columns = ['qemu-arm', 'host', ...MODES];
    const lines = [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1));
    const cells = lines.map(([name, { counts, different }]) => [
      name,
      ...columns.map((column) => number(counts.get(column) ?? 0)),
      number(different),
    ]);
    const all = [['operation', ...columns, 'differences'], ['---', ...columns.map(() => '--:'), '--:'], ...cells];
    return all.map((row) => `| ${row.join(' | ')} |`).join('\n');
  }
}
