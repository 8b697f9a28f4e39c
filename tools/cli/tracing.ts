/** Runs a session with what its options trace. */
import { namesOf, type Traced, traceEvents } from '../trace/tracing.ts';
import { checkFilter, isTraced, type TraceOptions } from './trace-options.ts';
import { UsageError } from './usage.ts';

/** The files are complete when this returns, however the session ended. */
export async function withTracing(traced: Traced, options: TraceOptions, session: () => Promise<number>): Promise<number> {
  if (!isTraced(options)) return session();
  checkFilter(options, namesOf(traced).partitions);
  const finish = start(traced, options);
  try {
    return await session();
  } finally {
    finish();
  }
}

function start(traced: Traced, options: TraceOptions): () => void {
  try {
    return traceEvents(traced, options);
  } catch (error) {
    const { syscall, path, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new UsageError(`the trace ${path ?? ''} cannot be written (${message})`);
  }
}
