/** What the table of verbs refuses, and what it says of itself. */
import { linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readArguments } from '../../../tools/cli/arguments.ts';
import { UsageError } from '../../../tools/cli/usage.ts';
import { helpOf, OVERVIEW } from '../../../tools/cli/verb-text.ts';
import { VERB_NAMES, VERBS, type Verb, type VerbName } from '../../../tools/cli/verbs.ts';

const rowOf = (name: VerbName): Verb => VERBS[name];
const wordsOf = (name: VerbName) => Array.from({ length: rowOf(name).words.least }, () => 'word');

/** The words of an example after `partita VERB`, as a shell splits them; what follows a pipe or an ampersand is another command. */
function split(example: string): string[] {
  const [, command = ''] = /partita (.*?)(?: [|&] .*)?$/.exec(example) ?? [];
  return [...command.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));
}

describe('each of the twelve verbs', () => {
  it('are twelve', () => {
    expect(VERB_NAMES.length).toBe(12);
    for (const name of VERB_NAMES) expect(OVERVIEW).toContain(`  partita ${name} `);
  });

  it.each(VERB_NAMES)('%s has help with its options, examples and exit statuses, in lines that a terminal has', (name) => {
    const help = helpOf(name);
    expect(help.startsWith(`partita ${name} `)).toBe(true);
    expect(help).toMatch(/\n\nExamples:\n {2}.*partita /);
    expect(help).toMatch(/\n\nExit status: 0 [a-z ]+; /);
    for (const option of rowOf(name).options) expect(help).toContain(`  ${option.name}`);
    expect(help.split('\n').filter((line) => line.length > 120 && !line.startsWith('  partita'))).toEqual([]);
  });

  it.each(VERB_NAMES)('%s takes its own examples', (name) => {
    for (const example of VERBS[name].examples) {
      const [verb, ...rest] = split(example);
      expect(verb).toBe(name);
      expect(() => readArguments(name, rest)).not.toThrow();
    }
  });

  it.each(VERB_NAMES)('%s takes no options of the others', (name) => {
    const own = new Set<string>(rowOf(name).options.map((option) => option.name));
    const foreign = VERB_NAMES.flatMap((other) => rowOf(other).options).filter((option) => !own.has(option.name));
    for (const option of foreign) {
      const given = [...wordsOf(name), option.value === undefined ? option.name : `${option.name}=1`];
      expect(() => readArguments(name, given)).toThrow(`partita ${name} has no option ${option.name}`);
    }
    expect(() => readArguments(name, ['--sideways'])).toThrow(
      `partita ${name} has no option --sideways (see partita ${name} --help)`,
    );
  });

  it.each(VERB_NAMES)('%s takes no more words than it is about', (name) => {
    const words = Array.from({ length: rowOf(name).words.most + 1 }, (_, i) => `word${i}`);
    expect(() => readArguments(name, words)).toThrow(`one argument too many: ${words.at(-1)}`);
  });

  it.each(VERB_NAMES)('%s refuses what does not go together, by its row', (name) => {
    const { options } = rowOf(name);
    const give = (wanted: string): string =>
      options.find((option) => option.name === wanted)?.value === undefined ? wanted : `${wanted}=1`;
    for (const option of options) {
      if (option.needs !== undefined)
        expect(() => readArguments(name, [give(option.name), ...wordsOf(name)])).toThrow(`${option.name} has no effect without`);
      for (const other of Object.keys(option.without ?? {}))
        expect(() => readArguments(name, [give(option.name), give(other), ...wordsOf(name)])).toThrow(/ does not go with /);
      if (option.many === undefined)
        expect(() => readArguments(name, [give(option.name), give(option.name), ...wordsOf(name)])).toThrow('is given twice');
    }
  });
});

describe('one line says', () => {
  it.each<[VerbName, string[], string]>([
    ['boot', ['--pcap', 'x', 'image'], 'partita boot has no option --pcap: it is a setting of --net, such as --net NAME,pcap…'],
    ['run', ['--bios', 'x', 's.dts'], 'partita run has no option --bios: it is one of boot'],
    ['run', ['s.dts', '--for'], '--for: the value is missing, such as --for 500ms'],
    ['run', ['--report', '--quiet', 's.dts'], '--report: the value is missing'],
    ['run', ['s.dts', '--trace', ''], '--trace: the name of the file is empty'],
    ['boot', ['i', '--initrd='], '--initrd: the name of the file is empty'],
    ['run', ['--quiet=yes', 's.dts'], '--quiet takes no value'],
    ['run', [], 'a system description is missing: partita run SYSTEM.dts'],
    ['pause', [], 'a partition is missing: partita pause PARTITION'],
  ])('what is wrong with %s %j', (name, argv, problem) => {
    expect(() => readArguments(name, argv)).toThrow(UsageError);
    expect(() => readArguments(name, argv)).toThrow(problem);
  });

  it('and takes the rest as it is: after --, after an equals sign, with a dash', () => {
    expect(readArguments('boot', ['--append=--x', '--', '-image']).words).toEqual(['-image']);
    expect(readArguments('boot', ['--append=--x', 'i']).text('--append')).toBe('--x');
    expect(readArguments('run', ['--gdb', '-1', 's.dts']).text('--gdb')).toBe('-1');
  });
});

describe('files', () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'arguments-'));
    writeFileSync(at('s.dts'), '');
    symlinkSync(at('s.dts'), at('link'));
    symlinkSync(folder, at('again'));
    symlinkSync('later', at('dangling'));
    symlinkSync('dangling', at('twice'));
    symlinkSync('loop', at('loop'));
    writeFileSync(at('one'), '');
    linkSync(at('one'), at('two'));
    linkSync(at('s.dts'), at('hard'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    [['--trace', 't', '--trace-text', 't'], /^--trace and --trace-text: the same file .*t$/],
    [['--report', 't', '--coverage', 'again/t'], /^--report and --coverage: the same file/],
    [['--trace', 'link'], /^--trace writes what .*s\.dts reads: the same file/],
    [['--trace', 'later', '--report', 'again/dangling'], /^--trace and --report: the same file/],
    [['--trace', 'twice', '--report', 'dangling'], /^--trace and --report: the same file/],
    [['--trace', 'loop', '--report', 'again/loop'], /^--trace and --report: the same file/],
    [['--trace', 'one', '--report', 'two'], /^--trace and --report: the same file/],
    [['--trace', 'hard'], /^--trace writes what .*s\.dts reads: the same file/],
    [['--trace', 't', '--replay', 't'], /^--trace writes what --replay reads/],
  ])('that are written are nothing else: %j', (argv, problem) => {
    const given = argv.map((word) => (word.startsWith('--') ? word : at(word)));
    expect(() => readArguments('run', [...given, at('s.dts')])).toThrow(problem);
  });

  it('may be different ones, and /dev/null for all', () => {
    const run = (...argv: string[]) => readArguments('run', [...argv, at('s.dts')]);
    expect(() => run('--trace', at('t'), '--trace-text', at('u'))).not.toThrow();
    expect(() => run('--trace', '/dev/null', '--trace-text', '/dev/null')).not.toThrow();
  });
});
