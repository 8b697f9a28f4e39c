/** What partitions, interrupts and calls are called in a trace. */
import type { HypervisorConfig } from '../../core/hyp/config.ts';
import { ERROR } from '../../core/hyp/hypercall.ts';
import { HYPERCALLS } from '../../core/hyp/hypercalls.ts';
import { FIRMWARE_CALLS, PSCI_ERROR } from '../../core/hyp/psci.ts';
import type { Interrupt, Who } from './record.ts';

export interface Names {
  readonly partitions: readonly string[];
  who(who: Who): string;
  interrupt(interrupt: Interrupt): string;
}

const PRIVATE: Readonly<Record<number, string>> = {
  25: 'GIC maintenance',
  26: 'Hyp timer',
  27: 'virtual timer',
  29: 'secure timer',
  30: 'physical timer',
};

const privateName = (id: number): string => (id < 16 ? `SGI ${id}` : (PRIVATE[id] ?? `PPI ${id - 16}`));

const PRIVATE_NAMES = Array.from({ length: 32 }, (_, id) => privateName(id));

/** The names of a system of partitions. */
export function systemNames(config: HypervisorConfig): Names {
  const partitions = config.partitions.map(({ name }) => name);
  const who = config.partitions.map(({ name, vcpus }) => vcpus.map((_, vcpu) => `${name}/${vcpu}`));
  const shared = config.partitions.map(({ console, channels, interrupts, devices = [], pci }) => {
    const names = new Map<number, string>();
    for (const { virtual, physical } of interrupts) names.set(virtual, `SPI ${physical - 32}`);
    for (const { doorbell, name } of channels) if (doorbell !== 0) names.set(doorbell, `doorbell ${name}`);
    for (const { irq, name } of devices) names.set(irq, name);
    for (const { irq, link } of pci?.functions ?? []) names.set(irq, `ivshmem ${config.links?.[link]?.name ?? link}`);
    if (console !== undefined) names.set(console.irq, 'console');
    return names;
  });
  return {
    partitions,
    who: ({ partition, vcpu }) => who[partition]?.[vcpu] ?? `${partition}/${vcpu}`,
    interrupt: ({ partition, id }) =>
      id < 32 ? (PRIVATE_NAMES[id] as string) : (shared[partition]?.get(id) ?? `SPI ${id - 32}`),
  };
}

/** The names of a bare machine, whose cores are its processors. */
export const bareNames: Names = {
  partitions: ['machine'],
  who: ({ vcpu }) => `core ${vcpu}`,
  interrupt: ({ id }) => (id < 32 ? (PRIVATE_NAMES[id] as string) : `SPI ${id - 32}`),
};

const CALLS = new Map([...FIRMWARE_CALLS, ...HYPERCALLS].map((call) => [call.id, call]));

export interface CallText {
  readonly name: string;
  /** Arguments by their names. */
  readonly args: readonly (readonly [string, number])[];
  readonly result: string;
}

/** A call by its name, with the arguments that it has. */
export function callText(id: number, args: readonly number[], results: readonly number[]): CallText {
  const call = CALLS.get(id);
  const named = (call?.args ?? ['R1', 'R2', 'R3']).map((name, i) => [name, args[i] ?? 0] as const);
  return { name: call?.name ?? `unknown call 0x${id.toString(16)}`, args: named, result: resultText(id, results) };
}

function resultText(id: number, results: readonly number[]): string {
  const [first] = results;
  if (first === undefined) return 'does not return';
  const errors: Readonly<Record<string, number>> = id >= 0x86000000 ? ERROR : PSCI_ERROR;
  const error = first < 0 ? Object.entries(errors).find(([, value]) => value === first)?.[0] : undefined;
  return error ?? results.map((value) => (value < 10 && value > -10 ? `${value}` : `0x${(value >>> 0).toString(16)}`)).join(', ');
}
