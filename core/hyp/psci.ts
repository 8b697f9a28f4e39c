/** PSCI 1.1 for virtual processors, and SMCCC 1.1's own calls. Reference: Arm DEN 0022 (PSCI), 5 and table 3 (error codes); DEN 0028 (SMCCC). */
import type { Caller } from './caller.ts';
import type { Results } from './hypercall.ts';
import type { Partition } from './partition.ts';
import type { Vcpu } from './vcpu.ts';

export const PSCI_ERROR = {
  SUCCESS: 0,
  NOT_SUPPORTED: -1,
  INVALID_PARAMETERS: -2,
  DENIED: -3,
  ALREADY_ON: -4,
  ON_PENDING: -5,
  INVALID_ADDRESS: -9,
} as const;

type Registers = readonly [number, number, number];

interface FirmwareCall {
  readonly name: string;
  readonly id: number;
  readonly summary: string;
  readonly args: readonly string[];
  /** Nothing is returned by a call that does not come back. */
  call(caller: Caller, registers: Registers): Results;
}

/** Two levels of affinity: which virtual processor an MPIDR value names, with no bits set that none has. */
const find = (partition: Partition, mpidr: number): Vcpu | undefined => partition.vcpus[mpidr >>> 0];

/** Where a processor may start: memory of the partition that it may execute. */
function isEntry(partition: Partition, address: number): boolean {
  const region = partition.regionAt((address & ~1) >>> 0);
  return region !== undefined && region.kind === 'ram' && region.executable;
}

/** Waits as WFI does: every power state is one that keeps the registers, as PSCI lets an implementation choose. */
function suspend({ vcpu, services }: Caller): Results {
  services.block(vcpu);
  return [PSCI_ERROR.SUCCESS];
}

function cpuOff({ vcpu, partition, services }: Caller): Results {
  vcpu.stop();
  if (partition.vcpus.every(({ power }) => power === 'off')) services.end(partition, 'off');
  return [];
}

function cpuOn({ partition, services }: Caller, [target, entry, context]: Registers): Results {
  const vcpu = find(partition, target);
  if (vcpu === undefined) return [PSCI_ERROR.INVALID_PARAMETERS];
  if (vcpu.power === 'on') return [PSCI_ERROR.ALREADY_ON];
  if (vcpu.power === 'starting') return [PSCI_ERROR.ON_PENDING];
  if (!isEntry(partition, entry)) return [PSCI_ERROR.INVALID_ADDRESS];
  partition.vgic.startPrivate(vcpu.index);
  vcpu.start({ address: entry & ~1, thumb: (entry & 1) !== 0, registers: [context] });
  services.wake(vcpu);
  return [PSCI_ERROR.SUCCESS];
}

const AFFINITY = { on: 0, off: 1, starting: 2 } as const;

/** Level 0 is one processor. Higher levels need not be answered since PSCI 1.0. */
function affinityInfo({ partition }: Caller, [target, level]: Registers): Results {
  const vcpu = find(partition, target);
  return [level !== 0 || vcpu === undefined ? PSCI_ERROR.INVALID_PARAMETERS : AFFINITY[vcpu.power]];
}

function features(_caller: Caller, [id]: Registers): Results {
  const known = id >>> 0 === SMCCC_VERSION_ID || FIRMWARE_CALLS.some((call) => call.id === id >>> 0 && isPsci(call.id));
  return [known ? 0 : PSCI_ERROR.NOT_SUPPORTED];
}

function archFeatures(_caller: Caller, [id]: Registers): Results {
  return [FIRMWARE_CALLS.some((call) => call.id === id >>> 0 && !isPsci(call.id)) ? 0 : PSCI_ERROR.NOT_SUPPORTED];
}

function end(ending: 'off' | 'restart') {
  return ({ partition, services }: Caller): Results => {
    services.end(partition, ending);
    return [];
  };
}

const SMCCC_VERSION_ID = 0x80000000;
const isPsci = (id: number): boolean => id >= 0x84000000;

/** MIGRATE_INFO_TYPE: no Trusted OS that would have to migrate. */
const NO_TRUSTED_OS = 2;

export const FIRMWARE_CALLS: readonly FirmwareCall[] = [
  { name: 'PSCI_VERSION', id: 0x84000000, summary: '0x10001: version 1.1', args: [], call: () => [0x10001] },
  {
    name: 'PSCI_CPU_SUSPEND',
    id: 0x84000001,
    summary: 'waits for an interrupt; registers are kept whatever the power state',
    args: ['power state', 'entry point', 'context id'],
    call: suspend,
  },
  { name: 'PSCI_CPU_OFF', id: 0x84000002, summary: 'turns this vCPU off', args: [], call: cpuOff },
  {
    name: 'PSCI_CPU_ON',
    id: 0x84000003,
    summary: 'starts another vCPU at an entry point (bit 0: Thumb), R0 = context id',
    args: ['target MPIDR', 'entry point', 'context id'],
    call: cpuOn,
  },
  {
    name: 'PSCI_AFFINITY_INFO',
    id: 0x84000004,
    summary: '0 on, 1 off, 2 turned on but not yet running',
    args: ['target MPIDR', 'level (0)'],
    call: affinityInfo,
  },
  {
    name: 'PSCI_MIGRATE_INFO_TYPE',
    id: 0x84000006,
    summary: '2: there is no Trusted OS',
    args: [],
    call: () => [NO_TRUSTED_OS],
  },
  { name: 'PSCI_SYSTEM_OFF', id: 0x84000008, summary: 'turns the partition off', args: [], call: end('off') },
  { name: 'PSCI_SYSTEM_RESET', id: 0x84000009, summary: 'restarts the partition', args: [], call: end('restart') },
  { name: 'PSCI_FEATURES', id: 0x8400000a, summary: '0 if a PSCI call exists', args: ['function'], call: features },
  { name: 'SMCCC_VERSION', id: SMCCC_VERSION_ID, summary: '0x10001: version 1.1', args: [], call: () => [0x10001] },
  {
    name: 'SMCCC_ARCH_FEATURES',
    id: 0x80000001,
    summary: '0 if a call of the architecture range exists',
    args: ['function'],
    call: archFeatures,
  },
];

const BY_ID: ReadonlyMap<number, FirmwareCall> = new Map(FIRMWARE_CALLS.map((call) => [call.id, call]));

/** Answers a PSCI or SMCCC call; undefined for an id that is none. */
export const firmwareCall = (caller: Caller, id: number, registers: Registers): Results | undefined =>
  BY_ID.get(id)?.call(caller, registers);
