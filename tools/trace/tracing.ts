/** The files that a traced run writes, from the start to the end. */
import { record } from './attach.ts';
import { Executed } from './executed.ts';
import { type BlockWatcher, type InstructionWatcher, watchExecution } from './execution.ts';
import { EVERYTHING, type Filter, FilteredSink } from './filter.ts';
import { InstructionTrace } from './instructions.ts';
import { lcovRecords } from './lcov.ts';
import type { Names } from './names.ts';
import type { Observation } from './observation.ts';
import { OutputFile } from './output.ts';
import { PerfettoWriter } from './perfetto.ts';
import { functionNames, Profile } from './profile.ts';
import { type LoadedProgram, locateSource } from './programs.ts';
import type { Record } from './record.ts';
import { recordLine } from './text.ts';
import { Timeline } from './timeline.ts';

export interface TraceFiles {
  /** Events for Perfetto, and as lines. */
  readonly trace: string | undefined;
  readonly text: string | undefined;
  /** What needs every instruction to be seen. */
  readonly instructions: string | undefined;
  readonly profile: string | undefined;
  readonly coverage: string | undefined;
  /** Instructions from one sample of the profile to the next. */
  readonly every: number;
  /** What is known of the programs that run. */
  readonly programs: readonly LoadedProgram[];
  readonly filter: Filter;
}

interface Output {
  take(record: Record): void;
  finish(): void;
}

/** Starts tracing; what it returns ends it. */
export function startTracing(observation: Observation, files: TraceFiles): () => void {
  const ends = [traceEvents(observation, files), traceExecution(observation, files)];
  return inTurn(ends);
}

/** Each is called, also after one that throws. */
const inTurn = (ends: readonly (() => void)[]) => (): void => {
  const failures: unknown[] = [];
  for (const end of ends) {
    try {
      end();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
};

function traceEvents(observation: Observation, { trace, text, filter }: TraceFiles): () => void {
  const { names } = observation;
  const outputs = [
    ...(trace === undefined ? [] : [perfettoFile(trace, names)]),
    ...(text === undefined ? [] : [textFile(text, names)]),
  ];
  if (outputs.length === 0) return () => {};
  const [only] = outputs.length === 1 ? outputs : [];
  const all = (one: Record) => {
    if (only !== undefined) return only.take(one);
    for (const output of outputs) output.take(one);
  };
  const kept = new FilteredSink(filter, names.partitions, all);
  const recorder = record(observation, filter === EVERYTHING ? all : (one) => kept.take(one));
  return inTurn([() => recorder.finish(), ...outputs.map((output) => () => output.finish())]);
}

function traceExecution(observation: Observation, files: TraceFiles): () => void {
  const ends: (() => void)[] = [];
  const blocks: BlockWatcher[] = [];
  const lines = files.instructions === undefined ? undefined : instructionFile(files.instructions, observation, ends);
  if (files.profile !== undefined) blocks.push(profileFile(files.profile, observation, files, ends));
  if (files.coverage !== undefined) blocks.push(coverageFile(files.coverage, files, ends));
  if (lines !== undefined || blocks.length > 0)
    watchExecution(observation, { blocks, instructions: lines, filter: files.filter });
  return inTurn(ends);
}

function instructionFile(path: string, observation: Observation, ends: (() => void)[]): InstructionWatcher {
  const file = new OutputFile(path);
  ends.push(() => file.close());
  return new InstructionTrace(observation, (line) => file.line(line));
}

function profileFile(path: string, { names }: Observation, { every, programs }: TraceFiles, ends: (() => void)[]): BlockWatcher {
  const file = new OutputFile(path);
  const functions = names.partitions.map((_, partition) =>
    functionNames(programs.filter((program) => program.partition === partition).flatMap((program) => program.functions)),
  );
  const nameOf = (partition: number, address: number) => functions[partition]?.(address) ?? '';
  const profile = new Profile(every, (partition) => names.partitions[partition] ?? '', nameOf);
  ends.push(() => {
    for (const line of profile.lines()) file.line(line);
    file.close();
  });
  return profile;
}

function coverageFile(path: string, { programs }: TraceFiles, ends: (() => void)[]): BlockWatcher {
  const file = new OutputFile(path);
  const executed = new Executed();
  ends.push(() => {
    for (const { lines, file: program, ...rest } of programs) {
      if (lines === undefined) continue;
      const records = lcovRecords({ ...rest, lines }, executed, (source) => locateSource(program, source));
      for (const line of records.trimEnd().split('\n')) file.line(line);
    }
    file.close();
  });
  return executed;
}

function perfettoFile(path: string, names: Names): Output {
  const file = new OutputFile(path);
  const timeline = new Timeline(new PerfettoWriter((bytes) => file.bytes(bytes)), names);
  return {
    take: (record) => timeline.take(record),
    finish: () => {
      timeline.finish();
      file.close();
    },
  };
}

function textFile(path: string, names: Names): Output {
  const file = new OutputFile(path);
  return { take: (record) => file.line(recordLine(record, names)), finish: () => file.close() };
}
