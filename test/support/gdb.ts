/** gdb-multiarch against the program's gdb server: a script in, what it printed and the run's state hash out. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from '../tools/cli/program.ts';

export interface Debugged {
  readonly output: string;
  readonly status: number | null;
  readonly stateHash: string;
}

/** Runs the program with --gdb; the script's first lines connect. Partitions come with `partition N FILE`. */
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
    let output = '';
    for (const script of scripts) output += await runGdb(program, port, script);
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
set schedule-multiple on
define partition
  add-inferior -exec $arg1
  inferior $arg0
  attach $arg0
end
`;

/** One session with a server at that port. */
export async function runGdb(program: Program, port: string, script: readonly string[]): Promise<string> {
  const file = join(program.folder, 'session.gdb');
  writeFileSync(file, [PREPARED, `target extended-remote localhost:${port}`, ...script, ''].join('\n'));
  const gdb = spawn('gdb-multiarch', ['-nx', '-batch', '-x', file], { cwd: program.folder, timeout: 120_000 });
  let output = '';
  for (const stream of [gdb.stdout, gdb.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  await once(gdb, 'close');
  return output;
}
