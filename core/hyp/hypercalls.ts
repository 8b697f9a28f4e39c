/** The vendor-specific hypervisor calls: SMCCC's range 0x86000000, by HVC #0. Reference: Arm DEN 0028, 6 (function identifier ranges). */
import { ok } from '../base/outcome.ts';
import type { Caller } from './caller.ts';
import { CHANNEL_INFO, CHANNEL_NOTIFY } from './channel-calls.ts';
import { copyFromGuest } from './guest-memory.ts';
import { ERROR, type Hypercall, hypercall, type Results, refuse } from './hypercall.ts';
import { JOB_DONE } from './job-calls.ts';
import { counter } from './machine-registers.ts';
import { MANAGEMENT_CALLS } from './management-calls.ts';

/** 7a1e9c52-4d3b-4f60-9b1a-50b7a9d6e2c4, the bytes in order, each four of them a little-endian word. */
export const UID = '7a1e9c52-4d3b-4f60-9b1a-50b7a9d6e2c4';
export const REVISION = { major: 1, minor: 0 } as const;
export const CONSOLE_WRITE_MAX = 1024;
export const SEVERITY = { INFO: 0, WARNING: 1, FATAL: 2 } as const;
const SEVERITIES = ['info', 'warning', 'fatal'] as const;

export function uidWords(): readonly number[] {
  const bytes =
    UID.replaceAll('-', '')
      .match(/../g)
      ?.map((pair) => Number.parseInt(pair, 16)) ?? [];
  const word = (i: number) => bytes.slice(4 * i, 4 * i + 4).reduceRight((value, byte) => value * 256 + byte, 0);
  return [0, 1, 2, 3].map(word);
}

const nothing = () => ok(undefined);

const CALL_COUNT = hypercall('CALL_COUNT', 0x8600ff00, {
  summary: 'how many vendor calls there are',
  args: [],
  results: ['number of vendor calls'],
  errors: [],
  check: nothing,
  commit: () => [HYPERCALLS.length],
});

const CALL_UID = hypercall('CALL_UID', 0x8600ff01, {
  summary: 'who this hypervisor is',
  args: [],
  results: ['UID, bytes 0 to 3', 'bytes 4 to 7', 'bytes 8 to 11', 'bytes 12 to 15'],
  errors: [],
  check: nothing,
  commit: uidWords,
});

const CALL_REVISION = hypercall('CALL_REVISION', 0x8600ff03, {
  summary: 'which revision of these calls it has',
  args: [],
  results: ['major', 'minor'],
  errors: [],
  check: nothing,
  commit: () => [REVISION.major, REVISION.minor],
});

const FEATURES = hypercall('FEATURES', 0x86000000, {
  summary: 'whether a vendor call exists',
  args: ['function'],
  results: ['0: it does'],
  errors: ['NOT_SUPPORTED'],
  check: (_caller, args) => (findCall(args.function) === undefined ? refuse('NOT_SUPPORTED') : ok(undefined)),
  commit: () => [0],
});

const CONSOLE_WRITE = hypercall('CONSOLE_WRITE', 0x86000001, {
  summary: 'writes to the console of the partition; may write less than asked',
  args: ['address', 'length'],
  results: ['bytes written'],
  errors: ['INVALID', 'BUSY'],
  check({ cpu, partition, services }, { address, length }) {
    if (length > CONSOLE_WRITE_MAX) return refuse('INVALID');
    const bytes = copyFromGuest(partition.tables, services.memory, address, length);
    if (bytes === undefined) return refuse('INVALID');
    const room = partition.consoleLimit.available(counter(cpu));
    return length > 0 && room === 0 ? refuse('BUSY') : ok(bytes.subarray(0, room));
  },
  commit(bytes, { cpu, partition, services }) {
    partition.consoleLimit.take(counter(cpu), bytes.length);
    for (const byte of bytes) services.put(partition, byte);
    return [bytes.length];
  },
});

const YIELD = hypercall('YIELD', 0x86000002, {
  summary: 'gives up the rest of the slice',
  args: [],
  results: ['0'],
  errors: [],
  check: nothing,
  commit(_found, { vcpu, services }) {
    services.yield(vcpu);
    return [0];
  },
});

export const PARTITION_INFO = hypercall('PARTITION_INFO', 0x86000003, {
  summary: 'what the partition is',
  args: [],
  results: ['0', 'partition id', 'vCPUs', 'channels'],
  errors: [],
  check: nothing,
  commit: (_found, { partition }) => [0, partition.config.id, partition.vcpus.length, partition.config.channels.length],
});

const HEALTH_REPORT = hypercall('HEALTH_REPORT', 0x86000020, {
  summary: 'tells the health monitor something; after a fatal report the health policy acts',
  args: ['severity', 'code'],
  results: ['0'],
  errors: ['INVALID'],
  check: (_caller, { severity, code }) => {
    const kind = SEVERITIES[severity];
    return kind === undefined ? refuse('INVALID') : ok({ kind, code });
  },
  commit({ kind, code }, caller) {
    const text = `${kind} report with code ${code}`;
    if (kind !== 'fatal') caller.services.event(caller.partition, kind, text);
    else caller.services.fault(caller, { kind: 'health report', va: 0, ipa: 0, why: () => text, violation: true });
    return [0];
  },
});

export const HYPERCALLS: readonly Hypercall[] = [
  CALL_COUNT,
  CALL_UID,
  CALL_REVISION,
  FEATURES,
  CONSOLE_WRITE,
  YIELD,
  PARTITION_INFO,
  CHANNEL_INFO,
  CHANNEL_NOTIFY,
  HEALTH_REPORT,
  JOB_DONE,
  ...MANAGEMENT_CALLS,
];

const BY_ID: ReadonlyMap<number, Hypercall> = new Map(HYPERCALLS.map((call) => [call.id, call]));
const findCall = (id: number): Hypercall | undefined => BY_ID.get(id);

/** Answers a vendor call; an id that none has is NOT_SUPPORTED. */
export function vendorCall(caller: Caller, id: number, registers: readonly [number, number, number]): Results {
  return findCall(id)?.call(caller, registers) ?? [ERROR.NOT_SUPPORTED];
}
