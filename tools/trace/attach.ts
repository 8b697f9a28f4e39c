/** Connects a recorder to what is watched. */
import * as S from '../../core/cpu/scalars.ts';
import type { Hypervisor } from '../../core/hyp/hypervisor.ts';
import type { Machine } from '../../core/machine/machine.ts';
import type { Observation } from './observation.ts';
import type { Sink } from './record.ts';
import { Recorder } from './recorder.ts';

const HYP = 0x1a;
const NEWLINE = 0x0a;
const LONGEST_LINE = 1024;

export function record(observation: Observation, sink: Sink): Recorder {
  const { machine, hypervisor } = observation;
  const recorder = new Recorder(observation, sink);
  observation.onEvent((event) => recorder.take(event));
  if (hypervisor === undefined) recordMachine(machine, recorder);
  else recordSystem(machine, hypervisor, recorder);
  return recorder;
}

function recordSystem(machine: Machine, hypervisor: Hypervisor, recorder: Recorder): void {
  machine.gic.virtualCpu.watcher = (core, id, step) => recorder.take({ kind: 'interface', core, id, step });
  watchDevices(machine, recorder, (core) => machine.cpus[core]?.s[S.M] !== HYP);
  for (const { config } of hypervisor.partitions)
    watchConsole(machine, config.name, (line) => recorder.note(config.id, 'console', line));
}

function recordMachine(machine: Machine, recorder: Recorder): void {
  machine.gic.raised = (core, id) => recorder.take({ kind: 'interface', core, id, step: 'pend' });
  machine.gic.cpuInterface.watcher = (core, id, step) => recorder.take({ kind: 'interface', core, id, step });
  watchDevices(machine, recorder, () => true);
  for (const name of machine.consoles.keys()) watchConsole(machine, name, (line) => recorder.note(0, 'console', line));
}

/** Accesses of the interrupt controller's interfaces are told as interrupts already. */
const INTERFACES = /GIC[CV]$/;

function watchDevices(machine: Machine, recorder: Recorder, isGuest: (core: number) => boolean): void {
  const interfaces = new Set(machine.map.regions.filter(({ name }) => INTERFACES.test(name)));
  machine.map.watcher = (region, address, width, write, value, { core }) => {
    if (machine.loop.running === core && isGuest(core) && !interfaces.has(region))
      recorder.access(core, { device: region.name, address, width, write, value });
  };
}

function watchConsole(machine: Machine, name: string, tell: (line: string) => void): void {
  let line = '';
  machine.consoles.get(name)?.onOutput((byte) => {
    if (byte !== NEWLINE && line.length < LONGEST_LINE) {
      if (byte !== 13) line += String.fromCharCode(byte);
      return;
    }
    tell(line);
    line = '';
  });
}
