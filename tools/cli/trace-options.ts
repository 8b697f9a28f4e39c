/** What to trace, and into which files: `--trace` and its kin. */
import { EVERYTHING, type Filter, KINDS } from '../trace/filter.ts';
import type { TraceFiles } from '../trace/tracing.ts';
import type { Arguments } from './arguments.ts';
import { UsageError } from './usage.ts';

export interface TraceOptions extends Omit<TraceFiles, 'programs'> {
  /** ELF files with symbols and lines, beside those that run: for a partition, or for any. */
  readonly symbols: readonly { readonly partition: string | undefined; readonly file: string }[];
}

/** A prime, so that it keeps step with no loop. */
const EVERY = 997;

export function traceOptions(given: Arguments, duration: (option: string, text: string) => number): TraceOptions {
  const every = given.text('--profile-every');
  if (every !== undefined && !/^[1-9]\d{0,9}$/.test(every))
    throw new UsageError(`--profile-every ${every}: give a number of instructions, such as ${EVERY}`);
  return {
    trace: given.text('--trace'),
    text: given.text('--trace-text'),
    instructions: given.text('--trace-instructions'),
    profile: given.text('--profile'),
    coverage: given.text('--coverage'),
    every: every === undefined ? EVERY : Number(every),
    filter: readFilter(given.all('--trace-filter'), duration),
    symbols: given.all('--symbols').map(readSymbols),
  };
}

/** Whether the run must go instruction by instruction, so that only the interpreter can make it. */
export const needsInterpreter = ({ instructions, profile, coverage }: TraceOptions): boolean =>
  [instructions, profile, coverage].some((file) => file !== undefined);

export const isTraced = (options: TraceOptions): boolean =>
  options.trace !== undefined || options.text !== undefined || needsInterpreter(options);

/** NAME=FILE or FILE. */
function readSymbols(text: string): TraceOptions['symbols'][number] {
  const at = text.indexOf('=');
  const [partition, file] = at < 0 ? [undefined, text] : [text.slice(0, at), text.slice(at + 1)];
  if (file === '' || partition === '') throw new UsageError(`--symbols ${text}: give PARTITION=FILE, or an ELF file`);
  return { partition, file };
}

const WANTED = 'give partition=NAME, cause=CAUSE, from=TIME and to=TIME, such as partition=a,cause=hvc,from=1ms,to=2s';

function readFilter(texts: readonly string[], duration: (option: string, text: string) => number): Filter {
  if (texts.length === 0) return EVERYTHING;
  const filter = { ...EVERYTHING, partitions: [] as string[], causes: [] as string[] };
  for (const setting of texts.flatMap((text) => text.split(','))) {
    const [, key, value] = /^(partition|cause|from|to)=(.+)$/.exec(setting) ?? [];
    if (key === undefined || value === undefined) throw new UsageError(`--trace-filter ${setting}: ${WANTED}`);
    if (key === 'partition') filter.partitions.push(value);
    else if (key === 'cause') filter.causes.push(value);
    else filter[key as 'from' | 'to'] = duration(`--trace-filter ${key}`, value);
  }
  if (filter.from >= filter.to) throw new UsageError('--trace-filter: "from" comes before "to"');
  return filter;
}

/** A filter that can match nothing is a mistake. */
export function checkFilter({ filter, symbols }: TraceOptions, partitions: readonly string[]): void {
  const named = [...filter.partitions, ...symbols.flatMap(({ partition }) => partition ?? [])];
  const unknown = named.find((name) => !partitions.includes(name));
  if (unknown !== undefined) throw new UsageError(`there is no partition "${unknown}": there are ${partitions.join(', ')}`);
  const cause = filter.causes.find((name) => ![...CAUSES, ...KINDS].includes(name));
  if (cause !== undefined) throw new UsageError(`--trace-filter cause=${cause}: give one of ${[...KINDS, ...CAUSES].join(', ')}`);
}

/** What a report counts exits as, and what notes are called. */
const CAUSES: readonly string[] = [
  ...[
    'hvc',
    'smc',
    'irq',
    'mmio',
    'wfi',
    'wfe',
    'cp15',
    'cp14',
    'vmrs',
    'cache maintenance',
    'data abort',
    'prefetch abort',
    'other',
  ],
  ...['console', 'fault', 'restart', 'stop', 'off', 'info', 'warning', 'fatal', 'ended'],
];
