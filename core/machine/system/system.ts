/** Brings a system up: the board, the hypervisor at PL2, and the partitions ready to run. */
import { Hypervisor } from '../../hyp/hypervisor.ts';
import { applyOptions } from '../board.ts';
import { Console } from '../console.ts';
import type { Files } from '../devicetree/dts-preprocessor.ts';
import type { DeviceTree } from '../devicetree/tree.ts';
import { enterHypervisor } from '../firmware.ts';
import { Machine, type MachineOptions } from '../machine.ts';
import { plan } from './plan.ts';

export interface System {
  readonly machine: Machine;
  readonly hypervisor: Hypervisor;
}

/** Throws the first finding, as a DeviceTreeError, where the description cannot be used as it is. */
export function startSystem(tree: DeviceTree, files: Files, options: Omit<MachineOptions, 'virtualization'> = {}): System {
  const { config, findings } = plan(tree, files);
  const [first] = findings.list;
  if (first !== undefined) throw first.error;
  applyOptions(tree, { ...options, virtualization: true });
  const machine = new Machine(tree, { ...options, virtualization: true });
  enterHypervisor(machine);
  const consoles = config.partitions.map(({ name }) => {
    const console = new Console(name);
    machine.consoles.set(name, console);
    return console;
  });
  const hypervisor = new Hypervisor({ ...config, timerFrequency: machine.timerFrequency }, machine.map, machine.cpus, {
    console: (partition, byte) => consoles[partition]?.put(byte),
    input: (partition, waits) => consoles[partition]?.next(waits),
    event: () => {},
    ended: () => machine.end({ kind: 'off' }),
    now: () => machine.clock.now(),
  });
  for (const [i, console] of consoles.entries()) console.onInput(() => hypervisor.inputWaits(i));
  machine.parts.push({ path: 'hypervisor', device: hypervisor });
  hypervisor.start();
  return { machine, hypervisor };
}
