/** Partitions that manage others, and such that may not. */
import { describe, expect, it } from 'vitest';
import { inspect, STATUS_BYTES, STATUS_WORDS } from '../../../core/hyp/inspection.ts';
import { ManagementPage } from '../../../core/hyp/management-page.ts';
import { Vcpu } from '../../../core/hyp/vcpu.ts';
import { bundled } from '../../support/bundled.ts';
import { guest, RESULTS, result } from './guest.ts';
import { GUEST_RAM, type PartitionOptions } from './system.ts';

const { makeSystem } = await bundled<typeof import('./system.ts')>('test/core/hyp/system.ts');
const { startOn } = await bundled<typeof import('../../support/jit-demo.ts')>('test/support/jit-demo.ts');

const [COUNT, STATUS, INSPECT, PAUSE, RESUME, RESTART, STOP, JOB_DONE] = [
  0x86000040, 0x86000041, 0x86000042, 0x86000043, 0x86000044, 0x86000045, 0x86000046, 0x86000021,
] as const;
/** PARTITION_INFO. */
const INFO = 0x86000003;
const [DENIED, INVALID, NO_ENTRY] = [-3, -2, -4];
const BUFFER = GUEST_RAM + 0x20000;

/** Counts without end at the start of its results. */
const busy: PartitionOptions = guest((a) => {
  a.mov(4, 0).label('count').add(4, 4, 1).str(4, 10).b('count');
});

/** Makes calls, some time apart, and keeps what each returns. */
const caller = (calls: readonly (readonly number[])[], more: PartitionOptions = {}): PartitionOptions => ({
  ...guest((a) => {
    for (const [i, [id, ...args]] of calls.entries()) {
      a.call(id as number, ...args);
      result(a);
      a.mov(5, 20_000).label(`wait${i}`).subs(5, 5, 1).bne(`wait${i}`);
    }
  }),
  ...more,
});

const results = (system: ReturnType<typeof makeSystem>, id: number, count: number) =>
  Array.from({ length: count }, (_, i) => (system.peek(id, RESULTS + 4 * i) ?? 0) | 0);

describe('a partition with the right to manage', () => {
  it('puts another through every verb, as the guest of the project checks', () => {
    const { machine, hypervisor } = startOn('jit', 'boards/vexpress-a15/managed.dts');
    machine.run(40_000_000);
    const text = (name: string) => machine.consoles.get(name)?.text() ?? '';
    expect(text('manager')).toMatch(/^manager: 0 worker running, 1 vCPU, 0 restarts, 0 faults$/m);
    expect(text('manager').trimEnd().split('\n').at(-1)).toBe('manager: 15 checks, 0 failures');
    const [worker, manager, outsider] = hypervisor.report();
    expect(worker).toMatchObject({ state: 'running', restarts: 2 });
    expect(worker?.events.map(({ kind, text: what }) => `${kind}: ${what}`)).toEqual([
      'managed: pause by "manager"',
      'managed: resume by "manager"',
      'managed: restart by "manager"',
      'restart: restart 1',
      'managed: stop by "manager"',
      'stop: the partition was stopped',
      'managed: restart by "manager"',
      'restart: restart 2',
    ]);
    expect(manager?.jobs).toMatchObject([{ job: 0, count: 1 }]);
    expect(manager?.jobs[0]?.maxNs).toBeGreaterThan(10_000_000);
    expect(text('outsider')).toBe('manager: refused, error -3; a pause: error -3\n');
    expect(outsider?.events.map(({ kind, text: what }) => `${kind}: ${what}`)).toEqual([
      'denied: MANAGE_COUNT without the right to manage',
      'denied: MANAGE_PAUSE of partition 0 without the right to manage',
      'off: the partition turned itself off',
    ]);
  });

  it('is told what is wrong with a call', () => {
    const calls = [
      [COUNT],
      [RESUME, 1],
      [PAUSE, 0],
      [PAUSE, 7],
      [STATUS, 1, BUFFER, STATUS_BYTES - 1],
      [STATUS, 1, 0x7000_0000, STATUS_BYTES],
      [INSPECT, 1, 3, BUFFER],
      [STATUS, 1, BUFFER, STATUS_BYTES],
      [JOB_DONE, 16, 0, 0],
      [JOB_DONE, 3, -1, -1],
    ];
    const system = makeSystem({ cores: 2, partitions: [caller(calls, { management: true }), { ...busy, vcpus: [{ core: 1 }] }] });
    system.run(1_000_000);
    expect(results(system, 0, 10)).toEqual([
      0,
      INVALID,
      INVALID,
      NO_ENTRY,
      INVALID,
      INVALID,
      NO_ENTRY,
      STATUS_BYTES,
      INVALID,
      INVALID,
    ]);
    expect(system.peek(0, 0x20000 + 4 * STATUS_WORDS.indexOf('state'))).toBe(0);
    expect(system.peek(0, 0x20000 + 4 * STATUS_WORDS.length)).toBe(0x3170); // "p1"
  });

  it('pauses a guest of its own core and of another, whose time goes on', () => {
    const calls = [[COUNT], [COUNT], [COUNT], [PAUSE, 1], [PAUSE, 2], [COUNT], [COUNT], [COUNT], [RESUME, 1]];
    const manager = caller(calls, { management: true });
    const others = [1, 0].map((core) => ({ ...busy, vcpus: [{ core }] }));
    const system = makeSystem({ cores: 2, partitions: [manager, ...others] });
    const counts = () => [1, 2].map((id) => system.peek(id, RESULTS) ?? 0);
    const states = () => [1, 2].map((id) => system.report(id).state);
    system.run(300_000);
    const [first, second] = counts() as [number, number];
    expect([first > 1000, second > 1000, ...states()]).toEqual([true, true, 'paused', 'paused']);
    system.run(50_000);
    expect(counts()).toEqual([first, second]);
    system.run(300_000);
    expect(states()).toEqual(['running', 'paused']);
    expect(counts()[0]).toBeGreaterThan(first);
    expect(counts()[1]).toBe(second);
  });
});

describe('a partition without the right', () => {
  it('is refused every call, leaves nothing but the report of it, and a flood of attempts does not fill the host', () => {
    const system = makeSystem({
      partitions: [
        caller([
          [COUNT],
          [STATUS, 1, BUFFER, 80],
          [INSPECT, 1, 0, BUFFER],
          [PAUSE, 1],
          [RESUME, 1],
          [RESTART, 1],
          [STOP, 1],
          [STOP, 99],
        ]),
        busy,
        guest((a) => a.label('flood').call(PAUSE, 1).b('flood')),
      ],
    });
    system.run(1_500_000);
    expect(results(system, 0, 8)).toEqual(Array(8).fill(DENIED));
    expect(system.report(0).events.filter(({ kind }) => kind === 'denied')).toHaveLength(8);
    expect(system.report(1)).toMatchObject({ state: 'running', restarts: 0, events: [] });
    expect(system.report(2).events.length).toBe(256);
    expect(system.peek(0, 0x20000)).toBe(0);
  });
});

describe('health policies', () => {
  const crash = guest((a) => a.call(0x86000020, 2, 7).label('stay').b('stay'));
  const withPolicy = (onFault: 'log' | 'restart' | 'stop', maxRestarts: number) => {
    const system = makeSystem({ partitions: [{ ...crash, health: { onFault, maxRestarts } }] });
    system.run(4_000_000);
    return system.report(0);
  };

  it('restart up to their limit and then stop, stop at once, or let it go on, and the report shows it', () => {
    expect(withPolicy('restart', 2)).toMatchObject({
      state: 'stopped',
      restarts: 2,
      health: { onFault: 'restart', maxRestarts: 2, recoveries: 2 },
    });
    expect(withPolicy('stop', 2)).toMatchObject({ state: 'stopped', restarts: 0, health: { onFault: 'stop', recoveries: 0 } });
    expect(withPolicy('log', 2)).toMatchObject({
      state: 'running',
      restarts: 0,
      faultCount: 1,
      health: { onFault: 'log', recoveries: 0 },
    });
  });
});

describe('limits', () => {
  const storm = guest((a) => a.label('storm').call(0x8600ff00).b('storm'));

  it('hold a guest that leaves too often, and are met within 1 %', () => {
    const limits = { exits: { burst: 10, intervalNs: 10_000 } };
    const system = makeSystem({ partitions: [{ ...storm, limits }] });
    system.run(20_000_000);
    const [limit] = system.report(0).limits.filter(({ what }) => what === 'exits');
    expect(limit).toMatchObject({ burst: 10, askedPerSecond: 100_000 });
    expect(Math.abs((limit?.perSecond ?? 0) - 100_000)).toBeLessThan(1000);
    expect(system.report(0).exits['hvc']).toBeLessThan(2030);
  });

  it('of the console are those of the description', () => {
    const limits = { console: { burst: 100, intervalNs: 20_000 } };
    const flood = guest((a) =>
      a.label('flood').call(0x86000001, GUEST_RAM, 1).mov(5, 500).label('rest').subs(5, 5, 1).bne('rest').b('flood'),
    );
    const system = makeSystem({ partitions: [{ ...flood, limits }] });
    system.run(10_000_000);
    const [limit] = system.report(0).limits;
    expect(limit).toMatchObject({ what: 'console', burst: 100, askedPerSecond: 50_000 });
    expect(Math.abs((limit?.perSecond ?? 0) - 50_000)).toBeLessThan(500);
    expect(system.output[0]?.length).toBe(limit?.used);
  });
});

describe('an inspection', () => {
  it('has SP and LR of the mode that the guest is in', () => {
    const vcpu = new Vcpu(0, 0, 0);
    vcpu.start({ address: 0x40001000, thumb: false, registers: [1, 2, 3] });
    const words = new Int32Array(inspect(vcpu).buffer);
    expect([...words.subarray(0, 3), words[15], (words[16] as number) & 0x1f]).toEqual([1, 2, 3, 0x40001000, 0x13]);
  });
});

describe('the management page', () => {
  const PAGE = 0x2201_0000;
  const AT = { ID: 0, R0: 0x10, R1: 0x14, R2: 0x18, R3: 0x1c, BUFFER: 0x100 } as const;
  /** Stores a call into the page, and keeps R0, R1 and a word of the buffer. */
  const stores = (calls: readonly (readonly number[])[], more: PartitionOptions): PartitionOptions => ({
    ...guest((a) => {
      a.mov(6, PAGE).ldr(4, 6, AT.ID);
      result(a, 4);
      for (const [id, ...args] of calls) {
        for (const [i, value] of args.entries()) a.mov(4, value).str(4, 6, AT.R1 + 4 * i);
        a.mov(4, id as number).str(4, 6, AT.R0);
        for (const at of [AT.R0, AT.R1, AT.BUFFER + 4]) {
          a.ldr(4, 6, at);
          result(a, 4);
        }
      }
    }),
    managementPage: { ipa: PAGE },
    ...more,
  });
  const calls = [[COUNT], [STATUS, 1, 0, STATUS_BYTES], [PAUSE, 1], [PAUSE, 7], [0x8600_0000], [0x8400_0000], [INFO]];
  const INFO_ANSWER = [0, 0, 2];
  const ID = 0x3147_4d50;

  it('makes the calls of management by stores, and shows what they wrote', () => {
    const system = makeSystem({
      cores: 2,
      partitions: [stores(calls, { management: true }), { ...busy, vcpus: [{ core: 1 }, { core: 1 }] }],
    });
    system.run(1_000_000);
    expect(results(system, 0, 22)).toEqual([
      ID,
      ...[0, 2, 0],
      ...[STATUS_BYTES, 1, 2],
      ...[0, 1, 2],
      ...[NO_ENTRY, 7, 2],
      ...[-1, 7, 2],
      ...[-1, 7, 2],
      ...INFO_ANSWER,
    ]);
    expect(system.hypervisor.report()[1]?.state).toBe('paused');
  });

  it('gives no right', () => {
    const system = makeSystem({ cores: 2, partitions: [stores(calls, {}), { ...busy, vcpus: [{ core: 1 }] }] });
    system.run(1_000_000);
    expect(results(system, 0, 10)).toEqual([ID, ...[DENIED, 0, 0], ...[DENIED, 1, 0], ...[DENIED, 1, 0]]);
    const [first, second] = system.hypervisor.report();
    expect(second?.state).toBe('running');
    expect(first?.events.map(({ kind, text }) => `${kind}: ${text}`).slice(0, 3)).toEqual([
      'denied: MANAGE_COUNT without the right to manage',
      'denied: MANAGE_STATUS of partition 1 without the right to manage',
      'denied: MANAGE_PAUSE of partition 1 without the right to manage',
    ]);
  });

  it('is not there for who has none, and keeps what it holds in a saved state', () => {
    const system = makeSystem({ partitions: [{ ...stores(calls, {}), managementPage: undefined } as never] });
    system.run(100_000);
    expect(system.hypervisor.report()[0]?.faultCount).toBeGreaterThan(0);
    const page = new ManagementPage();
    page.write({} as never, AT.R2, 4, 0x1234);
    page.write({} as never, AT.R3, 2, 0x1234);
    page.write({} as never, AT.BUFFER, 4, 0x1234);
    const copy = new ManagementPage();
    copy.load(page.save());
    expect([AT.R0, AT.R1, AT.R2, AT.R3, AT.BUFFER].map((at) => copy.read(at, 4))).toEqual([0, 0, 0x1234, 0, 0]);
    expect([copy.read(AT.R2, 2), copy.read(AT.R2 + 2, 4), copy.read(0xffc, 4)]).toEqual([0, 0, 0]);
    copy.reset();
    expect(copy.read(AT.R2, 4)).toBe(0);
  });
});
