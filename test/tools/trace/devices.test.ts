/** Interrupts of a partition's virtio devices in a trace. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bundled } from '../../support/bundled.ts';
import { readPerfetto } from '../../support/perfetto-reader.ts';

it("shows a virtio device's interrupt from where the device raises it to its end, and leaves the state as it is", async () => {
  const { traceDisk } = await bundled<typeof import('../../support/disk-guest.ts')>('test/support/disk-guest.ts');
  const folder = mkdtempSync(join(tmpdir(), 'trace-'));
  try {
    const trace = join(folder, 'trace');
    expect(traceDisk(3_000_000, trace)).toBe(traceDisk(3_000_000));
    const events = readPerfetto(readFileSync(trace)).filter(({ track }) => track.includes('interrupt 33'));
    expect(new Set(events.map(({ track }) => track))).toEqual(new Set(['partition a > interrupt 33 (virtio block disk)']));
    const steps = events.slice(0, 4);
    expect(steps.map(({ type, name }) => `${type} ${name}`)).toEqual(['begin virtio block disk', 'begin active', 'end ', 'end ']);
    expect(steps[1]!.at).toBeGreaterThan(steps[0]!.at);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
