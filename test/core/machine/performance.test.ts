import { describe, expect, it } from 'vitest';
import { type Field, field, word } from '../../../core/cpu/insn.ts';
import * as S from '../../../core/cpu/scalars.ts';
import { applyOptions } from '../../../core/machine/board.ts';
import { bootMachine } from '../../../core/machine/boot.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { type Board, elf, ramOf, readBoard } from './rig.ts';

const MIB = 0x10_0000;
const B_SELF = 0xeafffffe;
const [PMCR, PMCNTENSET, PMCCNTR, PMOVSSET, PMINTENSET] = [
  [12, 0],
  [12, 1],
  [13, 0],
  [14, 3],
  [14, 1],
] as const;

/** A machine that executes a loop for ever. */
function looping(board: Board, el: 'svc' | 'hyp' = 'svc'): Machine {
  const tree = readBoard(board);
  applyOptions(tree, { virtualization: el === 'hyp', memory: 64 * MIB });
  return bootMachine(tree, { image: elf([B_SELF], ramOf(board) + 0x8000), firmware: false, el });
}

const f = (n: number): Field => field(n);
function write(machine: Machine, core: number, [CRm, opc2]: readonly [number, number], value: number): void {
  machine.cpus[core]?.sys.writeCoprocessor(f(15), f(0), f(9), f(CRm), f(opc2), f(0), word(value));
}

describe('the overflow interrupt', () => {
  it('is PPI 7 of the core on virt', () => {
    const machine = looping('virt', 'hyp');
    write(machine, 0, PMCR, 1);
    write(machine, 0, PMINTENSET, 1);
    expect(machine.gic.ppi(0, 23).level).toBe(false);
    write(machine, 0, PMOVSSET, 1);
    expect(machine.gic.ppi(0, 23).level).toBe(true);
    write(machine, 0, PMCR, 0);
    expect(machine.gic.ppi(0, 23).level).toBe(false);
  });

  it('is a shared interrupt for each core on vexpress-a15', () => {
    const machine = looping('vexpress-a15');
    write(machine, 1, PMCR, 1);
    write(machine, 1, PMINTENSET, 1);
    write(machine, 1, PMOVSSET, 1);
    expect([68, 69].map((n) => machine.gic.spi(n).level)).toEqual([false, true]);
  });
});

describe('an overflow to come', () => {
  const LEFT = 12_345;

  function counting(): Machine {
    const machine = looping('virt');
    write(machine, 0, PMCNTENSET, 1 << 31);
    write(machine, 0, PMINTENSET, 1 << 31);
    write(machine, 0, PMCCNTR, -LEFT);
    write(machine, 0, PMCR, 1);
    return machine;
  }

  it('comes at its nanosecond', () => {
    const machine = counting();
    machine.run(LEFT - 1);
    expect(machine.gic.ppi(0, 23).level).toBe(false);
    machine.run(LEFT);
    expect(machine.gic.ppi(0, 23).level).toBe(true);
  });

  it('is as it was after saving and loading', () => {
    const machine = counting();
    machine.run(5000);
    const state = machine.save();
    const other = looping('virt');
    other.load(state);
    for (const each of [machine, other]) each.run(LEFT + 100);
    expect(other.gic.ppi(0, 23).level).toBe(true);
    expect(other.stateHash()).toBe(machine.stateHash());
  });

  it('does not wait for a core that sleeps', () => {
    const machine = counting();
    const { s } = machine.cpus[0]!;
    s[S.WAIT] = 1;
    s[S.ATTENTION] = 1;
    machine.run(LEFT);
    expect(machine.gic.ppi(0, 23).level).toBe(true);
  });

  it('is gone after a reset', () => {
    const machine = counting();
    machine.reset();
    machine.run(LEFT + 1);
    expect(machine.gic.ppi(0, 23).level).toBe(false);
  });
});
