/** The demo with everything that may be traced. */

import { EVERYTHING } from '../../tools/trace/filter.ts';
import { Observation } from '../../tools/trace/observation.ts';
import { loadPrograms } from '../../tools/trace/programs.ts';
import { startTracing, type TraceFiles } from '../../tools/trace/tracing.ts';
import { startFile } from './demo.ts';

export { EVERYTHING };

export interface Ran {
  readonly hash: string;
  readonly instructions: readonly number[];
  readonly partitions: readonly {
    readonly name: string;
    readonly instructions: number;
    readonly exits: Readonly<Record<string, number>>;
  }[];
}

/** The programs of its partitions. */
export const demoPrograms = () =>
  loadPrograms(
    NAMES.map((name) => ({ partition: name, file: `guests/${name}/${name}.elf` })),
    NAMES,
    true,
  );
const NAMES = ['control', 'telemetry', 'rogue'];

/** Runs it for so long, writing what files are named. */
export function runDemo(until: number, given: Partial<TraceFiles> = {}, file = 'demo.dts'): Ran {
  const system = startFile(file);
  const observation = new Observation(system);
  const files = { trace: undefined, text: undefined, instructions: undefined, profile: undefined, coverage: undefined };
  const none = { ...files, every: 997, programs: demoPrograms(), filter: EVERYTHING };
  const finish = startTracing(observation, { ...none, ...given });
  system.machine.run(until);
  finish();
  return {
    hash: system.machine.stateHash(),
    instructions: system.machine.loop.instructions,
    partitions: system.hypervisor.report(),
  };
}
