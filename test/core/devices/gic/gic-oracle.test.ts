/** Our GIC against QEMU's: the same accesses, every value read and every signal compared. */
import { describe, expect, it } from 'vitest';
import { type Replayed, replayOnCores } from '../../../support/gic-replay.ts';
import { LOCKABLE, MASKED, RUNNING, Sequence, SOURCE, type Step } from '../../../support/gic-sequence.ts';
import { have } from '../../../support/oracles.ts';

interface Comparison {
  /** Known deviations of QEMU that were met, by reason. */
  readonly known: ReadonlySet<string>;
  readonly unexplained: readonly string[];
}

function compare(steps: readonly Step[], replayed: readonly Replayed[]): Comparison {
  const known = new Set<string>();
  const unexplained: string[] = [];
  steps.forEach((step, i) => {
    const seen = replayed[i]!;
    const reason = Object.keys(step.otherwise).find((why) => step.otherwise[why] === seen.value);
    const late = step.late === true ? { irq: undefined, fiq: undefined } : {};
    const looked = { ...seen, ...late };
    const signals = (['irq', 'fiq', 'virq', 'vfiq'] as const).filter((name) => looked[name] ?? step.signals.includes(name));
    if (seen.value !== step.expected && reason !== undefined) known.add(reason);
    else if (seen.value !== step.expected)
      unexplained.push(`${describeStep(step, i)}: ${step.expected} here, ${seen.value} in QEMU`);
    if (signals.join() !== step.signals.join())
      unexplained.push(`${describeStep(step, i)}: ${step.signals} here, ${signals} in QEMU`);
  });
  return { known, unexplained };
}

const describeStep = ({ core, address, write, secure }: Step, i: number): string =>
  `${i}: core ${core}, ${secure ? '' : 'Non-secure '}${write === undefined ? 'read' : `write of ${write}`} at 0x${address.toString(16)}`;

describe.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc'))('the GIC of QEMU', () => {
  it.each([
    [1, 'virt', 1],
    [2, 'virt', 2],
    [3, 'virt', 4],
    [4, 'vexpress-a15', 1],
  ] as const)(
    'reads and signals the same in 40,000 accesses, known deviations aside (seed %i, %s, cores: %i)',
    (seed, machine, cores) => {
      const sequence = new Sequence(seed, machine, cores);
      sequence.start();
      sequence.run(40_000);
      const { known, unexplained } = compare(sequence.steps, replayOnCores(machine, cores, sequence.steps));
      expect(unexplained).toEqual([]);
      expect([...known].sort()).toEqual([MASKED, RUNNING, SOURCE, ...(machine === 'virt' ? [] : [LOCKABLE])].sort());
      expect(sequence.acknowledged).toBeGreaterThan(500);
    },
  );
});
