/** The images of guests/bench with few rounds: in process with either engine, and in QEMU. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyOptions } from '../../core/machine/board.ts';
import { bootMachine } from '../../core/machine/boot.ts';
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { startSystem } from '../../core/machine/system/system.ts';
import { IMAGES, type Image } from '../../tools/bench/images.ts';
import { partitionSystem } from '../../tools/bench/partition.ts';
import { checksumLine, withRounds } from '../../tools/bench/rounds.ts';
import { Wasm } from '../../tools/host/wasm.ts';

export { IMAGES };

export type Engine = 'interpreter' | 'jit';

export interface Ended {
  readonly stop: string;
  readonly line: string | undefined;
  readonly stateHash: string;
  readonly instructions: number;
  readonly virtualTime: number;
}

/** Far more than any of them takes. */
const MOST_INSTRUCTIONS = 100_000_000;
const files = { readFile: (path: string) => readFileSync(path) };

const few = (image: Image, file: string): Uint8Array => withRounds(readFileSync(`guests/bench/${file}`), image.few);

export function inPartita(image: Image, engine: Engine): Ended {
  const machine = start(image, engine === 'jit' ? { wasm: new Wasm() } : {});
  const stop = machine.run(Number.POSITIVE_INFINITY, MOST_INSTRUCTIONS);
  return {
    stop,
    line: checksumLine([...machine.consoles.values()].map((console) => console.text()).join('')),
    stateHash: machine.stateHash(),
    instructions: machine.loop.instructions.reduce((sum, count) => sum + count, 0),
    virtualTime: machine.clock.now(),
  };
}

function start(image: Image, engine: { readonly wasm?: Wasm }): Machine {
  if (image.partition !== undefined) {
    const elf = few(image, image.partition);
    const own = { 'bench.dts': new TextEncoder().encode(partitionSystem('bench.elf')), 'bench.elf': elf };
    const system = { readFile: (path: string) => own[path as keyof typeof own] ?? readFileSync(path) };
    return startSystem(parseDts('bench.dts', system), system, engine).machine;
  }
  const tree = parseDts('boards/virt/board.dts', files);
  applyOptions(tree, { virtualization: image.el === 'hyp', firmware: false });
  return bootMachine(tree, { image: few(image, image.file), firmware: false, el: image.el, ...engine });
}

export function inQemu(image: Image): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const elf = join(folder, 'bench.elf');
    writeFileSync(elf, few(image, image.file));
    const machine = [
      '-M',
      image.el === 'hyp' ? 'virt,virtualization=on' : 'virt',
      '-cpu',
      'cortex-a15',
      '-nographic',
      '-no-reboot',
    ];
    const { stdout } = spawnSync('qemu-system-arm', [...machine, '-kernel', elf], {
      encoding: 'utf8',
      timeout: 20_000,
      input: '',
    });
    return checksumLine(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
