/** What a debugger sees as processes and threads: the machine with its cores, and each partition with its virtual processors. */
import { MODE } from '../../cpu/modes.ts';
import * as S from '../../cpu/scalars.ts';
import { SLOT } from '../../cpu/slots.ts';
import { type Cpu, WAIT } from '../../cpu/state.ts';
import type { Partition } from '../../hyp/partition.ts';
import type { Vcpu } from '../../hyp/vcpu.ts';
import type { Machine } from '../machine.ts';

/** An address space with its processors. */
export interface Space {
  /** 1 is the machine, the partitions follow in their order. */
  readonly id: number;
  readonly name: string;
  readonly partition: Partition | undefined;
  readonly threads: readonly Thread[];
}

export interface Thread {
  readonly space: Space;
  /** From 1. */
  readonly id: number;
  /** The core that it is, or that it belongs to. */
  readonly core: number;
  readonly vcpu: Vcpu | undefined;
}

export function makeSpaces(machine: Machine, partitions: readonly Partition[]): Space[] {
  const cores = machine.cpus.map(({ index }) => ({ core: index, vcpu: undefined }));
  return [
    makeSpace(1, 'machine', undefined, cores),
    ...partitions.map((partition, i) =>
      makeSpace(
        i + 2,
        partition.config.name,
        partition,
        partition.vcpus.map((vcpu) => ({ core: vcpu.core, vcpu })),
      ),
    ),
  ];
}

function makeSpace(
  id: number,
  name: string,
  partition: Partition | undefined,
  processors: readonly Pick<Thread, 'core' | 'vcpu'>[],
): Space {
  const threads: Thread[] = [];
  const space = { id, name, partition, threads };
  threads.push(...processors.map(({ core, vcpu }, i) => ({ space, id: i + 1, core, vcpu })));
  return space;
}

/** Whether the core holds the registers of a virtual processor: VTTBR and VMPIDR say whose they are. */
export function holds({ system, model }: Cpu, vcpu: Vcpu, partition: Partition): boolean {
  if (!model.virtualization || vcpu.power !== 'on') return false;
  const vmid = ((system[SLOT.VTTBR + 1] as number) >>> 16) & 0xff;
  return vmid === partition.tables.vmid && system[SLOT.VMPIDR] === vcpu.mpidr;
}

/** What a thread does, for people. */
export function describe(thread: Thread, cpu: Cpu): string {
  const { vcpu, core } = thread;
  const { partition } = thread.space;
  const wait = cpu.s[S.WAIT] as number;
  if (vcpu === undefined || partition === undefined) {
    const doing = ['runs', 'waits for an interrupt', 'waits for an event', 'is off'][wait] ?? 'runs';
    return `core ${core} ${doing}${wait === WAIT.running ? ` in ${modeName(cpu)} mode` : ''}`;
  }
  if (partition.state !== 'running') return `${partition.config.name} ${partition.state}`;
  if (vcpu.power === 'off') return `vCPU ${vcpu.index} off`;
  const doing = vcpu.blocked ? 'waits' : holds(cpu, vcpu, partition) ? `has core ${core}` : `waits for core ${core}`;
  return `vCPU ${vcpu.index} ${doing}`;
}

const modeName = ({ s }: Cpu): string => Object.entries(MODE).find(([, mode]) => mode === s[S.M])?.[0] ?? '?';
