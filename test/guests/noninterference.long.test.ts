/** Noninterference once more, with more garbage, and with hogs that leave to the hypervisor as often as they can. */
import { describe, expect, it } from 'vitest';
import { bundled } from '../support/bundled.ts';
import { garbage, makeHogs } from '../support/hogs.ts';
import type { Observation } from '../support/noninterference.ts';

const { observe } = await bundled<typeof import('../support/noninterference.ts')>('test/support/noninterference.ts');

const MS = 1_000_000;
const TIME = 4 * MS;
const observed = (third: Uint8Array | 'nothing', ownCore: boolean, time = TIME) =>
  observe({ third, ownCore }, [time])[0] as Observation;

describe('beside a third partition on another core, control and telemetry are the same to the bit', () => {
  const alone = observed('nothing', true);
  const long = observed('nothing', true, 50 * MS);
  it.each([...makeHogs(0)])('%s, without a pause', (_, third) => {
    const { control, telemetry } = observed(third, true);
    expect({ control, telemetry }).toEqual({ control: alone.control, telemetry: alone.telemetry });
  });
  it.each(Array.from({ length: 200 }, (_, i) => 100 + i))('garbage %i', (seed) => {
    const { control, telemetry } = observed(garbage(seed), true);
    expect({ control, telemetry }).toEqual({ control: alone.control, telemetry: alone.telemetry });
  });
  it.each([...makeHogs(1000)])('%s, for 50 ms', (_, third) => {
    const { control, telemetry } = observed(third, true, 50 * MS);
    expect({ control, telemetry }).toEqual({ control: long.control, telemetry: long.telemetry });
  });
});
