/** Hypercalls by which a partition that has the right manages the others. Whoever has it not is refused, and the attempt is told. */
import { type Outcome, ok } from '../base/outcome.ts';
import type { Caller } from './caller.ts';
import { answerAt, type Put } from './guest-memory.ts';
import { type Hypercall, hypercall, refuse } from './hypercall.ts';
import { INSPECT_BYTES, inspect, STATUS_BYTES, statusOf } from './inspection.ts';
import type { Verb } from './lifecycle.ts';
import type { Partition } from './partition.ts';
import type { Vcpu } from './vcpu.ts';

type Refused = 'DENIED' | 'NO_ENTRY';

/** The partition that a call is about, if the caller may ask. */
function subject({ partition, services }: Caller, id: number): Outcome<Partition, Refused> {
  if (partition.config.management !== true) return refuse('DENIED');
  const found = services.partitions[id];
  return found === undefined ? refuse('NO_ENTRY') : ok(found);
}

/** Who has not the right is refused whatever the call says. The attempt is the only thing that a refused call leaves. */
function told(name: string, call: Hypercall): Hypercall {
  return {
    ...call,
    call(caller, registers) {
      const { partition, services } = caller;
      const whom = call.args[0] === 'partition' ? ` of partition ${registers[0]}` : '';
      if (partition.config.management !== true) services.event(partition, 'denied', `${name}${whom} without the right to manage`);
      return call.call(caller, registers);
    },
  };
}

const MANAGE_COUNT = hypercall('MANAGE_COUNT', 0x86000040, {
  summary: 'how many partitions there are, numbered from 0',
  args: [],
  results: ['0', 'number of partitions'],
  errors: ['DENIED'],
  check: ({ partition }) => (partition.config.management === true ? ok(undefined) : refuse('DENIED')),
  commit: (_found, { services }) => [0, services.partitions.length],
});

const MANAGE_STATUS = hypercall('MANAGE_STATUS', 0x86000041, {
  summary: 'writes the status of a partition: state, counts and name',
  args: ['partition', 'address', 'length'],
  results: ['bytes written'],
  errors: ['DENIED', 'NO_ENTRY', 'INVALID'],
  check(caller, { partition, address, length }): Outcome<{ found: Partition; put: Put }, Refused | 'INVALID'> {
    const found = subject(caller, partition);
    if (!found.ok) return found;
    const put = length < STATUS_BYTES ? undefined : answerAt(caller, address, STATUS_BYTES);
    return put === undefined ? refuse('INVALID') : ok({ found: found.value, put });
  },
  commit({ found, put }) {
    put(statusOf(found));
    return [STATUS_BYTES];
  },
});

const MANAGE_INSPECT = hypercall('MANAGE_INSPECT', 0x86000042, {
  summary: 'writes the registers of a vCPU that has no core at the moment, as all of a paused partition',
  args: ['partition', 'vCPU', 'address'],
  results: ['bytes written'],
  errors: ['DENIED', 'NO_ENTRY', 'INVALID', 'BUSY'],
  check(caller, { partition, vCPU, address }): Outcome<{ vcpu: Vcpu; put: Put }, Refused | 'INVALID' | 'BUSY'> {
    const found = subject(caller, partition);
    if (!found.ok) return found;
    const vcpu = found.value.vcpus[vCPU];
    if (vcpu === undefined) return refuse('NO_ENTRY');
    if (caller.services.holds(vcpu)) return refuse('BUSY');
    const put = answerAt(caller, address, INSPECT_BYTES);
    return put === undefined ? refuse('INVALID') : ok({ vcpu, put });
  },
  commit({ vcpu, put }) {
    put(inspect(vcpu));
    return [INSPECT_BYTES];
  },
});

/** A verb on another partition. One's own is ended and restarted by PSCI. */
const verb = (name: string, id: number, what: Verb, summary: string): Hypercall =>
  hypercall(name, id, {
    summary,
    args: ['partition'],
    results: ['0'],
    errors: ['DENIED', 'NO_ENTRY', 'INVALID'],
    check(caller, { partition }): Outcome<Partition, Refused | 'INVALID'> {
      const found = subject(caller, partition);
      if (!found.ok) return found;
      const can = found.value !== caller.partition && caller.services.manages(found.value, what);
      return can ? found : refuse('INVALID');
    },
    commit(found, { partition, services }) {
      services.manage(found, what, `"${partition.config.name}"`);
      return [0];
    },
  });

export const MANAGEMENT_CALLS: readonly Hypercall[] = [
  MANAGE_COUNT,
  MANAGE_STATUS,
  MANAGE_INSPECT,
  verb('MANAGE_PAUSE', 0x86000043, 'pause', 'stops a running partition until it is resumed; its time goes on'),
  verb('MANAGE_RESUME', 0x86000044, 'resume', 'lets a paused partition go on'),
  verb('MANAGE_RESTART', 0x86000045, 'restart', 'starts a partition anew, in whatever state it is'),
  verb('MANAGE_STOP', 0x86000046, 'stop', 'ends a running or paused partition'),
].map((call) => told(call.name, call));
