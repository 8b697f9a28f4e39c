/** `--gdb`: a session that gdb can look into. */
import { Debugger } from '../../core/machine/debug/debugger.ts';
import { type GdbOptions, GdbServer } from '../gdb/server.ts';
import { UsageError } from './usage.ts';

/** PORT, or PORT,wait=no. */
export function gdbOptions(text: string | undefined): GdbOptions | undefined {
  if (text === undefined) return undefined;
  const [, digits, wait] = /^(\d{1,5})(?:,wait=(yes|no))?$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65535)
    throw new UsageError(`--gdb ${text}: give a port, 0 for a free one, and perhaps ,wait=no`);
  return { port, wait: wait !== 'no' };
}

/** What can be debugged: as `Debugger`'s constructor takes it. */
type Debugged = ConstructorParameters<typeof Debugger>;

/** Listens while the session lasts, and says where. */
export async function withGdb(
  options: GdbOptions | undefined,
  debugged: Debugged,
  session: (gdb?: GdbServer) => Promise<number>,
): Promise<number> {
  if (options === undefined) return session();
  const gdb = await listen(new Debugger(...debugged), options);
  const until = options.wait ? '; nothing runs before it continues' : '';
  process.stderr.write(`gdb: target extended-remote localhost:${gdb.port}${until}\n`);
  try {
    return await session(gdb);
  } finally {
    gdb.close();
  }
}

async function listen(debug: Debugger, options: GdbOptions): Promise<GdbServer> {
  try {
    return await GdbServer.listen(debug, options);
  } catch (error) {
    throw new UsageError(`--gdb ${options.port}: cannot listen there (${(error as Error).message})`);
  }
}
