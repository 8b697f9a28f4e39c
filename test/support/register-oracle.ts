/** Compares a device with QEMU's: the same random register accesses on both, every value read compared, the interrupt line too. */
import { expect } from 'vitest';
import { type Device, NOBODY, type RegisterMap } from '../../core/bus/registers.ts';
import { DeviceWindow, type Width } from '../../core/bus/window.ts';
import { type RegisterAccess, replayInQemu } from './qemu-registers.ts';

export interface Step {
  readonly name: string;
  readonly offset: number;
  readonly width: Width;
  readonly write?: number;
}

/** A place where we differ on purpose. A deviation that no longer shows fails the test, so that the list stays true. */
export interface Deviation {
  readonly register: string;
  /** Bits that may differ; all if absent. */
  readonly bits?: number;
  readonly why: string;
}

export interface Oracle {
  readonly machine: 'virt' | 'vexpress-a15';
  readonly base: number;
  /** More of QEMU's command line, a device for example. */
  readonly options?: readonly string[];
  /** The device's interrupt number, and its level here: compared after every write with what QEMU's distributor has pending. */
  readonly interrupts?: readonly { readonly intid: number; level(): boolean }[];
  readonly deviations?: readonly Deviation[];
}

const DISTRIBUTOR = { virt: 0x0800_0000, 'vexpress-a15': 0x2c00_1000 } as const;
const ISPENDR = 0x200;

/** Random accesses to the registers of a map; `shape` may change a value to be written, or leave the access out by undefined. */
export function randomSteps(
  map: RegisterMap,
  random: () => number,
  count: number,
  shape: (name: string, value: number) => number | undefined = (_, value) => value,
): Step[] {
  const places = Object.entries(map).flatMap(([name, row]) =>
    Array.from({ length: row.count ?? 1 }, (_, i) => ({
      name,
      width: row.width ?? 4,
      offset: row.at + i * (row.stride ?? row.width ?? 4),
    })),
  );
  const steps: Step[] = [];
  while (steps.length < count) {
    const place = places[random() % places.length] as (typeof places)[number];
    const value = random() % 2 === 0 ? 1 << (random() % 32) : random();
    const write = random() % 2 === 0;
    const shaped = shape(place.name, value >>> 0);
    if (shaped !== undefined) steps.push(write ? { ...place, write: shaped >>> 0 } : place);
  }
  return steps;
}

/** Runs the steps on both and expects equal values. Returns the number of values compared. */
export function compareWithQemu<M extends RegisterMap>(oracle: Oracle, device: Device<M>, steps: readonly Step[]): number {
  const { machine, base, options = [], interrupts = [], deviations = [] } = oracle;
  const window = new DeviceWindow('device', device);
  const accesses: RegisterAccess[] = [];
  const ours: { step: Step; after: number; value: number; mask: number; what: string }[] = [];
  for (const [after, step] of steps.entries()) {
    const { offset, width, write } = step;
    accesses.push({ address: base + offset, width, ...(write === undefined ? {} : { write }) });
    if (write === undefined) {
      ours.push({ step, after, value: window.read(offset, width, NOBODY), mask: -1, what: step.name });
      continue;
    }
    window.write(offset, width, write, NOBODY);
    ours.push({ step, after, value: 0, mask: -1, what: step.name });
    for (const { intid, level } of interrupts) {
      accesses.push({ address: DISTRIBUTOR[machine] + ISPENDR + 4 * (intid >>> 5), width: 4 });
      ours.push({ step, after, value: level() ? 1 << (intid & 31) : 0, mask: 1 << (intid & 31), what: 'irq' });
    }
  }
  const seen = new Set<Deviation>();
  const theirs = replayInQemu(['-M', machine, ...options], accesses);
  const different = ours.flatMap(({ step, after, value, mask, what }, i) => {
    const bits = (value ^ (theirs[i] as number)) & mask;
    const known = deviations.find(({ register, bits: may = -1 }) => register === what && (bits & ~may) === 0);
    if (bits !== 0 && known !== undefined) seen.add(known);
    if (bits === 0 || known !== undefined) return [];
    const access = step.write === undefined ? 'read' : `write ${step.write.toString(16)}`;
    return [`${after}: ${step.name} ${access}: ${what} ${(value >>> 0).toString(16)}, in QEMU ${theirs[i]?.toString(16)}`];
  });
  expect(different.slice(0, 20)).toEqual([]);
  expect(deviations.filter((deviation) => !seen.has(deviation))).toEqual([]);
  return accesses.length;
}
