/** How the cores are shared, as a description says it: what is read, and each mistake with its place. */
import { describe, expect, it } from 'vitest';
import { planOf, problemsOf } from '../rig.ts';

const KERNEL = 'module@0 { compatible = "multiboot,kernel", "multiboot,module"; partita,image = "image.bin"; };';
const domain = (name: string, cpus = 1, more = '') =>
  `${name}: ${name} { compatible = "xen,domain"; cpus = <${cpus}>; memory = <0x0 1024>; ${more} ${KERNEL} };`;
const DOMAINS = `${domain('a')} ${domain('b', 2)}`;
/** On line 4 the partitions, on line 5 the schedule, on line 6 its windows. */
const cyclic = (windows: string, frame = 'partita,frame-ns = <1000000>;', more = '') =>
  `${DOMAINS}\nschedule { compatible = "partita,cyclic"; ${frame} core0 { partita,core = <0>;\npartita,windows = ${windows}; };\n${more} };`;
const priority = (servers: string) =>
  `${DOMAINS}\nschedule { compatible = "partita,fixed-priority"; partita,servers = ${servers}; };`;
const SOUND = '<0 250000 &a 0>, <250000 250000 &b 0>, <600000 400000 &b 1>';

describe('a schedule', () => {
  it('is round robin with slices of a millisecond if nothing is said', () => {
    const { config } = planOf(DOMAINS);
    expect([config.schedule, config.slice]).toEqual([{ kind: 'round-robin' }, 1_000_000]);
    const { config: named } = planOf(`${DOMAINS} schedule { compatible = "partita,round-robin"; partita,slice-ns = <5000>; };`);
    expect([named.schedule, named.slice]).toEqual([{ kind: 'round-robin' }, 5000]);
  });

  it('has windows that name partition and vCPU, which go to the core of their windows', () => {
    expect(problemsOf(cyclic(SOUND))).toEqual([]);
    const { config } = planOf(cyclic(SOUND));
    expect(config.schedule).toEqual({
      kind: 'cyclic',
      frame: 1_000_000,
      windows: [
        { core: 0, offset: 0, duration: 250_000, partition: 0, vcpu: 0 },
        { core: 0, offset: 250_000, duration: 250_000, partition: 1, vcpu: 0 },
        { core: 0, offset: 600_000, duration: 400_000, partition: 1, vcpu: 1 },
      ],
    });
    expect(config.partitions.map(({ vcpus }) => vcpus)).toEqual([[{ core: 0 }], [{ core: 0 }, { core: 0 }]]);
  });

  it('has servers with priority and budget, or without a limit', () => {
    const { config } = planOf(priority('<&a 0 20 200000 1000000>, <&b 1 10 0 0>'));
    expect(config.schedule).toEqual({
      kind: 'fixed-priority',
      servers: [
        { partition: 0, vcpu: 0, priority: 20, budget: { capacity: 200_000, period: 1_000_000 } },
        { partition: 1, vcpu: 1, priority: 10 },
      ],
    });
  });
});

describe('what is wrong with a schedule', () => {
  it.each([
    [
      'an overlap',
      cyclic('<0 250000 &a 0>, <200000 250000 &b 0>, <600000 400000 &b 1>'),
      /test\.dts:6:.*window 1 \(200000 ns, for 250000 ns\) on core 0 that overlaps the one at 0 ns/,
    ],
    [
      'a window beyond the frame',
      cyclic('<0 250000 &a 0>, <250000 250000 &b 0>, <600000 400001 &b 1>'),
      /test\.dts:6:.*window 2 .* ends after the frame of 1000000 ns/,
    ],
    [
      'an unknown partition',
      cyclic('<0 250000 &gic 0>, <250000 250000 &b 0>, <600000 400000 &b 1>'),
      /test\.dts:6:.*window 0 .* of no partition/,
    ],
    [
      'an unknown vCPU',
      cyclic('<0 250000 &a 1>, <250000 250000 &b 0>, <600000 400000 &b 1>'),
      /test\.dts:6:.*of vCPU 1 of "a"; expected 0 to 0/,
    ],
    [
      'a window of no length',
      cyclic('<0 0 &a 0>, <250000 250000 &b 0>, <600000 400000 &b 1>'),
      /test\.dts:6:.*window 0 \(0 ns, for 0 ns\) too short; expected 1000 ns or more/,
    ],
    ['half a window', cyclic('<0 250000 &a>'), /test\.dts:6:.*has 3 cells; expected four/],
    ['a vCPU without a window', cyclic('<0 250000 &a 0>, <250000 250000 &b 0>'), /test\.dts:5:.*vCPU 1 of "b" has no window/],
    [
      'a core that is not there',
      cyclic(SOUND, undefined, 'core9 { partita,core = <9>; partita,windows = <0 1000 &a 0>; };'),
      /test\.dts:7:.*is 9; expected a core of the board/,
    ],
    ['no frame', cyclic(SOUND, ''), /test\.dts:5:.*'partita,frame-ns' is missing/],
    ['a frame of no length', cyclic(SOUND, 'partita,frame-ns = <0>;'), /test\.dts:5:.*is 0; expected 1000 ns or more/],
    [
      'what nobody knows',
      cyclic(SOUND, 'partita,frame-ns = <1000000>; partita,frames = <1>;'),
      /test\.dts:5:.*'partita,frames' is not known here/,
    ],
    ['two schedules', `${cyclic(SOUND)}\nother { compatible = "partita,round-robin"; };`, /test\.dts:8:.*is a second schedule/],
    [
      'one that is misspelt',
      `${DOMAINS}\nschedule { compatible = "partita,cyclc"; };`,
      /test\.dts:5:.*expected one of partita,round-robin/,
    ],
    [
      'a turn of no length',
      `${DOMAINS}\nschedule { compatible = "partita,round-robin"; partita,slice-ns = <0>; };`,
      /test\.dts:5:.*'partita,slice-ns' is 0; expected 1000 ns or more/,
    ],
    ['more than a period', priority('<&a 0 1 2000 1000>'), /test\.dts:5:.*entry 0 with 2000 ns in each 1000 ns/],
    ['a vCPU that is named twice', priority('<&a 0 1 0 0>, <&a 0 2 0 0>'), /test\.dts:5:.*names vCPU 0 of "a" twice/],
    [
      'more than a core has',
      priority('<&a 0 1 600000 1000000>, <&b 0 2 500000 1000000>'),
      /test\.dts:5:.*promises 110 % of core 0/,
    ],
  ])('%s is said with file and line', (_what, text, message) => {
    expect(problemsOf(text).join('\n')).toMatch(message);
  });

  it('a vCPU that has windows on a core that it does not belong to', () => {
    const text = `${domain('a', 1, 'partita,cores = <1>;')}\nschedule { compatible = "partita,cyclic"; partita,frame-ns = <10000>; core0 { partita,core = <0>; partita,windows = <0 1000 &a 0>; }; };`;
    expect(problemsOf(text).join('\n')).toMatch(/vCPU 0 of "a" on core 0, which belongs to core 1/);
  });
});
