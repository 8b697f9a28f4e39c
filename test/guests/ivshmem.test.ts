/** Frames over an ivshmem link between guests without an operating system, one of which attacks the others. */
import { describe, expect, it } from 'vitest';
import type { State } from '../../core/base/state.ts';
import { bundled } from '../support/bundled.ts';

const { startLink } = await bundled<typeof import('../support/ivshmem-guests.ts')>('test/support/ivshmem-guests.ts');

type Run = ReturnType<typeof startLink>;
const last = (run: Run, name: string) => run.lines(name).at(-1);
const TAKEN = 'listener: 1500 frames, 0 lost, 0 bad CRC';
const ALL = 'listener: 6 attacks, 6 refused, 0 breaches';

describe('a sender with two receivers, one of them hostile', () => {
  const run = startLink(1500, [{}, { attacks: true }]);
  run.run(100);

  it('reaches both, with every frame', () => {
    expect(run.lines('sender').slice(1)).toEqual([
      'sender: epoch 1, 1500 frames to 2 receivers',
      'sender: epoch 1, 1501 frames taken by all',
    ]);
    expect([last(run, 'listener1'), last(run, 'listener2')]).toEqual([TAKEN, TAKEN]);
  });

  it('is reached by nothing of what the hostile one tries, and the report says why it was refused', () => {
    expect(run.lines('listener2').at(-2)).toBe(ALL);
    const [sender, listener, hostile] = run.hypervisor.report();
    expect([sender?.faultCount, listener?.faultCount, hostile?.faultCount]).toEqual([0, 0, 12]);
    const reasons = (hostile?.faults ?? []).map(({ why }) => why);
    for (const [i, what] of [
      [0, "write to read-only channel 'frames: state table' at guest physical address 0x30000000."],
      [1, "write to read-only channel 'frames: output section of peer 0 (sender)' at guest physical address 0x30002000."],
      [5, "write to read-only channel 'frames: output section of peer 1 (listener1)' at guest physical address 0x30011ffc."],
      [11, 'write to guest physical address 0x30022000, where the partition has nothing.'],
    ] as const)
      expect(reasons[i]).toContain(what);
  });

  it('ends in the same state with the interpreter', () => {
    const other = startLink(1500, [{}, { attacks: true }], 'interpreter');
    other.run(100);
    expect(other.machine.stateHash()).toBe(run.machine.stateHash());
  });

  // Amid the attacks, and amid the frames.
  it.each([5_234_567, 11_234_567])('goes on elsewhere from %i ns as it would have here', (time) => {
    const first = startLink(1500, [{}, { attacks: true }]);
    first.machine.run(time);
    const second = startLink(1500, [{}, { attacks: true }]);
    second.machine.load(structuredClone(first.machine.save()) as State);
    expect(second.machine.stateHash()).toBe(first.machine.stateHash());
    for (const { machine } of [first, second]) machine.run(100_000_000);
    expect(second.machine.stateHash()).toBe(first.machine.stateHash());
    expect(last(second, 'listener2')).toBe(TAKEN);
  });
});

describe('a restart', () => {
  it('of a receiver is seen in the state table, and the sender sends to it anew', () => {
    const run = startLink(1500, [{}]);
    run.run(1);
    expect(run.states().slice(0, 2)).toEqual([1, 2]);
    run.manage('listener1', 'restart');
    run.run(0.5);
    expect(run.states().slice(0, 2)).toEqual([1, 0]);
    run.run(60);
    expect(run.lines('sender').slice(1)).toEqual([
      'sender: epoch 1, 1500 frames to 1 receivers',
      expect.stringMatching(/^sender: epoch 1, \d+ frames written, and a receiver changed$/),
      'sender: epoch 2, 1500 frames to 1 receivers',
      'sender: epoch 2, 1501 frames taken by all',
    ]);
    expect(last(run, 'listener1')).toBe(TAKEN);
  });

  it('of the sender is seen in the state table, and the receiver takes the new run', () => {
    const run = startLink(1500, [{}]);
    run.run(1);
    run.manage('sender', 'restart');
    run.run(0.5);
    expect(run.states().slice(0, 2)).toEqual([0, 2]);
    run.run(60);
    expect(run.lines('sender').slice(-2)).toEqual([
      'sender: epoch 2, 1500 frames to 1 receivers',
      'sender: epoch 2, 1501 frames taken by all',
    ]);
    expect(last(run, 'listener1')).toBe(TAKEN);
  });
});
