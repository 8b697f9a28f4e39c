import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootArguments, runArguments } from '../../../tools/cli/options.ts';
import { readPrograms } from '../../../tools/cli/program-files.ts';
import { checkFilter } from '../../../tools/cli/trace-options.ts';

const tracing = (...argv: string[]) => runArguments([...argv, 's.dts']).tracing;

describe('the options of tracing', () => {
  it('name files, and trace nothing by themselves', () => {
    expect(tracing()).toMatchObject({ trace: undefined, text: undefined, profile: undefined, coverage: undefined, every: 997 });
    const given = tracing('--trace', 'a', '--trace-text', 'b', '--profile', 'c', '--coverage', 'd', '--profile-every', '10');
    expect(given).toMatchObject({ trace: 'a', text: 'b', profile: 'c', coverage: 'd', every: 10 });
    expect(bootArguments(['--trace-instructions', 'e', 'image']).tracing.instructions).toBe('e');
  });

  it('filter by partitions, causes and time', () => {
    expect(
      tracing('--trace', 't', '--trace-filter', 'partition=a,cause=hvc,from=1ms,to=2s', '--trace-filter', 'partition=b').filter,
    ).toEqual({
      partitions: ['a', 'b'],
      causes: ['hvc'],
      from: 1e6,
      to: 2e9,
    });
  });

  it.each([
    [['--trace', 't', '--trace-filter', 'core=1'], /^--trace-filter core=1: give partition=NAME/],
    [['--trace', 't', '--trace-filter', 'from=1'], /^--trace-filter from 1: give a number with ns, us, ms or s/],
    [['--trace', 't', '--trace-filter', 'from=2ms,to=1ms'], /"from" comes before "to"/],
    [['--profile', 'p', '--profile-every', '0'], /^--profile-every 0: give a number of instructions/],
    [['--profile', 'p', '--symbols', '=x'], /^--symbols =x: give PARTITION=FILE/],
    [['--engine', 'jit', '--profile', 'p'], /need the interpreter: leave --engine jit out/],
    [['--verify', '--trace', 't'], /^--trace does not go with --verify: that runs several machines/],
    [['--gdb', '1234', '--coverage', 'c'], /^--coverage does not go with --gdb/],
    [['--trace-filter', 'partition=a'], /^--trace-filter has no effect without --trace or --trace-text/],
  ])('say what is wrong with %j', (argv, message) => {
    expect(() => tracing(...argv)).toThrow(message);
  });

  it('know which partitions and causes there are', () => {
    const check = (filter: string) => checkFilter(tracing('--trace', 't', '--trace-filter', filter), ['a', 'b']);
    expect(() => check('partition=c')).toThrow('there is no partition "c": there are a, b');
    expect(() => check('cause=hcv')).toThrow(/cause=hcv: give one of window, exit, hypercall/);
    expect(() => check('partition=b,cause=hypercall,cause=data abort')).not.toThrow();
  });
});

describe('the programs of a profile and of coverage', () => {
  let folder: string;
  let raw: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'programs-'));
    raw = join(folder, 'raw.bin');
    writeFileSync(raw, new Uint8Array(64));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are an error where coverage finds no lines, which names the file and the flag', () => {
    const own = [{ partition: 'a', file: raw }];
    expect(() => readPrograms(tracing('--coverage', 'c'), own, ['a'])).toThrow(
      `--coverage: ${raw} has no line numbers (.debug_line): compile and link it with -g, or give a file that has them with --symbols PARTITION=FILE`,
    );
    expect(readPrograms(tracing('--profile', 'p'), own, ['a'])).toEqual([]);
  });

  it('may come from other files, for one partition or all', () => {
    const own = [{ partition: 'a', file: raw }];
    const elf = 'guests/control/control.elf';
    const [one] = readPrograms(tracing('--coverage', 'c', '--symbols', `a=${elf}`), own, ['a', 'b']);
    expect(one).toMatchObject({ name: 'a', file: elf });
    expect(one!.lines!.length).toBeGreaterThan(100);
    expect(readPrograms(tracing('--profile', 'p', '--symbols', elf), own, ['a', 'b']).length).toBe(2);
    expect(() => readPrograms(tracing('--profile', 'p', '--symbols', 'none.elf'), own, ['a'])).toThrow(
      /^--symbols none\.elf cannot be read/,
    );
  });
});
