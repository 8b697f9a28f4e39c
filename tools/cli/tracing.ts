/** Runs a session with what its options trace. */
import { Observation, type Running } from '../trace/observation.ts';
import type { ProgramFile } from '../trace/programs.ts';
import { startTracing } from '../trace/tracing.ts';
import { readPrograms } from './program-files.ts';
import { checkFilter, isTraced, type TraceOptions } from './trace-options.ts';
import { UsageError } from './usage.ts';

export interface Traced extends Running {
  readonly programs: readonly ProgramFile[];
}

/** The files are complete when this returns, however the session ended. */
export async function withTracing(traced: Traced, options: TraceOptions, session: () => Promise<number>): Promise<number> {
  if (!isTraced(options)) return session();
  const observation = new Observation(traced);
  checkFilter(options, observation.names.partitions);
  const programs = readPrograms(options, traced.programs, observation.names.partitions);
  const finish = written(() => startTracing(observation, { ...options, programs }));
  try {
    return await session();
  } finally {
    written(finish);
  }
}

function written<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    const { syscall, path, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new UsageError(`the trace ${path ?? ''} cannot be written (${message})`);
  }
}
