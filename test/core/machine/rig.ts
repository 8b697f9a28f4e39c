/** Boards, systems and machines for tests: descriptions come from memory or from the project's folders. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { applyOptions } from '../../../core/machine/board.ts';
import { bootMachine } from '../../../core/machine/boot.ts';
import { parseDts } from '../../../core/machine/devicetree/dts-parser.ts';
import type { Files } from '../../../core/machine/devicetree/dts-preprocessor.ts';
import { DeviceTreeError } from '../../../core/machine/devicetree/error.ts';
import type { DeviceTree } from '../../../core/machine/devicetree/tree.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { type Plan, plan } from '../../../core/machine/system/plan.ts';

export type Board = 'virt' | 'vexpress-a15';

const fromDisk = (path: string): Uint8Array | undefined => {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
};

/** Files of the project, with some in memory instead. */
export const filesWith = (own: Readonly<Record<string, Uint8Array | string>>): Files => ({
  readFile(path) {
    const found = Object.entries(own).find(([name]) => resolve(name) === resolve(path))?.[1];
    return typeof found === 'string' ? new TextEncoder().encode(found) : (found ?? fromDisk(path));
  },
});

export const readBoard = (board: Board): DeviceTree => parseDts(`boards/${board}/board.dts`, filesWith({}));

/** A system on `virt`: the text goes under /chosen. Line 4 of test.dts is its first. */
export function planOf(chosen: string, own: Readonly<Record<string, Uint8Array | string>> = {}): Plan {
  const text = `#include "board.dts"\n/ {\n  chosen {\n${chosen}\n  };\n};\n`;
  const files = filesWith({ 'boards/virt/test.dts': text, 'boards/virt/image.bin': Uint8Array.of(1, 2, 3, 4), ...own });
  return plan(parseDts('boards/virt/test.dts', files), files);
}

/** What is wrong with a system, as `partita check` prints it. */
export function problemsOf(chosen: string, own: Readonly<Record<string, Uint8Array | string>> = {}): string[] {
  try {
    return planOf(chosen, own).findings.list.map(({ error, isolation }) => `${isolation ? 'isolation: ' : ''}${error.message}`);
  } catch (error) {
    if (error instanceof DeviceTreeError) return [error.message];
    throw error;
  }
}

/** A machine about to run A32 words from the start of the board's RAM + 0x8000. */
export function machineWith(
  words: readonly number[],
  options: { readonly board?: Board; readonly cores?: number } = {},
): Machine {
  const { board = 'virt', cores = 1 } = options;
  const tree = readBoard(board);
  applyOptions(tree, { virtualization: false, cores, memory: 0x10_0000 });
  return bootMachine(tree, { image: elf(words, ramOf(board) + 0x8000), firmware: false, el: 'svc' });
}

export const ramOf = (board: Board): number => (board === 'virt' ? 0x40000000 : 0x80000000);

/** The smallest ELF executable: one segment at an address, entered at its start. */
export function elf(words: readonly number[], address: number): Uint8Array {
  const bytes = new Uint8Array(84 + 4 * words.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  for (const [at, half] of [
    [16, 2],
    [18, 40],
    [40, 52],
    [42, 32],
    [44, 1],
  ] as const)
    view.setUint16(at, half, true);
  for (const [at, word] of [
    [20, 1],
    [24, address],
    [28, 52],
    [52, 1],
    [56, 84],
    [60, address],
    [64, address],
  ] as const) {
    view.setUint32(at, word, true);
  }
  for (const at of [68, 72]) view.setUint32(at, 4 * words.length, true);
  words.forEach((word, i) => {
    view.setUint32(84 + 4 * i, word, true);
  });
  return bytes;
}
