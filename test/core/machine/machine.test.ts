import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { State } from '../../../core/base/state.ts';
import { applyOptions } from '../../../core/machine/board.ts';
import { bootMachine } from '../../../core/machine/boot.ts';
import { DeviceTreeError } from '../../../core/machine/devicetree/error.ts';
import { Machine } from '../../../core/machine/machine.ts';
import { type Board, machineWith, readBoard } from './rig.ts';

const BENCH = readFileSync('guests/bench/bench.elf');

function bench(): Machine {
  const tree = readBoard('virt');
  applyOptions(tree, { virtualization: false, memory: 0x40_0000 });
  return bootMachine(tree, { image: BENCH, firmware: false, el: 'svc' });
}

describe('the state of a machine', () => {
  it('goes on in another machine as it would have in its own', () => {
    const [first, second] = [bench(), bench()];
    first.run(1_000_000);
    const saved = first.save();
    const hash = first.stateHash();
    first.run(2_000_000);
    second.load(saved);
    expect(second.stateHash()).toBe(hash);
    second.run(2_000_000);
    expect(second.stateHash()).toBe(first.stateHash());
    expect(second.clock.now()).toBe(2_000_000);
  });

  it('comes back: a machine that ran on can be taken to where it was', () => {
    const machine = bench();
    machine.run(500_000);
    const [saved, hash] = [machine.save(), machine.stateHash()];
    machine.run(700_000);
    const later = machine.stateHash();
    machine.load(saved);
    expect(machine.stateHash()).toBe(hash);
    machine.run(700_000);
    expect(machine.stateHash()).toBe(later);
  });

  it('is a copy: running on does not change what was saved', () => {
    const machine = bench();
    machine.run(300_000);
    const saved = machine.save();
    const before = JSON.stringify(saved, plain);
    machine.run(600_000);
    expect(JSON.stringify(saved, plain)).toBe(before);
  });

  it('moves between any two machines of a description, whatever ran there before', () => {
    const [first, second] = [bench(), bench()];
    second.run(1_234_567);
    first.run(400_000);
    second.load(first.save());
    expect(second.stateHash()).toBe(first.stateHash());
    first.run(800_000);
    second.run(800_000);
    expect(second.stateHash()).toBe(first.stateHash());
  });

  it('tells one word of memory, one register and one nanosecond apart', () => {
    const machine = bench();
    machine.run(100_000);
    const hash = machine.stateHash();
    const at = 0x4020_0000;
    machine.map.load(at, Uint8Array.of(1));
    expect(machine.stateHash()).not.toBe(hash);
    machine.map.load(at, Uint8Array.of(0));
    expect(machine.stateHash()).toBe(hash);
    machine.cpus[0]!.words[3] = (machine.cpus[0]!.words[3] as number) ^ 1;
    expect(machine.stateHash()).not.toBe(hash);
    machine.cpus[0]!.words[3] = (machine.cpus[0]!.words[3] as number) ^ 1;
    machine.clock.advance(100_001);
    expect(machine.stateHash()).not.toBe(hash);
  });
});

/** Bytes and big integers as text. */
const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);

/** Counts in r0 and in CP15's thread register. */
const COUNT = [
  0xe2800001, // add r0, r0, #1
  0xee0d0f50, // mcr p15, 0, r0, c13, c0, 2
  0xeafffffc, // b   add
];

describe.each(['virt', 'vexpress-a15'] as const)('a machine made from %s', (board: Board) => {
  it('has the same state as another one, and after a reset', () => {
    const [first, second] = [
      new Machine(readBoard(board), { virtualization: true }),
      new Machine(readBoard(board), { virtualization: true }),
    ];
    expect(first.stateHash()).toBe(second.stateHash());
  });

  it('is in the state of power-on after a reset, but for time and memory', () => {
    const [used, fresh] = [machineWith(COUNT, { board, cores: 2 }), machineWith(COUNT, { board, cores: 2 })];
    used.run(50_000);
    const rest = ({ time: _, memories: __, ...state }: State) => state;
    expect(rest(used.save())).not.toEqual(rest(fresh.save()));
    for (const machine of [used, fresh]) machine.reset();
    expect(rest(used.save())).toEqual(rest(fresh.save()));
  });

  it('names its first console serial0', () => {
    expect([...new Machine(readBoard(board), { virtualization: false }).consoles.keys()][0]).toBe('serial0');
  });
});

it('an access that nobody answers is counted by page, and the guest sees an abort', () => {
  // ldr r0, [r1] from 0x60000000 with no vectors to go to: the abort lands at 0xc, in flash.
  const machine = machineWith([0xe3a01206, 0xe5910000, 0xeafffffe]);
  machine.run(3);
  expect([...machine.strays.values()]).toContainEqual({ where: '0x60000000', write: false, count: 1 });
  expect(machine.cpus[0]!.save()).toBeDefined();
});

describe('a description', () => {
  const spoilt = (spoil: (tree: ReturnType<typeof readBoard>) => void) => {
    const tree = readBoard('virt');
    spoil(tree);
    return () => new Machine(tree, { virtualization: false });
  };

  it.each([
    [
      'two devices at one address',
      (tree) => tree.root.find('/pl031@9010000')!.set('reg', tree.root.find('/pl011@9000000')!.need('reg').value),
      'its addresses are taken',
    ],
    [
      'no interrupt controller',
      (tree) => tree.root.find('/intc@8000000')!.set('compatible', 'arm,gic-v3'),
      'the board has no interrupt controller',
    ],
    ['a device without its addresses', (tree) => tree.root.find('/pl011@9000000')!.delete('reg'), "'reg' has no entry 0"],
    [
      'a private interrupt for a UART',
      (tree) => tree.root.find('/pl011@9000000')!.set('interrupts', Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 4)),
      'interrupt 0 is a private one',
    ],
  ] as readonly [string, (tree: ReturnType<typeof readBoard>) => void, string][])(
    'with %s is refused by node',
    (_, spoil, problem) => {
      expect(spoilt(spoil)).toThrow(DeviceTreeError);
      expect(spoilt(spoil)).toThrow(problem);
      expect(spoilt(spoil)).toThrow(/board\.dts:\d+|<built>/);
    },
  );
});

it('time is the instructions retired, though a device brings the end of a turn nearer in the midst of it', () => {
  // mov r1, #0x09000000; mov r0, #0x10; str r0, [r1, #0x2c] (FIFOs on); 1: add r2, r2, #1; ldr r0, [r1, #0x18] (FR); b 1b
  const machine = machineWith([0xe3a01409, 0xe3a00010, 0xe581002c, 0xe2822001, 0xe5910018, 0xeafffffc]);
  machine.consoles.get('serial0')?.type([0x41]); // its arrival sets the receive timeout
  expect(machine.run(3_000_003)).toBe('limit');
  expect([machine.clock.now(), machine.loop.instructions[0], machine.cpus[0]?.words[2]]).toEqual([
    3_000_003, 3_000_003, 1_000_000,
  ]);
});

describe('WFE', () => {
  it("is ended by the timer's event stream", () => {
    // CNTKCTL: EVNTEN, bit 5 of the virtual counter; then WFE three times. The counter has 62.5 MHz.
    const MCR_CNTKCTL = 0xee0e0f11;
    const [MOV_R0_0X54, WFE, B_SELF] = [0xe3a00054, 0xe320f002, 0xeafffffe];
    const machine = machineWith([MOV_R0_0X54, MCR_CNTKCTL, WFE, WFE, WFE, B_SELF]);
    const ticks = (n: number) => n * 16;
    const waits = () => machine.cpus[0]?.s[17] === 2;
    const pc = () => ((machine.cpus[0]?.s[14] as number) - 0x40008000) / 4;
    machine.run(ticks(32) - 1);
    expect([pc(), waits()]).toEqual([3, true]);
    // The event that ends the first wait is there for the second WFE, the third waits for the next.
    machine.run(ticks(96) - 1);
    expect([pc(), waits()]).toEqual([5, true]);
    machine.run(ticks(96) + 1);
    expect([pc(), waits()]).toEqual([5, false]);
  });
});
