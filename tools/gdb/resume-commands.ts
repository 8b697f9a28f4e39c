/** vCont, c, s and their kin: the whole machine runs; a step says which thread is to stop soon. Signals have nobody to go to. */
import type { StepRequest } from '../../core/machine/debug/debugger.ts';
import type { Thread } from '../../core/machine/debug/threads.ts';
import { type Client, type Command, ERROR, hexNumber } from './client.ts';
import { findThread, matches, parseThreadId } from './thread-id.ts';

interface Action {
  readonly kind: string;
  readonly range: { readonly start: number; readonly end: number } | undefined;
  readonly thread: string | undefined;
}

function parseAction(text: string): Action | undefined {
  const [, kind, start, end, thread] =
    /^(?:([cs])|[CS][0-9a-f]{2}|r([0-9a-f]{1,8}),([0-9a-f]{1,8}))(?::([p0-9a-f.-]+))?$/i.exec(text) ?? [];
  if (!/^[cCsSr]/.test(text)) return undefined;
  const [from, to] = [hexNumber(start), hexNumber(end)];
  if (kind === undefined && from === undefined && !/^[CS][0-9a-f]{2}/i.test(text)) return undefined;
  const range = from === undefined || to === undefined ? undefined : { start: from, end: to };
  return { kind: range === undefined ? text.slice(0, 1).toLowerCase() : 's', range, thread };
}

/** The thread that an action for several means: the current one, if it is one of them. */
function threadOf(client: Client, action: Action): Thread | undefined {
  const pattern = parseThreadId(action.thread ?? '0');
  if (pattern === undefined) return undefined;
  return matches(client.thread, pattern) ? client.thread : findThread([...client.attached], pattern);
}

const vCont: Command = (client, rest) => {
  const actions = rest.slice(1).split(';').map(parseAction);
  const steps: StepRequest[] = [];
  for (const action of actions) {
    if (action === undefined) return ERROR.malformed;
    if (action.kind !== 's') continue;
    const thread = threadOf(client, action);
    if (thread === undefined) return ERROR.invalid;
    steps.push(action.range === undefined ? { thread } : { thread, range: action.range });
  }
  client.resume(steps);
  return undefined;
};

/** The address to go on at, or nothing. */
function goOn(client: Client, address: string, steps: readonly StepRequest[]): string | undefined {
  const at = hexNumber(address);
  if (address !== '' && at === undefined) return ERROR.malformed;
  if (at !== undefined) client.debug.registers(client.thread).write('pc', [at]);
  client.resume(steps);
  return undefined;
}

const behindSignal = (rest: string): string => rest.split(';')[1] ?? '';

export const RESUME_COMMANDS: Readonly<Record<string, Command>> = {
  'vCont?': () => 'vCont;c;C;s;S;r',
  vCont,
  c: (client, rest) => goOn(client, rest, []),
  C: (client, rest) => goOn(client, behindSignal(rest), []),
  s: (client, rest) => goOn(client, rest, [{ thread: client.thread }]),
  S: (client, rest) => goOn(client, behindSignal(rest), [{ thread: client.thread }]),
};
