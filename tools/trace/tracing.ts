/** The files that a traced run writes, from the start to the end. */
import type { Hypervisor } from '../../core/hyp/hypervisor.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { recordMachine, recordSystem } from './attach.ts';
import { EVERYTHING, type Filter, FilteredSink } from './filter.ts';
import { bareNames, type Names, systemNames } from './names.ts';
import { OutputFile } from './output.ts';
import { PerfettoWriter } from './perfetto.ts';
import type { Record } from './record.ts';
import { recordLine } from './text.ts';
import { Timeline } from './timeline.ts';

export interface TraceFiles {
  /** For Perfetto, and as lines. */
  readonly trace: string | undefined;
  readonly text: string | undefined;
  readonly filter: Filter;
}

/** What runs. */
export interface Traced {
  readonly machine: Machine;
  readonly hypervisor: Hypervisor | undefined;
}

interface Output {
  take(record: Record): void;
  finish(): void;
}

export const namesOf = ({ hypervisor }: Traced): Names => (hypervisor === undefined ? bareNames : systemNames(hypervisor.config));

/** Starts tracing; what it returns ends it. */
export function traceEvents(traced: Traced, { trace, text, filter }: TraceFiles): () => void {
  const names = namesOf(traced);
  const outputs = [
    ...(trace === undefined ? [] : [perfettoFile(trace, names)]),
    ...(text === undefined ? [] : [textFile(text, names)]),
  ];
  if (outputs.length === 0) return () => {};
  const [only] = outputs.length === 1 ? outputs : [];
  const all = (record: Record) => {
    if (only !== undefined) return only.take(record);
    for (const output of outputs) output.take(record);
  };
  const kept = new FilteredSink(filter, names.partitions, all);
  const sink = filter === EVERYTHING ? all : (record: Record) => kept.take(record);
  const { machine, hypervisor } = traced;
  const recorder = hypervisor === undefined ? recordMachine(machine, sink) : recordSystem(machine, hypervisor, sink);
  return () => {
    recorder.finish();
    for (const output of outputs) output.finish();
  };
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
