/** The command line of the bench. */
import arg from 'arg';
import type { Mode, Options } from './mode.ts';
import { ENGINES, type Engine } from './partita.ts';

export class UsageError extends Error {}

export interface Request extends Options {
  readonly sets: readonly string[];
  /** Asked for a list instead of a comparison. */
  readonly list?: 'help' | 'exclusions';
}

const FLAGS = {
  '--set': [String] as [StringConstructor],
  '--cases': String,
  '--seed': String,
  '--engine': String,
  '--show': String,
  '--exclusions': Boolean,
  '--help': Boolean,
  '-h': '--help',
};

function whole(flag: string, text: string | undefined, otherwise: number, least: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(text) || value < least || value > 0xffff_ffff)
    throw new UsageError(`${flag} takes a whole number from ${least} to ${0xffff_ffff}, not "${text}"`);
  return value;
}

function engineOf(name: string): Engine {
  const found = ENGINES.find((known) => known === name);
  if (found === undefined) throw new UsageError(`there is no engine "${name}": use ${ENGINES.join(' or ')}`);
  return found;
}

function parsed(argv: readonly string[]) {
  try {
    return arg(FLAGS, { argv: [...argv] });
  } catch (error) {
    if (error instanceof arg.ArgError) throw new UsageError(error.message.replace('unknown or unexpected', 'there is no'));
    throw error;
  }
}

/** What is asked for; `modes` are those that there are. */
export function parseOptions(argv: readonly string[], modes: Readonly<Record<string, Mode>>): Request {
  const flags = parsed(argv);
  if (flags._.length > 0) throw new UsageError(`"${flags._[0]}" belongs to no option: is it --set ${flags._[0]}?`);
  const sets = (flags['--set'] ?? Object.keys(modes).filter((name) => !modes[name]?.repeats)).flatMap((names) =>
    names.split(','),
  );
  const unknown = sets.find((name) => !Object.hasOwn(modes, name));
  if (unknown !== undefined) throw new UsageError(`there is no set "${unknown}": use ${Object.keys(modes).join(', ')}`);
  const list = flags['--help'] ? 'help' : flags['--exclusions'] ? 'exclusions' : undefined;
  return {
    sets,
    cases: whole('--cases', flags['--cases'], 20_000, 1),
    seed: whole('--seed', flags['--seed'], 1, 0),
    engine: engineOf(flags['--engine'] ?? 'interpreter'),
    shown: whole('--show', flags['--show'], 2, 0),
    ...(list === undefined ? {} : { list }),
  };
}

export function usage(modes: Readonly<Record<string, Mode>>): string {
  const widest = Math.max(...Object.keys(modes).map(({ length }) => length));
  const sets = Object.entries(modes).map(([name, { about }]) => `    ${name.padEnd(widest)}  ${about}`);
  return `usage: npm run oracle -- [--set NAME]... [--cases N] [--seed S] [--engine NAME] [--show N]

Makes random cases, runs them in QEMU and in Partita, and prints what differs: status 1 if anything does, 2 if the command is wrong.
Needs qemu-system-arm and arm-none-eabi-as. The same set, number and seed are the same cases.

  --set NAME     what to compare, several with commas or by repeating it; without it, each once:
${sets.join('\n')}
  --cases N      how many of each set (20000)
  --seed S       where the random numbers start (1)
  --engine NAME  what executes in Partita: ${ENGINES.join(' or ')}
  --show N       how many differences of one encoding are printed, made as simple as they can be (2)
  --exclusions   prints what is not compared, with the reason of each
  --help         prints this
`;
}
