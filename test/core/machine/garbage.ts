/** Random code as the program of a bare board: whatever it does, the host goes on. */
import { applyOptions, copyTree } from '../../../core/machine/board.ts';
import { bootMachine } from '../../../core/machine/boot.ts';
import { random } from '../../support/hogs.ts';
import { type Board, elf, ramOf, readBoard } from './rig.ts';

const INSTRUCTIONS = 200_000;
const MEMORY = 0x20_0000;
const WORDS = 2048;
/** User, FIQ, IRQ, Supervisor, Abort, Undefined and System; a machine that starts in Hyp mode stays there where MSR does not leave it. */
const MODES = [0x10, 0x11, 0x12, 0x13, 0x17, 0x1b, 0x1f, 0x1a];
const [MSR_CPSR_C_R0, MOV_R0, BX_R1] = [0xe121f000, 0xe3a00000, 0xe12fff11];

/** A32 or Thumb, in one of the modes, with random registers. */
function program(seed: number, next: () => number, base: number): number[] {
  const thumb = seed % 2 === 1;
  const mode = MODES[(seed >>> 1) % MODES.length] as number;
  const address = (register: number, value: number) => [
    (0xe3000000 | (((value >>> 12) & 15) << 16) | (register << 12) | (value & 0xfff)) >>> 0,
    (0xe3400000 | ((value >>> 28) << 16) | (register << 12) | ((value >>> 16) & 0xfff)) >>> 0,
  ];
  const setup = [
    ...address(1, (base + 0x100) | (thumb ? 1 : 0)),
    ...Array.from({ length: 11 }, (_, i) => address(i + 2, next() % 4 === 0 ? next() : base + (next() % MEMORY))).flat(),
    MOV_R0 | mode | (next() & 0xc0),
    MSR_CPSR_C_R0,
    BX_R1,
  ];
  const code = Array.from({ length: WORDS }, () => {
    const word = next();
    return thumb || next() % 4 === 0 ? word : ((word & 0x0fffffff) | 0xe0000000) >>> 0;
  });
  return [...setup, ...new Array<number>(64 - setup.length).fill(0xe1a00000), ...code];
}

const boards = new Map<Board, ReturnType<typeof readBoard>>();

/** Runs it and returns the state hash. One seed in five has two cores, one in three starts in Hyp mode. */
export function runGarbage(board: Board, seed: number): string {
  const tree = copyTree(boards.get(board) ?? readBoard(board));
  if (!boards.has(board)) boards.set(board, copyTree(tree));
  const next = random(seed);
  const el = seed % 3 === 2 ? 'hyp' : 'svc';
  const cores = seed % 5 === 4 ? 2 : 1;
  applyOptions(tree, { virtualization: el === 'hyp', cores, memory: MEMORY });
  const base = ramOf(board) + 0x8000;
  const machine = bootMachine(tree, { image: elf(program(seed, next, base), base), firmware: false, el });
  machine.run(INSTRUCTIONS);
  return machine.stateHash();
}
