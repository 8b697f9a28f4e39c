/** The verbs for simulations that run: what each asks for and prints. Returns the exit status. */
import arg from 'arg';
import { attachTerminal } from './control-attach.ts';
import { aliveNames, Client, chooseName } from './control-client.ts';
import { checkName } from './control-folder.ts';
import type { VerbName } from './control-help.ts';
import type { ManagementVerb, SimulationState } from './control-protocol.ts';
import { showPartition, showSimulations, showUse } from './control-show.ts';
import { STATUS, UsageError } from './usage.ts';

interface Given {
  readonly name: string | undefined;
  readonly json: boolean;
  readonly follow: boolean;
  readonly interval: number;
  readonly count: number;
  readonly words: readonly string[];
}

type Verb = (given: Given) => Promise<number>;

const SPECS: Readonly<Record<VerbName, readonly string[]>> = {
  ps: ['--json'],
  top: ['--interval', '--count'],
  logs: ['--follow'],
  console: [],
  pause: [],
  resume: [],
  restart: [],
  stop: [],
  stat: ['--json'],
};
const KINDS = { '--json': Boolean, '--follow': Boolean, '--interval': String, '--count': Number } as const;

function read(verb: VerbName, argv: readonly string[]): Given {
  const spec: Record<string, StringConstructor | BooleanConstructor | NumberConstructor> = { '--name': String };
  for (const option of SPECS[verb]) spec[option] = KINDS[option as keyof typeof KINDS];
  const parsed = parse(spec, argv);
  const name = parsed['--name'] as string | undefined;
  const count = (parsed['--count'] as number | undefined) ?? Number.POSITIVE_INFINITY;
  if (!(count >= 1)) throw new UsageError('--count: give a number from 1 on');
  return {
    name: name === undefined ? undefined : checkName(name),
    json: parsed['--json'] === true,
    follow: parsed['--follow'] === true,
    interval: milliseconds((parsed['--interval'] as string | undefined) ?? '1s'),
    count,
    words: parsed._,
  };
}

function parse(spec: arg.Spec, argv: readonly string[]): arg.Result<arg.Spec> {
  try {
    return arg(spec, { argv: [...argv] });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function milliseconds(text: string): number {
  const [, number, unit] = /^(\d+)(ms|s)$/.exec(text) ?? [];
  const value = Number(number) * (unit === 's' ? 1000 : 1);
  if (value >= 10 && value <= 3_600_000) return value;
  throw new UsageError(`--interval ${text}: give 10ms to 3600s`);
}

/** The one word that the verb is about. */
function only({ words }: Given, what: string): string {
  const [first, second] = words;
  if (first === undefined) throw new UsageError(`which ${what}? (see --help)`);
  if (second !== undefined) throw new UsageError(`one argument too many: ${second}`);
  return first;
}

async function withClient<T>(given: Given, use: (client: Client) => Promise<T>): Promise<T> {
  const client = await Client.open(await chooseName(given.name));
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

const print = (text: string): boolean => process.stdout.write(text);
const printJson = (value: unknown): boolean => print(`${JSON.stringify(value, undefined, 2)}\n`);

const ps: Verb = async (given) => {
  if (given.words[0] !== undefined) throw new UsageError(`one argument too many: ${given.words[0]}`);
  const names = given.name === undefined ? await aliveNames() : [given.name];
  const states: SimulationState[] = [];
  for (const name of names) states.push(await withClient({ ...given, name }, (client) => client.state()));
  if (given.json) printJson(states);
  else print(states.length === 0 ? 'no simulation is running\n' : showSimulations(states));
  return STATUS.ended;
};

const top: Verb = (given) =>
  withClient(given, async (client) => {
    let before = await client.state();
    for (let i = 0; i < given.count; i++) {
      await new Promise((resolve) => setTimeout(resolve, given.interval));
      const now = await client.state();
      print(`${process.stdout.isTTY ? '\x1b[H\x1b[2J' : ''}${showUse(before, now)}`);
      before = now;
    }
    return STATUS.ended;
  });

const logs: Verb = (given) =>
  withClient(given, async (client) => {
    client.onOutput((bytes) => process.stdout.write(bytes));
    await client.ask({ ask: 'logs', console: only(given, 'console'), follow: given.follow });
    if (given.follow) await client.closed();
    return STATUS.ended;
  });

const console: Verb = (given) => withClient(given, (client) => attachTerminal(client, only(given, 'console')));

const manage =
  (verb: ManagementVerb): Verb =>
  (given) =>
    withClient(given, async (client) => {
      const partition = only(given, 'partition');
      const reply = await client.ask({ ask: verb, partition });
      print(`${verb} ${partition} at ${reply.kind === 'done' ? (reply.at / 1e9).toFixed(6) : '?'} s of virtual time\n`);
      return STATUS.ended;
    });

const stat: Verb = (given) =>
  withClient(given, async (client) => {
    const state = await client.state();
    const wanted = given.words[0] === undefined ? undefined : only(given, 'partition');
    const rows = state.partitions.filter(({ name }) => wanted === undefined || name === wanted);
    if (rows.length === 0)
      throw new UsageError(`there is no partition "${wanted}"; there are ${state.partitions.map(({ name }) => name).join(', ')}`);
    if (given.json) printJson({ ...state, partitions: rows });
    else print(rows.map(showPartition).join(''));
    return STATUS.ended;
  });

const TABLE: Readonly<Record<VerbName, Verb>> = {
  ps,
  top,
  logs,
  console,
  pause: manage('pause'),
  resume: manage('resume'),
  restart: manage('restart'),
  stop: manage('stop'),
  stat,
};

export const runVerb = (verb: VerbName, argv: readonly string[]): Promise<number> => TABLE[verb](read(verb, argv));
