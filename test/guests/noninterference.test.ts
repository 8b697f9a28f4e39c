/**
 * Noninterference: control and telemetry must not notice what a third partition does, be it nothing, an attacker or garbage. On cores of their
 * own they are the same to the bit and the nanosecond; where telemetry shares its core it may be later, and nothing else.
 */
import { describe, expect, it } from 'vitest';
import { bundled } from '../support/bundled.ts';
import { garbage, makeHogs } from '../support/hogs.ts';
import type { Observation } from '../support/noninterference.ts';

const { observe } = await bundled<typeof import('../support/noninterference.ts')>('test/support/noninterference.ts');

const MS = 1_000_000;
const TIME = 4 * MS;
/** Hogs that leave to the hypervisor at every few instructions cost the host most; the long test leaves them no pause. */
const PAUSE = 100;
const FAULTS_KEPT = 256;

const alone = observe({ third: 'nothing', ownCore: true }, [TIME])[0] as Observation;
const shared = observe({ third: 'nothing' }, [TIME])[0] as Observation;
const thirds: [string, Uint8Array | undefined][] = [
  ['rogue', undefined],
  ...makeHogs(PAUSE),
  ...Array.from({ length: 10 }, (_, seed): [string, Uint8Array] => [`garbage ${seed}`, garbage(seed)]),
];

function look(third: Uint8Array | undefined, ownCore: boolean): Observation {
  return observe(third === undefined ? { ownCore } : { third, ownCore }, [TIME])[0] as Observation;
}

describe('beside a third partition', () => {
  it('there is something to disturb', () => {
    expect(alone.frames).toEqual({ written: 3, taken: 3, bad: 0 });
    expect(alone.control.console).toContain('control: channel');
    expect(shared.control).toEqual(alone.control);
  });

  it.each(thirds)('on another core, control and telemetry are the same to the bit: %s', (_, third) => {
    const { control, telemetry, frames } = look(third, true);
    expect(control).toEqual(alone.control);
    expect(telemetry).toEqual(alone.telemetry);
    expect(frames).toEqual(alone.frames);
  });

  it.each(thirds)('on the core of telemetry, control is the same and no frame is lost: %s', (_, third) => {
    const { control, telemetry, frames, held } = look(third, false);
    expect(control).toEqual(shared.control);
    expect(telemetry.console).toBe(shared.telemetry.console);
    expect(telemetry.faultCount).toBe(0);
    expect(frames).toEqual(shared.frames);
    expect(held.faults).toBeLessThanOrEqual(FAULTS_KEPT);
    expect(held.strays).toBe(0);
    expect(held.console).toBeLessThan(64 * 1024);
  });
});
