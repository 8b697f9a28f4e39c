/** gdb-multiarch against the program's gdb server: a script in, what it printed and the run's state hash out. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { Program } from '../tools/cli/program.ts';

export interface Debugged {
  readonly output: string;
  readonly status: number | null;
  readonly stateHash: string;
}

/**
 * Runs the program with --gdb; the script's first lines connect. Partitions come with `partition N FILE`. The next script's gdb is connected before
 * the one before it leaves, or the run might be over before it comes: `await-next` lets it wait for that.
 */
export async function debugged(
  program: Program,
  args: readonly string[],
  ...scripts: readonly (readonly string[])[]
): Promise<Debugged> {
  const report = join(program.folder, 'gdb-report.json');
  const child = spawn(process.execPath, ['dist/partita.js', ...args, '--gdb', '0', '--quiet', '--report', report], {
    cwd: program.folder,
  });
  const ended = once(child, 'exit');
  try {
    const port = await listening(child);
    const sessions = scripts.map((script, n) => visit(program, port, n, script));
    const output = (await Promise.all(sessions)).join('');
    const [status] = (await ended) as [number | null];
    const { stateHash } = JSON.parse(readFileSync(report, 'utf8')) as { stateHash: string };
    return { output, status, stateHash };
  } finally {
    child.kill('SIGKILL');
  }
}

async function listening(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stderr ?? []) {
    text += String(chunk);
    const [, port] = /localhost:(\d+)/.exec(text) ?? [];
    if (port !== undefined) return port;
  }
  throw new Error(`no server: ${text}`);
}

const PREPARED = `set pagination off
set confirm off
set remotetimeout 100
set schedule-multiple on
define partition
  add-inferior -exec $arg1
  inferior $arg0
  attach $arg0
end
`;

/** Holds a script up, or those who wait for it, until a file is there. */
const until = (file: string): string => `shell while [ ! -e ${file} ]; do sleep 0.05; done`;

/** One of several sessions: it connects once the one before it has. */
async function visit(program: Program, port: string, n: number, script: readonly string[]): Promise<string> {
  const relay = await relayed(port, () => program.file(`connected-${n}`, ''));
  const lines = script.map((line) => (line === 'await-next' ? until(`connected-${n + 1}`) : line));
  const before = n === 0 ? [] : [until(`connected-${n - 1}`)];
  const file = program.file(
    `session-${n}.gdb`,
    [PREPARED, ...before, `target extended-remote localhost:${relay.port}`, ...lines, ''].join('\n'),
  );
  try {
    return await runGdb(program, file);
  } finally {
    relay.close();
  }
}

/** A port that leads to another one, to know when somebody has come there. */
async function relayed(port: string, connected: () => void): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((near) => {
    const far = connect(Number(port), '127.0.0.1', connected);
    for (const [from, to] of [[near, far] as const, [far, near] as const]) {
      from.setNoDelay(true).on('error', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, close: () => server.close() };
}

/** What it printed, and then its complaints: the two have no order among them. */
async function runGdb(program: Program, file: string): Promise<string> {
  const gdb = spawn('gdb-multiarch', ['-nx', '-batch', '-x', file], { cwd: program.folder, timeout: 120_000 });
  const texts = ['', ''];
  for (const [n, stream] of [gdb.stdout, gdb.stderr].entries()) stream.on('data', (chunk) => (texts[n] += String(chunk)));
  await once(gdb, 'close');
  return texts.join('');
}
