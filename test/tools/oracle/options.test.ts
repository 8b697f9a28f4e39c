import { describe, expect, it } from 'vitest';
import type { Mode } from '../../../tools/oracle/mode.ts';
import { parseOptions, UsageError, usage } from '../../../tools/oracle/options.ts';

const mode: Mode = { about: 'something', run: () => 0 };
const MODES = { a32: mode, neon: mode, both: { ...mode, repeats: true } } as const;
const parse = (...argv: string[]) => parseOptions(argv, MODES);

describe('the command line of the bench', () => {
  it('has all sets that repeat no other, 20,000 cases and seed 1 if nothing else is said', () => {
    expect(parse()).toEqual({ sets: ['a32', 'neon'], cases: 20_000, seed: 1, engine: 'interpreter', shown: 2 });
  });

  it('takes sets with commas and repeated, and numbers in hexadecimal', () => {
    const { sets, cases, seed, shown } = parse(
      '--set',
      'neon,a32',
      '--set=a32',
      '--cases',
      '300000',
      '--seed',
      '0x7',
      '--show',
      '0',
    );
    expect({ sets, cases, seed, shown }).toEqual({ sets: ['neon', 'a32', 'a32'], cases: 300_000, seed: 7, shown: 0 });
  });

  it.each([
    [['--set', 'x86'], 'there is no set "x86": use a32, neon, both'],
    [['--set', 'toString'], 'there is no set "toString": use a32, neon, both'],
    [['--cases', 'many'], '--cases takes a whole number from 1 to 4294967295, not "many"'],
    [['--cases', '0'], '--cases takes a whole number from 1 to 4294967295, not "0"'],
    [['--seed', '-1'], '--seed'],
    [['--seed', '1.5'], '--seed takes a whole number from 0'],
    [['--engine', 'steam'], 'there is no engine "steam": use interpreter or jit'],
    [['--case', '1'], 'there is no option: --case'],
    [['neon'], '"neon" belongs to no option: is it --set neon?'],
  ])('%j is refused with a sentence', (argv, message) => {
    expect(() => parse(...argv)).toThrow(UsageError);
    expect(() => parse(...argv)).toThrow(message);
  });

  it('asks for lists', () => {
    expect(parse('--help').list).toBe('help');
    expect(parse('-h').list).toBe('help');
    expect(parse('--exclusions').list).toBe('exclusions');
  });

  it('explains itself with every set and every option', () => {
    const text = usage(MODES);
    for (const part of ['a32', 'neon', 'something', '--set', '--cases', '--seed', '--engine', '--show', '--exclusions', '--help'])
      expect(text).toContain(part);
  });
});
