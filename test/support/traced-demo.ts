/** The demo with everything that may be traced. */

import { EVERYTHING, type Filter } from '../../tools/trace/filter.ts';
import { traceEvents } from '../../tools/trace/tracing.ts';
import { startFile } from './demo.ts';

export { EVERYTHING };

export interface Ran {
  readonly hash: string;
  readonly partitions: readonly { readonly name: string; readonly exits: Readonly<Record<string, number>> }[];
}

/** Runs it for so long, writing what files are named. */
export function runDemo(until: number, files: { trace?: string; text?: string; filter?: Filter } = {}): Ran {
  const system = startFile('demo.dts');
  const finish = traceEvents(system, { trace: files.trace, text: files.text, filter: files.filter ?? EVERYTHING });
  system.machine.run(until);
  finish();
  return { hash: system.machine.stateHash(), partitions: system.hypervisor.report() };
}
