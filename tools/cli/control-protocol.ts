/** What the command line and a running simulation say to each other: JSON, a line each. Bytes of consoles are base64. */
import type { Socket } from 'node:net';
import type { PartitionRow } from '../../core/machine/report.ts';

export const VERBS = ['pause', 'resume', 'restart', 'stop'] as const;
export type ManagementVerb = (typeof VERBS)[number];

export type Request =
  | { readonly ask: 'state' }
  | { readonly ask: 'logs'; readonly console: string; readonly follow: boolean }
  | { readonly ask: 'console'; readonly console: string }
  | { readonly ask: 'type'; readonly console: string; readonly bytes: string }
  | { readonly ask: ManagementVerb; readonly partition: string };

/** `output` comes again and again to who follows a console; everything else is the one answer to a request. */
export type Reply =
  | { readonly kind: 'state'; readonly state: SimulationState }
  | { readonly kind: 'output'; readonly bytes: string }
  | { readonly kind: 'done'; readonly at: number }
  | { readonly kind: 'refused'; readonly why: string; readonly usage: boolean };

export interface SimulationState {
  readonly name: string;
  readonly pid: number;
  readonly system: string;
  readonly virtualTimeNs: number;
  readonly engine: string;
  readonly partitions: readonly Omit<PartitionRow, 'console'>[];
  /** What came from outside so far. */
  readonly outside: readonly OutsideCommand[];
}

/** A command from outside, and the virtual time at which it entered. */
export interface OutsideCommand {
  readonly at: number;
  readonly what: string;
}

/** A line as long as this is no request of ours. */
const LONGEST_LINE = 1 << 20;

/** Calls `take` for each line that is an object in JSON; drops a peer that sends something else. */
export function onLines(socket: Socket, take: (value: unknown) => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (data: string) => {
    const lines = (rest + data).split('\n');
    rest = lines.pop() ?? '';
    const values = lines.map(parsed);
    if (rest.length > LONGEST_LINE || values.includes(undefined)) socket.destroy();
    else for (const value of values) take(value);
  });
}

function parsed(line: string): unknown {
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

export const send = (socket: Socket, message: Request | Reply): boolean => socket.write(`${JSON.stringify(message)}\n`);
