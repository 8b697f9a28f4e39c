/**
 * What translating costs, in CPU time for each translated instruction. It is measured from within: the image runs in a process of its own, and the
 * calls of the engine by which regions are translated and batches are compiled are timed. V8 is told to compile a batch when it gets it, and with
 * its quick compiler alone, so that nothing is left for later. What the optimising compiler adds is part of all other figures.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Translations } from '../../core/jit/translations.ts';
import { applyOptions } from '../../core/machine/board.ts';
import { bootMachine } from '../../core/machine/boot.ts';
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import { Wasm } from '../host/wasm.ts';
import { withRounds } from './rounds.ts';
import { median } from './timed.ts';

export interface Translated {
  readonly instructions: number;
  readonly regions: number;
  readonly modules: number;
  /** Of the modules. */
  readonly bytes: number;
  /** Microseconds of CPU time for each instruction: the translator's, and the compiler's that its modules go to. */
  readonly translating: number;
  readonly compiling: number;
}

export interface Cost extends Translated {
  readonly name: string;
}

/** Images whose code is broad, and how often they repeat it: enough to translate all of it. */
const IMAGES = [
  { name: 'functions ARM', file: 'functions-a.elf' },
  { name: 'functions Thumb', file: 'functions-t.elf' },
] as const;
const ROUNDS = 100;

/** Of `runs` processes, the medians. */
export function translationCosts(runs: number, scratch: string): Cost[] {
  return IMAGES.map(({ name, file }) => {
    const path = join(scratch, file);
    writeFileSync(path, withRounds(readFileSync(resolve('guests/bench', file)), ROUNDS));
    const all = Array.from({ length: runs }, () => inOwnProcess(path));
    const [first] = all as [Translated];
    const [translating, compiling] = [median(all.map((one) => one.translating)), median(all.map((one) => one.compiling))];
    return { name, ...first, translating, compiling };
  });
}

const COMPILE_AT_ONCE = ['--no-wasm-lazy-compilation', '--no-wasm-tier-up'];

function inOwnProcess(elf: string): Translated {
  const { stdout, stderr, status } = spawnSync(process.execPath, [...COMPILE_AT_ONCE, 'dist/bench.js', '--translate', elf], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`translating ${elf} ended with status ${status}: ${stderr.slice(-500)}`);
  return JSON.parse(stdout) as Translated;
}

/** CPU time of some kind of work, in microseconds. */
class Watch {
  total = 0;

  time<T>(work: () => T): T {
    const before = process.cpuUsage();
    try {
      return work();
    } finally {
      const { user, system } = process.cpuUsage(before);
      this.total += user + system;
    }
  }
}

class TimedWasm extends Wasm {
  readonly watch = new Watch();
  modules = 0;
  bytes = 0;

  override load(module: Uint8Array, first: number, count: number): void {
    this.modules++;
    this.bytes += module.length;
    this.watch.time(() => super.load(module, first, count));
  }
}

/** Runs an image to its end, in this process. */
export function translateHere(elf: string): Translated {
  const tree = parseDts(resolve('boards/virt/board.dts'), { readFile: (path) => readFileSync(path) });
  applyOptions(tree, { virtualization: false });
  const wasm = new TimedWasm();
  const machine = bootMachine(tree, { image: readFileSync(elf), firmware: false, el: 'svc', wasm, translation: { threaded: 0 } });
  const watch = watched(machine.translations as Translations, wasm);
  machine.run(Number.POSITIVE_INFINITY);
  const { instructions, regions } = (machine.translations as Translations).made;
  const { modules, bytes } = wasm;
  const translating = (watch.total - wasm.watch.total) / instructions;
  return { instructions, regions, modules, bytes, translating, compiling: wasm.watch.total / instructions };
}

/** Times what the engine calls to have code translated. */
function watched(translations: Translations, wasm: TimedWasm): Watch {
  const watch = new Watch();
  const { add, tick } = translations;
  translations.add = (...args) => watch.time(() => add.apply(translations, args));
  translations.tick = () => {
    const { modules, before } = { modules: wasm.modules, before: watch.total };
    watch.time(() => tick.apply(translations));
    // Mostly it has nothing to do, and looking at the time is all that took any.
    if (wasm.modules === modules) watch.total = before;
  };
  return watch;
}
