/**
 * What every device owes whatever it models, tested from its register map: reset restores the declared values, read-only registers ignore
 * writes, unimplemented bits read as zero, and a saved state loads into a fresh device that then behaves and saves the same.
 */
import { expect, it } from 'vitest';
import { Hash } from '../../core/base/hash.ts';
import type { State } from '../../core/base/state.ts';
import { type Clock, VirtualClock } from '../../core/bus/clock.ts';
import { type Device, NOBODY, type RegisterMap, type RegisterRow } from '../../core/bus/registers.ts';
import { DeviceWindow, type Width } from '../../core/bus/window.ts';

export interface ContractOptions {
  /** Registers whose reads are not a plain value: they take data out, or depend on time. They are exercised but not compared. */
  readonly volatile?: readonly string[];
  /** Registers left out of the random writes: they end the test's premise, for example by stopping the machine. */
  readonly untouched?: readonly string[];
  readonly seed?: number;
}

/** A small generator of repeatable numbers, each 0 … 2^32 - 1. */
export function randoms(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}

interface Place {
  readonly name: string;
  readonly row: RegisterRow;
  readonly offset: number;
  readonly width: Width;
}

function places(device: Device, leftOut: readonly string[] = []): Place[] {
  return Object.entries(device.registers).flatMap(([name, row]) => {
    if (leftOut.includes(name)) return [];
    const width = row.width ?? 4;
    return Array.from({ length: row.count ?? 1 }, (_, i) => ({ name, row, width, offset: row.at + i * (row.stride ?? width) }));
  });
}

const hashOf = (state: State): string => new Hash().plain(state).digest();

/** Declares the contract's tests, to be called within a `describe`. `make` gives a fresh device on the clock it is handed. */
export function deviceContract<M extends RegisterMap>(make: (clock: Clock) => Device<M>, options: ContractOptions = {}): void {
  const { volatile = [], untouched = [], seed = 1 } = options;
  const fresh = () => {
    const clock = new VirtualClock();
    const device = make(clock) as unknown as Device;
    return { clock, device, window: new DeviceWindow('device', device) };
  };
  /** Writes and reads at random, with time passing, so that every reachable piece of state takes part. */
  const disturb = ({ clock, device, window }: ReturnType<typeof fresh>, rounds: number, random: () => number): number[] => {
    const all = places(device, untouched);
    return Array.from({ length: rounds }, () => {
      const { offset, width } = all[random() % all.length] as Place;
      const value = random() % 3 === 0 ? random() % 32 : random();
      if (random() % 4 === 0) clock.advance(clock.now() + (random() % 100_000));
      if (random() % 3 === 0) return window.read(offset, width, NOBODY);
      window.write(offset, width, value, NOBODY);
      return 0;
    });
  };

  it('restores the declared values and the first state on reset', () => {
    const one = fresh();
    const first = hashOf(one.device.save());
    disturb(one, 400, randoms(seed));
    one.clock.reset();
    one.device.reset();
    expect(hashOf(one.device.save())).toBe(first);
    for (const { name, row, offset, width } of places(one.device, untouched)) {
      if (row.reset === undefined || row.access === 'wo' || offset !== row.at) continue;
      expect(one.window.read(offset, width, NOBODY), name).toBe(row.reset);
    }
  });

  it('ignores writes to read-only registers', () => {
    const one = fresh();
    disturb(one, 100, randoms(seed + 1));
    const before = hashOf(one.device.save());
    for (const { row, offset, width } of places(one.device)) {
      if (row.access === 'ro') for (const value of [0, 0xffffffff, 0xa5a5a5a5]) one.window.write(offset, width, value, NOBODY);
    }
    expect(hashOf(one.device.save())).toBe(before);
  });

  it('keeps unimplemented bits zero', () => {
    const one = fresh();
    const random = randoms(seed + 2);
    for (const { name, row, offset, width } of places(one.device, untouched)) {
      one.window.write(offset, width, 0xffffffff, NOBODY);
      const raw = row.access === 'wo' ? 0 : one.device.read(name as never, (offset - row.at) / (row.stride ?? width), NOBODY);
      const implemented = (row.mask ?? 0xffffffff) & (width === 4 ? -1 : (1 << (8 * width)) - 1);
      expect(raw & ~implemented, `${name} reads ${raw.toString(16)}`).toBe(0);
      disturb(one, 3, random);
    }
  });

  it('loads what it saved into a fresh device, which goes on the same', () => {
    const one = fresh();
    disturb(one, 300, randoms(seed + 3));
    const saved = one.device.save();
    const before = hashOf(saved);
    const two = fresh();
    two.clock.reset(one.clock.now());
    two.device.load(saved);
    expect(hashOf(two.device.save())).toBe(before);
    const [a, b] = [disturb(one, 200, randoms(seed + 4)), disturb(two, 200, randoms(seed + 4))];
    expect(b).toEqual(a);
    expect(hashOf(two.device.save())).toBe(hashOf(one.device.save()));
    expect(hashOf(saved), 'the saved state is its own copy').toBe(before);
  });

  it('reads back the same without being touched', () => {
    const one = fresh();
    disturb(one, 200, randoms(seed + 5));
    for (const { name, row, offset, width } of places(one.device, [...untouched, ...volatile])) {
      if (row.access !== 'wo') expect(one.window.read(offset, width, NOBODY), name).toBe(one.window.read(offset, width, NOBODY));
    }
  });
}
