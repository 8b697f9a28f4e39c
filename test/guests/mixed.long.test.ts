/**
 * Mixed criticality with Debian's kernel: boards/virt/mixed.dts, traced from its start to its end. What control feels of the others, who had how much of
 * the cores, what the trace says, how Linux manages, and gdb in Linux and in control at once.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundled } from '../support/bundled.ts';
import { debugged } from '../support/gdb.ts';
import { kernelSymbols } from '../support/kernel-symbols.ts';
import { haveLinux } from '../support/linux.ts';
import type { Mark, MixedRun } from '../support/mixed-system.ts';
import { have } from '../support/oracles.ts';
import { readPerfetto, type TrackEvent } from '../support/perfetto-reader.ts';
import { Program } from '../tools/cli/program.ts';

/** Both kernels boot meanwhile. */
const [EARLY, BOOTS] = [60_000_000, 150_000_000];
const MEASURED = 100_000_000;
const MOUNT =
  'for m in virtio_mmio 9pnet_virtio 9p; do modprobe $m; done 2>/dev/null; mount -t 9p -o trans=virtio guests /mnt; cp /mnt/manage.elf /bin/manage';
const BUSY = 'for i in 1 2; do (while :; do :; done) & done; echo busy';
const IDLE = 'kill %1 %2';
const FUNCTIONS = ['kernel_init', 'run_init_process', 'do_execveat_common'];
const SYMBOLS = `grep -E " (${FUNCTIONS.join('|')})(\\.[a-z0-9.]+)?$" /proc/kallsyms`;
/** Of these the echo may be cut in two. */
const TYPED_BEFORE = [MOUNT, BUSY, IDLE].length;
const ANSWER = /^(?!manage [a-z 0-9]+; echo|\[\d\]|$)/;
const manage = (verb: string, i: number) => `manage ${verb}; echo status $? ${i}`;
const VERBS = ['list', 'pause rogue', 'pause rogue', 'inspect rogue', 'resume rogue', 'restart rogue', 'stop rogue', 'list'];
const MORE = ['resume rogue', 'restart 4', 'pause linux', 'stop 7', 'sing'];
const LINUX = [SYMBOLS, ...[...VERBS, ...MORE].map(manage)];
const OFFICE = ['list', 'stop rogue', 'inspect 1', 'info'].map(manage);

const named = ({ partitions }: Mark, name: string) => partitions.find((one) => one.name === name)!;
/** How late control's timer was for it, in virtual nanoseconds. */
const lateness = (mark: Mark) => {
  const [{ timer, lateTimer, windows }] = named(mark, 'control').vcpus as [Mark['partitions'][number]['vcpus'][number]];
  return { least: timer.minNs, most: timer.maxNs, due: lateTimer.count, entered: [windows.minNs, windows.maxNs] };
};
const jitter = (run: MixedRun) => run.consoles['control']?.match(/woken at most \d+ ns late/g)?.at(-1);

describe.skipIf(!haveLinux())('Linux, a second one and rogue beside control', () => {
  let folder: string;
  let trace: string;
  let runMixed: typeof import('../support/mixed-system.ts').runMixed;
  let describedMixed: typeof import('../support/mixed-system.ts').describedMixed;
  let loaded: MixedRun;
  let [early, booted, before, after, done]: Mark[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mixed-'));
    trace = join(folder, 'mixed.pftrace');
    ({ runMixed, describedMixed } = await bundled<typeof import('../support/mixed-system.ts')>('test/support/mixed-system.ts'));
    const phases = [
      { lasts: EARLY, hash: true },
      { lasts: BOOTS - EARLY, hash: true },
      { scripts: { linux: [MOUNT], office: [MOUNT] } },
      { scripts: { linux: [BUSY], office: [BUSY] } },
      { lasts: MEASURED },
      { scripts: { linux: [IDLE, ...LINUX], office: [IDLE, ...OFFICE] } },
    ];
    loaded = runMixed('mixed.dts', phases, trace);
    [early, booted, , before, after, done] = loaded.marks as Mark[];
  }, 400_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What the last commands of all that were typed printed, without what the shell says of its jobs. */
  const answersIn = (name: string, commands: readonly string[]): string[][] => {
    const text = (loaded.consoles[name] ?? '').replaceAll('\r', '').replaceAll('\x1b[6n', '');
    const parts = text.split(/^\/ # /m).slice(TYPED_BEFORE + 1);
    return commands.map((_, i) => (parts[i] ?? '').split('\n').filter((line) => ANSWER.test(line)));
  };

  describe('under the cyclic schedule', () => {
    it('cost control not a nanosecond', () => {
      const alone = runMixed('mixed-alone.dts', [{ lasts: done!.time }]);
      expect(lateness(done!)).toEqual(lateness(alone.marks[0]!));
      expect(lateness(done!)).toMatchObject({ due: 0, entered: [0, 0] });
      expect(lateness(done!).most).toBe(lateness(done!).least);
      expect(jitter(loaded)).toBe(jitter(alone) ?? 'never told');
    });

    // Rogue begins anew now and then, and misses a window each time.
    it('have what they asked of the cores, within a percent', () => {
      const passed = after!.time - before!.time;
      const of = (mark: Mark, name: string, i: number) => named(mark, name).vcpus[i]!.ranNs;
      for (const [name, i] of [
        ['linux', 0],
        ['linux', 1],
        ['office', 0],
      ] as const) {
        const asked = named(after!, name).vcpus[i]!.asked!;
        const had = (of(after!, name, i) - of(before!, name, i)) / passed;
        expect(Math.abs(had / asked - 1), `${name}/${i}: ${had} of ${asked}`).toBeLessThan(0.01);
      }
    });

    it('take turns that control waits for, if the schedule is round robin, and the report says so', { timeout: 100_000 }, () => {
      const { marks } = runMixed('mixed-round-robin.dts', [{ lasts: 2 * EARLY }]);
      const { timer, lateTimer } = named(marks[0]!, 'control').vcpus[0]!;
      expect(lateTimer.count).toBeGreaterThan(10);
      expect(Math.max(timer.maxNs, lateTimer.maxNs)).toBeGreaterThan(100_000);
    });
  });

  describe('in the trace', () => {
    let events: readonly TrackEvent[];
    beforeAll(() => {
      events = readPerfetto(readFileSync(trace));
    }, 100_000);

    it('change nothing', { timeout: 100_000 }, () => {
      expect(runMixed('mixed.dts', [{ lasts: EARLY, hash: true }]).marks[0]!.hash).toBe(early!.hash);
    });

    it('have the exits that the report counts', () => {
      const counts = new Map<string, number>();
      for (const { type, track, categories } of events) {
        if (type !== 'begin' || categories[0] !== 'exit') continue;
        const key = `${track.split(' > ')[0]} ${categories[1]}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      const reported = done!.partitions.flatMap(({ name, exits }) =>
        Object.entries(exits).map(([cause, count]): [string, number] => [`partition ${name} ${cause}`, count]),
      );
      expect(new Map([...counts].sort())).toEqual(new Map(reported.filter(([, count]) => count > 0).sort()));
    });

    it('have a flow for each message', () => {
      const [flows, ends] = [events.flatMap((one) => one.flows), events.flatMap((one) => one.ends)];
      expect(flows.length).toBeGreaterThan(100);
      expect(new Set(flows).size).toBe(flows.length);
      expect(ends.sort((a, b) => a - b)).toEqual(flows.sort((a, b) => a - b));
    });

    it('have the interrupts of virtio devices from pending to their end', () => {
      const device = events.filter(({ track }) => /^partition linux > interrupt \d+ \(virtio/.test(track));
      const [first, second, third, fourth] = device;
      expect(device.length).toBeGreaterThan(20);
      expect([first, second, third, fourth].map((one) => one!.type)).toEqual(['begin', 'begin', 'end', 'end']);
      expect(second).toMatchObject({ name: 'active' });
      expect(second!.at).toBeGreaterThan(first!.at);
    });

    it.skipIf(!have('protoc'))('are decoded by protoc', { timeout: 100_000 }, () => {
      const decoded = spawnSync('sh', ['-c', `protoc --decode_raw < '${trace}' | grep -c '^1 {'`], { encoding: 'utf8' });
      expect(decoded.stderr).toBe('');
      expect(Number(decoded.stdout)).toBeGreaterThan(events.length);
    });
  });

  describe('by the management page', () => {
    it('list, pause, inspect and resume; what makes no sense is refused', () => {
      const [, list, pause, again, inspect, resume] = answersIn('linux', LINUX);
      expect(list?.map((line) => line.replace(/ran \d+ ns, \d+ restarts, \d+ faults/, '…'))).toEqual([
        '0 control running, 1 vCPU, …',
        '1 telemetry running, 1 vCPU, …',
        '2 linux running, 2 vCPU, …',
        '3 office running, 1 vCPU, …',
        '4 rogue running, 1 vCPU, …',
        'status 0 0',
      ]);
      expect(pause).toEqual(['manage: pause rogue: done', 'status 0 1']);
      expect(again).toEqual(['manage: pause: it is not in a state for that, or it is this partition itself', 'status 1 2']);
      expect(inspect?.join('\n')).toMatch(/^r0 [0-9a-f]{8} {2}r1 [\s\S]* pc [0-9a-f]{8} {2}cpsr [\s\S]*\nstatus 0 3$/);
      expect(resume).toEqual(['manage: resume rogue: done', 'status 0 4']);
    });

    it('restart, stop and bring back', () => {
      const [restart, stop, list, resume, back, self, nobody, nonsense] = answersIn('linux', LINUX).slice(6);
      expect(restart).toEqual(['manage: restart rogue: done', 'status 0 5']);
      expect(stop).toEqual(['manage: stop rogue: done', 'status 0 6']);
      expect(list?.[4]).toMatch(/^4 rogue stopped, /);
      expect(resume?.at(-1)).toBe('status 1 8');
      expect(back).toEqual(['manage: restart 4: done', 'status 0 9']);
      expect(self?.at(-1)).toBe('status 1 10');
      expect(nobody).toEqual(['manage: stop: there is no such partition or vCPU', 'status 1 11']);
      expect(nonsense?.at(-1)).toBe('status 2 12');
      const managed = named(done!, 'rogue').events.filter(({ kind }) => kind === 'managed');
      expect(managed.map(({ text }) => text)).toEqual(
        ['pause', 'resume', 'restart', 'stop', 'restart'].map((verb) => `${verb} by "linux"`),
      );
    });

    it('are refused without the right, and the attempts are in the report', () => {
      const refused = ['list', 'stop', 'inspect'].map((verb, i) => [
        `manage: ${verb}: this partition has not the right to manage others (partita,management)`,
        `status 1 ${i}`,
      ]);
      expect(answersIn('office', OFFICE)).toEqual([...refused, ['partition 3, 1 vCPU, 0 channels', 'status 0 3']]);
      const denied = named(done!, 'office').events.filter(({ kind }) => kind === 'denied');
      expect(denied.map(({ text }) => text)).toContain('MANAGE_COUNT without the right to manage');
    });
  });

  it.skipIf(!(have('gdb-multiarch') && have('arm-none-eabi-gcc')))(
    'are stopped by gdb at a symbol of the kernel and at one of control, in one session that leaves no trace',
    { timeout: 200_000 },
    async () => {
      const program = await Program.build();
      try {
        const symbols = kernelSymbols(program.folder, answersIn('linux', [SYMBOLS])[0] ?? []);
        program.file('mixed.dts', describedMixed('boards/virt/mixed.dts'));
        const script = [
          'partition 2 guests/control/control.elf',
          `add-inferior -exec ${symbols}`,
          'inferior 3',
          'attach 4',
          'tbreak kernel_init',
          'continue',
          'printf "kernel mode %x at %x\\n", $cpsr & 31, $pc',
          'inferior 2',
          'tbreak hyp_channel_notify',
          'continue',
          'backtrace',
          'inferior 3',
          'backtrace 1',
          'eval "monitor translate %#x", $pc',
        ];
        const SYSTEM = ['run', 'mixed.dts', '--for', `${BOOTS}ns`];
        const session = await debugged(program, SYSTEM, [...script, 'detach inferiors 2 3']);
        expect(session.output).toMatch(/Thread 3\.\d "linux.*" hit Temporary breakpoint 1, 0xc[0-9a-f]+ in kernel_init \(\)/);
        expect(session.output).toMatch(/kernel mode 13 at c[0-9a-f]{7}/);
        expect(session.output).toMatch(
          /Thread 2\.1 "control" hit Temporary breakpoint 2, .*hyp_channel_notify[\s\S]*\n#1 .* in work \(\)/,
        );
        expect(session.output).toMatch(/VA 0xc[0-9a-f]{7} → IPA 0x4[0-9a-f]{7} → PA 0x4[0-9a-f]{7}/);
        expect(session.stateHash).toBe(booted!.hash);
      } finally {
        program.remove();
      }
    },
  );
});
