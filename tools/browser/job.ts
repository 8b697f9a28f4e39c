/** A system with an engine, run to an end: the same work in a browser's worker and in Node, for either to say in what state it ended. */
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import type { Files } from '../../core/machine/devicetree/dts-preprocessor.ts';
import { startSystem } from '../../core/machine/system/system.ts';
import { Wasm } from '../host/wasm.ts';

export type Engine = 'interpreter' | 'jit';

export interface Job {
  /** A description; it and all that it names come from the files that go with the job. */
  readonly system: string;
  readonly engine: Engine;
  /** Nanoseconds of virtual time at most. */
  readonly until: number;
}

export interface Ended extends Job {
  readonly stateHash: string;
  readonly instructions: number;
  /** Of them, how many the translator translated. */
  readonly translated: number;
  readonly seconds: number;
}

export function carryOut(job: Job, files: Files): Ended {
  const started = performance.now();
  const options = job.engine === 'jit' ? { wasm: new Wasm() } : {};
  const { machine } = startSystem(parseDts(job.system, files), files, options);
  machine.run(job.until);
  const seconds = (performance.now() - started) / 1000;
  const instructions = machine.loop.instructions.reduce((sum, count) => sum + count, 0);
  return {
    ...job,
    stateHash: machine.stateHash(),
    instructions,
    translated: machine.translations?.made.instructions ?? 0,
    seconds,
  };
}
