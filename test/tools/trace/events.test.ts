import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Filter } from '../../../tools/trace/filter.ts';
import { bundled } from '../../support/bundled.ts';
import { have } from '../../support/oracles.ts';
import { readPerfetto, type TrackEvent } from '../../support/perfetto-reader.ts';
import type { Ran } from '../../support/traced-demo.ts';

const UNTIL = 2_600_000;
const EVERYTHING: Filter = { partitions: [], causes: [], from: 0, to: Number.POSITIVE_INFINITY };

describe('the trace of the demo', () => {
  let folder: string;
  let demo: typeof import('../../support/traced-demo.ts');
  let plain: Ran;
  let traced: Ran;
  let events: readonly TrackEvent[];
  let lines: readonly string[];

  const file = (name: string) => join(folder, name);
  const filteredBy = (filter: Partial<Filter>) => {
    demo.runDemo(1_200_000, { trace: file('filtered'), filter: { ...EVERYTHING, ...filter } });
    return readPerfetto(readFileSync(file('filtered')));
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'trace-'));
    demo = await bundled('test/support/traced-demo.ts');
    plain = demo.runDemo(UNTIL);
    traced = demo.runDemo(UNTIL, { trace: file('trace'), text: file('text') });
    events = readPerfetto(readFileSync(file('trace')));
    lines = readFileSync(file('text'), 'utf8').trimEnd().split('\n');
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('leaves the state as it is without', () => {
    expect(traced.hash).toBe(plain.hash);
  });

  it('has as many exits of each partition and cause as the report', () => {
    for (const { name, exits } of traced.partitions) {
      const counts: Record<string, number> = {};
      for (const { type, track, categories } of events) {
        if (type === 'begin' && categories[0] === 'exit' && track === `partition ${name} > ${name}/0`)
          counts[categories[1]!] = (counts[categories[1]!] ?? 0) + 1;
      }
      expect(counts, name).toEqual(exits);
      for (const [cause, count] of Object.entries(exits)) {
        expect(lines.filter((line) => line.includes(` ${name}/0 exit ${cause} at `)).length, cause).toBe(count);
      }
    }
    expect(traced.partitions.map(({ exits }) => Object.keys(exits).length)).toEqual([3, 3, 9]);
  });

  it('counts the same exits by the millisecond', () => {
    for (const { name, exits } of traced.partitions) {
      const counted = events.filter(({ type, track }) => type === 'counter' && track.startsWith(`partition ${name} `));
      expect(counted.reduce((sum, { value }) => sum + value, 0)).toBe(Object.values(exits).reduce((sum, count) => sum + count));
    }
  });

  it('leads each message by a flow from its sender to the interrupt that brings it', () => {
    const sent = events.filter(({ flows }) => flows.length > 0);
    const received = events.filter(({ ends }) => ends.length > 0);
    const calls = events.filter(({ name, annotations }) => name === 'CHANNEL_NOTIFY' && annotations['result'] === '0');
    expect(sent.length).toBeGreaterThan(1);
    expect(sent.length).toBe(calls.length);
    expect(received.flatMap(({ ends }) => ends).sort((a, b) => a - b)).toEqual(sent.flatMap(({ flows }) => flows));
    for (const { at, ends, track } of received) {
      for (const flow of ends) expect(sent.find(({ flows }) => flows[0] === flow)!.at).toBeLessThanOrEqual(at);
      expect(track).toBe('partition telemetry > interrupt 48 (doorbell frames)');
    }
    expect(new Set(sent.map(({ track }) => track))).toEqual(new Set(['partition control > channel frames']));
  });

  it('closes each slice, in order of time, and nests them', () => {
    const tracks = new Map<string, { depth: number; last: number }>();
    const wrong: string[] = [];
    for (const { type, at, track } of events) {
      if (type === 'counter') continue;
      const { depth, last } = tracks.get(track) ?? { depth: 0, last: 0 };
      const now = depth + (type === 'begin' ? 1 : type === 'end' ? -1 : 0);
      if (at < last || now < 0 || now > 2) wrong.push(`${track} at ${at}`);
      tracks.set(track, { depth: now, last: at });
    }
    expect(wrong).toEqual([]);
    // Exits that are not over when the run is stay open.
    for (const [track, { depth }] of tracks) expect(depth, track).toBe(track.endsWith('/0') ? depth : 0);
  });

  it("decodes hypercalls and accesses, and shows the guest's timer from pending to its end", () => {
    const info = events.find(({ name }) => name === 'CHANNEL_INFO');
    expect(info!.annotations).toMatchObject({ channel: 0, result: '0, 0x50000000, 0x10000, 0x300001' });
    const access = events.find(({ categories }) => categories[1] === 'mmio');
    expect(access!.annotations).toMatchObject({
      device: 'virtual GIC distributor',
      address: 0x3001000,
      access: 'write of 4',
      value: 1,
    });
    const timer = events.filter(({ track }) => track.endsWith('control/0 > interrupt 27 (virtual timer)')).slice(0, 4);
    expect(timer.map(({ type, name }) => `${type} ${name}`)).toEqual(['begin virtual timer', 'begin active', 'end ', 'end ']);
    expect(timer[1]!.at).toBeGreaterThan(timer[0]!.at);
    expect(timer[2]!.at).toBeGreaterThan(timer[1]!.at);
    expect(
      lines.some((line) => /control\/0 exit hvc at 0x4000\w{4} on core0: CHANNEL_INFO\(channel = 0x00000000\) = 0, /.test(line)),
    ).toBe(true);
  });

  it("keeps one partition's records, one cause's, or those of a time", () => {
    const control = filteredBy({ partitions: ['control'] });
    expect(control.length).toBeGreaterThan(20);
    expect(
      control.filter(({ track }) => !/control/.test(track)).every(({ track, name }) => track === 'cores > core 0' || name === ''),
    ).toBe(true);
    const calls = filteredBy({ causes: ['hypercall'] }).filter(({ type }) => type === 'begin');
    expect(new Set(calls.map(({ categories }) => categories[1]))).toEqual(new Set(['hvc', 'smc']));
    const messages = filteredBy({ causes: ['message'] });
    expect(messages.filter(({ flows }) => flows.length > 0).length).toBe(1);
    expect(messages.filter(({ ends }) => ends.length > 0).length).toBe(1);
    const some = filteredBy({ from: 1_000_000, to: 1_060_000 }).filter(({ type }) => type === 'begin');
    expect(some.length).toBeGreaterThan(5);
    expect(some.every(({ at }) => at >= 1_000_000 && at < 1_060_000)).toBe(true);
  });

  it.skipIf(!have('protoc'))("is of Perfetto's schema: protoc decodes it and meets no field that it has not", () => {
    const input = readFileSync(file('trace'));
    const options = { input, encoding: 'utf8', maxBuffer: 2 ** 28 } as const;
    const text = execFileSync('protoc', ['--decode=perfetto.protos.Trace', '-Itest/tools/trace', 'perfetto.proto'], options);
    expect(text).not.toMatch(/^\s*\d+[:{ ]/m);
    expect(text.match(/track_event \{/g)!.length).toBe(events.length);
    expect(text.match(/\bflow_ids: /g)!.length).toBe(events.flatMap(({ flows }) => flows).length);
    expect(execFileSync('protoc', ['--decode_raw'], options).match(/^1 \{/gm)!.length).toBe(text.match(/^packet \{/gm)!.length);
  });
});
