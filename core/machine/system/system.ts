/** Brings a system up: the board, the hypervisor at PL2, and the partitions ready to run. */
import { Hypervisor } from '../../hyp/hypervisor.ts';
import { applyOptions } from '../board.ts';
import { Console } from '../console.ts';
import type { Files } from '../devicetree/dts-preprocessor.ts';
import type { DeviceTree } from '../devicetree/tree.ts';
import { enterHypervisor } from '../firmware.ts';
import { Machine, type MachineOptions } from '../machine.ts';
import type { Domain } from './domain.ts';
import { plan } from './plan.ts';
import { makeDevice } from './virtio.ts';
import type { GuestVirtio } from './virtio-nodes.ts';

export interface System {
  readonly machine: Machine;
  readonly hypervisor: Hypervisor;
}

/** Throws the first finding, as a DeviceTreeError, where the description cannot be used as it is. */
export function startSystem(tree: DeviceTree, files: Files, options: Omit<MachineOptions, 'virtualization'> = {}): System {
  const { config, domains, findings } = plan(tree, files);
  const [first] = findings.list;
  if (first !== undefined) throw first.error;
  applyOptions(tree, { ...options, virtualization: true });
  const machine = new Machine(tree, { ...options, virtualization: true });
  enterHypervisor(machine);
  const consoles: Console[] = [];
  const hypervisor = new Hypervisor({ ...config, timerFrequency: machine.timerFrequency }, machine.map, machine.cpus, {
    console: (partition, byte) => consoles[partition]?.put(byte),
    input: (partition, waits) => consoles[partition]?.next(waits),
    event: () => {},
    device: (partition, index, ports) => {
      const domain = domains[partition] as Domain;
      return makeDevice(machine, domain, domain.virtio[index] as GuestVirtio, ports);
    },
    ended: () => machine.end({ kind: 'off' }),
    now: () => machine.clock.now(),
  });
  for (const [i, { config: own, vcpus }] of hypervisor.partitions.entries()) {
    const console = new Console(own.name, machine.clock.of(vcpus[0]?.core ?? 0));
    console.onInput(() => hypervisor.inputWaits(i));
    consoles.push(console);
    machine.consoles.set(own.name, console);
  }
  machine.parts.push({ path: 'hypervisor', device: hypervisor });
  machine.parts.push({ path: 'measurements', device: hypervisor.measurements, observes: true });
  hypervisor.start();
  return { machine, hypervisor };
}
