import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVERYTHING } from '../../../tools/trace/filter.ts';
import { bundled } from '../../support/bundled.ts';
import { have } from '../../support/oracles.ts';

const QUIET = 'demo-without-rogue.dts';
const CONTROL = { ...EVERYTHING, partitions: ['control'] };

describe('what the demo executes', () => {
  let folder: string;
  let demo: typeof import('../../support/traced-demo.ts');
  const file = (name: string) => join(folder, name);
  const read = (name: string) => readFileSync(file(name), 'utf8').trimEnd().split('\n');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'trace-'));
    demo = await bundled('test/support/traced-demo.ts');
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  describe('as a trace of instructions', () => {
    const UNTIL = 60_000;
    let lines: string[];
    let counts: readonly number[];

    it('leaves the state as it is without', () => {
      const { hash, instructions } = demo.runDemo(UNTIL, { instructions: file('instructions') });
      expect(hash).toBe(demo.runDemo(UNTIL).hash);
      counts = instructions;
      lines = read('instructions');
    });

    it('has a line for each that was executed, but for the stays of the hypervisor', () => {
      for (const core of [0, 1]) {
        const own = lines.filter((line) => line.includes(` cpu${core} `));
        const exits = own.filter((line) => / E (usr|svc|irq|abt|und) to hyp/.test(line)).length;
        const count = own.filter((line) => / I[TS] /.test(line)).length;
        expect(exits).toBeGreaterThan(5);
        expect(counts[core]! - count).toBeGreaterThanOrEqual(exits);
        expect(counts[core]! - count).toBeLessThan(2 * exits + 10);
      }
    });

    it('reads from memory what it wrote there, by physical address', () => {
      const memory = new Map<number, string>();
      let known = 0;
      const wrong: string[] = [];
      for (const line of lines) {
        const [, write, , pa, value] = / M(W|R)(\d) \w{8}:(\w{10}) (\w+)$/.exec(line) ?? [];
        if (write === undefined || pa === undefined || value === undefined) continue;
        const bytes = value.match(/../g)!.reverse();
        for (const [i, byte] of bytes.entries()) {
          const at = Number.parseInt(pa, 16) + i;
          // Devices and what both sides of a channel see are not memory of one partition.
          if (write === 'R' && memory.has(at) && at > 0x80000000) {
            known++;
            if (memory.get(at) !== byte) wrong.push(line);
          }
          memory.set(at, byte);
        }
      }
      expect(wrong).toEqual([]);
      expect(known).toBeGreaterThan(1000);
    });

    it('goes on behind each instruction, or branches, or takes an exception', () => {
      const own = lines.filter((line) => line.includes(' control/0 I'));
      const places = own.map((line) => / I[TS] (\w{8}):\w{10} (\w+) [AT] \w+ : (\S+)/.exec(line)!);
      const odd = places.filter(([, va, code, name], i) => {
        const next = places[i + 1]?.[1];
        const follows = next === undefined || Number.parseInt(next, 16) === Number.parseInt(va!, 16) + code!.length / 2;
        return !follows && !/^(b|bl|bx|blx|pop|ldm|ldr|hvc|str|rfe|movs|subs|wfi|mcr|mrc|add|cb)/.test(name!);
      });
      expect(odd.map(([line]) => line)).toEqual([]);
    });

    it('begins and ends when it is told to, and keeps one partition', () => {
      const filter = { ...CONTROL, from: 20_000, to: 21_000 };
      const { hash } = demo.runDemo(UNTIL, { instructions: file('some'), filter });
      expect(hash).toBe(demo.runDemo(UNTIL).hash);
      const some = read('some');
      expect(some).toEqual(lines.filter((line) => line.includes(' cpu0 ') && /^20\d\d\d ns/.test(line)));
    });
  });

  describe('as coverage', () => {
    it('leaves the state as it is without, counts lines and functions, and tells those that were not executed', () => {
      const { hash } = demo.runDemo(4_500_000, { coverage: file('lcov'), filter: CONTROL }, QUIET);
      expect(hash).toBe(demo.runDemo(4_500_000, {}, QUIET).hash);
      const records = readFileSync(file('lcov'), 'utf8').split('end_of_record\n');
      const main = records.find((record) => record.includes('TN:control') && record.includes('control/main.c'))!;
      // One interrupt a millisecond; a function of the last report that comes later.
      expect(main).toMatch(/^FNDA:4,timer_interrupt$/m);
      expect(main).toMatch(/^FNDA:1,main$/m);
      expect(main).toMatch(/^FNDA:0,mean_ns/m);
      const source = readFileSync('guests/control/main.c', 'utf8').split('\n');
      const line = (text: string) => 1 + source.findIndex((one) => one.includes(text));
      expect(main).toMatch(new RegExp(`^DA:${line('void timer_interrupt(')},4$`, 'm'));
      expect(main).toMatch(new RegExp(`^DA:${line('mean_ns(')},0$`, 'm'));
      expect(main).not.toMatch(new RegExp(`^DA:${line('#include')},`, 'm'));
    });

    it.skipIf(!have('genhtml'))("is accepted by lcov's genhtml", () => {
      mkdirSync(file('html'));
      const told = execFileSync('genhtml', ['-o', file('html'), file('lcov')], { encoding: 'utf8', stdio: 'pipe' });
      expect(told).toMatch(/lines\.+: [1-9]\d\.\d% \(\d+ of \d+ lines\)/);
      expect(told).toMatch(/functions\.+: [1-9]\d\.\d% \(\d+ of \d+ functions\)/);
    });
  });

  describe('as a profile', () => {
    it('leaves the state as it is without, and samples as many instructions as there were', () => {
      const until = 3_000_000;
      const { hash, partitions } = demo.runDemo(until, { profile: file('profile') }, QUIET);
      expect(hash).toBe(demo.runDemo(until, {}, QUIET).hash);
      const again = read('profile');
      demo.runDemo(until, { profile: file('profile') }, QUIET);
      expect(read('profile')).toEqual(again);
      for (const { name, instructions } of partitions) {
        const samples = again.filter((line) => line.startsWith(`${name};`)).map((line) => Number(line.split(' ').at(-1)));
        const sampled = 997 * samples.reduce((sum, count) => sum + count, 0);
        expect(Math.abs(sampled - instructions)).toBeLessThan(997 + 0.02 * instructions);
      }
    });

    it('names the functions that were called, by whom', () => {
      const stacks = read('profile').map((line) => line.replace(/ \d+$/, ''));
      expect(stacks).toContain('control;_start;main;ring_write;crc32');
      expect(stacks).toContain('telemetry;_start;main;ring_read;crc32');
      expect(stacks.every((stack) => /^[^; ]+(;[^; ]+)+$/.test(stack))).toBe(true);
    });
  });
});
