import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../core/bus/clock.ts';
import * as S from '../../../core/cpu/scalars.ts';
import { type Cpu, WAIT } from '../../../core/cpu/state.ts';
import { type Core, QUANTUM, RunLoop } from '../../../core/machine/run-loop.ts';
import { machineWith } from './rig.ts';

/** A core that only counts: `work` sees each instruction it retires, with the virtual time of it. */
function counter(clock: VirtualClock, log: string[], name: string, work: (time: number, core: Core) => void = () => {}): Core {
  const s = new Int32Array(S.COUNT);
  const core: Core = {
    cpu: { s } as unknown as Cpu,
    engine: {
      run() {
        const from = clock.now();
        while ((s[S.REMAINING] as number) > 0 && s[S.WAIT] === WAIT.running) {
          s[S.REMAINING] = (s[S.REMAINING] as number) - 1;
          work(clock.now(), core);
        }
        log.push(`${name} ${from}-${clock.now()}`);
      },
    },
    wakes: () => s[S.IRQ] !== 0 && s[S.WAIT] !== WAIT.off,
  };
  return core;
}

describe('the run loop', () => {
  it('lets the cores take turns, in their order, up to multiples of the quantum', () => {
    const [clock, log] = [new VirtualClock(), [] as string[]];
    const loop = new RunLoop(clock, [counter(clock, log, 'a'), counter(clock, log, 'b')]);
    expect(loop.run(2.5 * QUANTUM)).toBe('limit');
    expect(log).toEqual(['a 0-10000', 'b 0-10000', 'a 10000-20000', 'b 10000-20000', 'a 20000-25000', 'b 20000-25000']);
    expect(loop.instructions).toEqual([25_000, 25_000]);
  });

  it('fires an alarm within the turn of the core that it belongs to, and leaves the others theirs', () => {
    const [clock, log] = [new VirtualClock(), [] as string[]];
    clock
      .of(1)
      .alarm('x', () => log.push(`alarm ${clock.now()}`))
      .set(3_333);
    new RunLoop(clock, [counter(clock, log, 'a'), counter(clock, log, 'b'), counter(clock, log, 'c')]).run(QUANTUM);
    expect(log).toEqual(['a 0-10000', 'b 0-3333', 'alarm 3333', 'b 3333-10000', 'c 0-10000']);
  });

  it('ends a turn at an alarm of its own that the core sets while it runs', () => {
    const [clock, log] = [new VirtualClock(), [] as string[]];
    const alarm = clock.of(1).alarm('x', () => log.push(`alarm ${clock.now()}`));
    const set = (time: number) => {
      if (time === 100) alarm.set(500);
    };
    new RunLoop(clock, [counter(clock, log, 'a'), counter(clock, log, 'b', set)]).run(QUANTUM);
    expect(log).toEqual(['a 0-10000', 'b 0-500', 'alarm 500', 'b 500-10000']);
  });

  it('fires what a later core sets for the time of an earlier one as soon as that has its turn', () => {
    const [clock, log] = [new VirtualClock(), [] as string[]];
    const alarm = clock.alarm('x', () => log.push(`alarm ${clock.now()}`));
    const set = (time: number) => {
      if (time === 100) alarm.set(500);
    };
    const loop = new RunLoop(clock, [counter(clock, log, 'a'), counter(clock, log, 'b', set)]);
    loop.run(QUANTUM);
    expect(log).toEqual(['a 0-10000', 'b 0-10000', 'alarm 10000']);
    expect(loop.instructions).toEqual([QUANTUM, QUANTUM]);
  });

  it('gives a core the same turns whatever the alarms and the waiting of others', () => {
    const turns = (others: (clock: VirtualClock) => Core[]) => {
      const [clock, log] = [new VirtualClock(), [] as string[]];
      const own = counter(clock, log, 'own', (time, { cpu }) => {
        if (time % 7_000 === 0) cpu.s[S.WAIT] = WAIT.interrupt;
        cpu.s[S.IRQ] = 0;
      });
      const arm = (at: number) =>
        clock
          .alarm('own', () => {
            own.cpu.s[S.IRQ] = 1;
          })
          .set(at);
      for (const at of [12_345, 45_678, 99_999]) arm(at);
      new RunLoop(clock, [own, ...others(clock)]).run(20 * QUANTUM);
      return log.filter((line) => line.startsWith('own'));
    };
    const idle = (clock: VirtualClock) => [
      counter(clock, [], 'x', (_, { cpu }) => {
        cpu.s[S.WAIT] = WAIT.interrupt;
      }),
    ];
    const busy = (clock: VirtualClock) => {
      const alarm = clock.of(1).alarm('x', () => {});
      return [
        counter(clock, [], 'x', (time) => {
          if (time % 333 === 0) alarm.set(time + 100);
        }),
      ];
    };
    expect(turns(busy)).toEqual(turns(idle));
    expect(turns(idle).length).toBeGreaterThan(3);
  });

  it('skips to the next alarm while every core waits, and does not count that as work', () => {
    const [clock, log] = [new VirtualClock(), [] as string[]];
    const sleeper = counter(clock, log, 'a', (time, { cpu }) => {
      if (time === 10) cpu.s[S.WAIT] = WAIT.interrupt;
    });
    clock
      .alarm('x', () => {
        sleeper.cpu.s[S.IRQ] = 1;
      })
      .set(1_000_000);
    const loop = new RunLoop(clock, [sleeper]);
    loop.run(1_000_100);
    expect(log).toEqual(['a 0-10', 'a 1000000-1000100']);
    expect(loop.instructions).toEqual([110]);
  });

  it('stops at a number of instructions, in the midst of a turn and without counting those who wait', () => {
    const [clock, log] = [new VirtualClock(), [] as string[]];
    const sleeper = counter(clock, [], 'x', (_, { cpu }) => {
      cpu.s[S.WAIT] = WAIT.interrupt;
    });
    const loop = new RunLoop(clock, [sleeper, counter(clock, log, 'a')]);
    expect(loop.run(Number.POSITIVE_INFINITY, 25_001)).toBe('limit');
    expect(loop.instructions).toEqual([1, 25_000]);
    expect(clock.now()).toBe(25_000);
  });

  it('says so when nothing can happen any more', () => {
    const clock = new VirtualClock();
    const core = counter(clock, [], 'a', (_, { cpu }) => {
      cpu.s[S.WAIT] = WAIT.interrupt;
    });
    expect(new RunLoop(clock, [core]).run(Number.POSITIVE_INFINITY)).toBe('idle');
  });

  it('ends at the instruction that asks for it, and starts again from a state', () => {
    const [clock, log] = [new VirtualClock(), [] as string[]];
    const loop: RunLoop = new RunLoop(clock, [
      counter(clock, log, 'a', (time) => {
        if (time === 70) loop.end();
      }),
      counter(clock, log, 'b'),
    ]);
    expect(loop.run(QUANTUM)).toBe('ended');
    expect(log).toEqual(['a 0-70']);
    expect(loop.run(QUANTUM)).toBe('ended');
    loop.load(loop.save());
    expect(loop.run(QUANTUM)).toBe('limit');
  });
});

/** Both cores count in one word with LDREX and STREX, and fold what they got into r8: the order of their accesses decides it. */
const CONTEND = [
  0xe3a003e1, // mov   r0, #0x84000003   CPU_ON
  0xe3a01001, // mov   r1, #1
  0xe28f2000, // add   r2, pc, #0
  0xe1400070, // hvc   0
  0xe28f401c, // add   r4, pc, #28
  0xe3a09021, // mov   r9, #33
  0xe1945f9f, // ldrex r5, [r4]
  0xe2855001, // add   r5, r5, #1
  0xe1846f95, // strex r6, r5, [r4]
  0xe3560000, // cmp   r6, #0
  0x1afffffa, // bne   ldrex
  0xe0285998, // mla   r8, r8, r9, r5
  0xeafffff8, // b     ldrex
  0x00000000,
];

/** One core waits for its virtual timer again and again. */
const WAIT_FOR_TIMER = [
  0xe3a03302, // mov  r3, #0x08000000   distributor
  0xe3a02001, // mov  r2, #1
  0xe5832000, // str  r2, [r3]
  0xe3a00302, // mov  r0, #0x08000000   interrupt 27
  0xe5830100, // str  r0, [r3, #0x100]
  0xe3833801, // orr  r3, r3, #0x10000  CPU interface
  0xe5832000, // str  r2, [r3]
  0xe3a000ff, // mov  r0, #255
  0xe5830004, // str  r0, [r3, #4]
  0xe3a01000, // mov  r1, #0
  0xe3a00a01, // mov  r0, #0x1000
  0xee0e0f13, // mcr  CNTV_TVAL
  0xee0e2f33, // mcr  CNTV_CTL
  0xe320f003, // wfi
  0xe2811001, // add  r1, r1, #1
  0xeafffff9, // b    mov r0, #0x1000
];

const END = 40 * QUANTUM;

function hashAfter(words: readonly number[], cores: number, stops: readonly number[]): string {
  const machine = machineWith(words, { cores });
  for (const until of [...stops, END]) expect(machine.run(until)).toBe('limit');
  return machine.stateHash();
}

const every = (step: number) => Array.from({ length: Math.ceil(END / step) - 1 }, (_, i) => (i + 1) * step);

describe('a machine that is stopped on the way', () => {
  it.each([
    ['contends for a word', 2, CONTEND, every(QUANTUM)],
    ['contends for a word', 2, CONTEND, every(7 * QUANTUM)],
    ['contends for a word', 4, CONTEND, every(3 * QUANTUM)],
    ['runs alone', 1, CONTEND, every(777)],
    ['waits for its timer', 1, WAIT_FOR_TIMER, every(1_234)],
    ['waits for its timer', 1, WAIT_FOR_TIMER, [65_535, 65_536, 65_537, 131_100]],
  ])('and %s ends in the state of one run (%i cores)', (_, cores, words, stops) => {
    expect(hashAfter(words, cores, stops)).toBe(hashAfter(words, cores, []));
  });

  it.each([
    ['contends for a word', 2, CONTEND, 5_000],
    ['waits for its timer', 1, WAIT_FOR_TIMER, 3],
  ])('and %s ends in the same state when engines pause in the middle of turns (%i cores)', (_, cores, words, most) => {
    const machine = machineWith(words, { cores });
    let pauses = 0;
    for (const processor of machine.processors) {
      const { interpreter, cpu } = processor;
      let left = 0;
      processor.engine = {
        run() {
          left = left > 0 ? left : 1 + ((machine.clock.now() * 7919) % most);
          for (; left > 0 && cpu.s[S.REMAINING]! > 0; left--) {
            if (cpu.s[S.ATTENTION] !== 0 && !interpreter.attend()) return;
            interpreter.step();
          }
          if (left > 0) return;
          pauses++;
          machine.loop.pause();
        },
      };
    }
    let stop = machine.run(END);
    for (; stop === 'paused'; stop = machine.run(END)) expect(machine.loop.running).toBeDefined();
    expect(stop).toBe('limit');
    expect(pauses).toBeGreaterThan(cores * 10);
    expect(machine.stateHash()).toBe(hashAfter(words, cores, []));
  });

  it('in the middle of a turn can be saved there, and goes on as another machine', () => {
    const [first, second] = [machineWith(CONTEND, { cores: 2 }), machineWith(CONTEND, { cores: 2 })];
    const processor = first.processors[0]!;
    const { engine } = processor;
    processor.engine = {
      run() {
        for (let i = 0; i < 3_333 && processor.interpreter.attend(); i++) processor.interpreter.step();
        processor.engine = engine;
        first.loop.pause();
      },
    };
    expect(first.run(END)).toBe('paused');
    second.load(first.save());
    expect(second.clock.now()).toBe(first.clock.now());
    expect(second.run(END)).toBe('limit');
    expect(second.stateHash()).toBe(hashAfter(CONTEND, 2, []));
  });

  it('has done something on every core', () => {
    const machine = machineWith(CONTEND, { cores: 2 });
    machine.run(END);
    const [first, second] = machine.cpus.map((cpu) => cpu.words[5] as number);
    const counted = new DataView(machine.map.dump(0x4000_8034, 4)!.buffer).getUint32(0, true);
    expect(Math.max(first!, second!)).toBeGreaterThanOrEqual(counted);
    expect(counted).toBeGreaterThan(END / 8);
    const waiting = machineWith(WAIT_FOR_TIMER);
    waiting.run(END);
    expect(waiting.cpus[0]!.words[1]).toBe(Math.floor(END / 65_536));
  });
});
