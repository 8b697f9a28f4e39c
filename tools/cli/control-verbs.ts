/** The verbs for simulations that run: what each asks for and prints. Returns the exit status. */
import { readArguments } from './arguments.ts';
import { attachTerminal } from './control-attach.ts';
import { aliveNames, Client, chooseName } from './control-client.ts';
import { checkName } from './control-folder.ts';
import type { ManagementVerb } from './control-protocol.ts';
import { showPartition, showSimulations, showUse } from './control-show.ts';
import { STATUS, UsageError } from './usage.ts';
import type { VerbName } from './verbs.ts';

interface Given {
  readonly name: string | undefined;
  readonly json: boolean;
  readonly follow: boolean;
  readonly interval: number;
  readonly count: number;
  /** A partition or a console; empty if none is given. */
  readonly word: string;
}

type Verb = (given: Given) => Promise<number>;

/** The verbs that are for simulations which run. */
export type ControlVerb = Exclude<VerbName, 'run' | 'boot' | 'check'>;

function read(verb: ControlVerb, argv: readonly string[]): Given {
  const given = readArguments(verb, argv);
  const [name, count] = [given.text('--name'), given.text('--count')];
  if (count !== undefined && !/^[1-9]\d{0,8}$/.test(count)) throw new UsageError(`--count ${count}: give a number from 1 on`);
  return {
    name: name === undefined ? undefined : checkName(name),
    json: given.has('--json'),
    follow: given.has('--follow'),
    interval: milliseconds(given.text('--interval') ?? '1s'),
    count: count === undefined ? Number.POSITIVE_INFINITY : Number(count),
    word: given.words[0] ?? '',
  };
}

function milliseconds(text: string): number {
  const [, number, unit] = /^(\d+)(ms|s)$/.exec(text) ?? [];
  const value = Number(number) * (unit === 's' ? 1000 : 1);
  if (value >= 10 && value <= 3_600_000) return value;
  throw new UsageError(`--interval ${text}: give 10ms to 3600s`);
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

/** One that does not answer is said so, and keeps nobody from seeing the others. */
const ps: Verb = async (given) => {
  const names = given.name === undefined ? await aliveNames() : [given.name];
  const answers = await Promise.allSettled(
    names.map((name) => withClient({ ...given, name }, (client) => client.state(LISTING_PATIENCE_MS))),
  );
  const states = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  const [problem, ...others] = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as Error] : []));
  if (given.json) printJson(states);
  else if (problem === undefined || states.length > 0)
    print(states.length === 0 ? 'no simulation is running\n' : showSimulations(states));
  for (const { message } of others) process.stderr.write(`partita: ${message}\n`);
  if (problem !== undefined) throw problem;
  return STATUS.ended;
};

const LISTING_PATIENCE_MS = 2000;

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
    await client.ask({ ask: 'logs', console: given.word, follow: given.follow });
    if (given.follow) await client.closed();
    return STATUS.ended;
  });

const console: Verb = (given) => withClient(given, (client) => attachTerminal(client, given.word));

const manage =
  (verb: ManagementVerb): Verb =>
  (given) =>
    withClient(given, async (client) => {
      const partition = given.word;
      const reply = await client.ask({ ask: verb, partition });
      print(`${verb} ${partition} at ${reply.kind === 'done' ? (reply.at / 1e9).toFixed(6) : '?'} s of virtual time\n`);
      return STATUS.ended;
    });

const stat: Verb = (given) =>
  withClient(given, async (client) => {
    const state = await client.state();
    const wanted = given.word;
    const rows = state.partitions.filter(({ name }) => wanted === '' || name === wanted);
    if (rows.length === 0)
      throw new UsageError(`there is no partition "${wanted}"; there are ${state.partitions.map(({ name }) => name).join(', ')}`);
    if (given.json) printJson({ ...state, partitions: rows });
    else print(rows.map(showPartition).join(''));
    return STATUS.ended;
  });

const TABLE: Readonly<Record<ControlVerb, Verb>> = {
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

export const isControlVerb = (name: string): name is ControlVerb => Object.hasOwn(TABLE, name);

export const runVerb = (verb: ControlVerb, argv: readonly string[]): Promise<number> => TABLE[verb](read(verb, argv));
