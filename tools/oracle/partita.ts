/** Runs the image on a machine of ours: the same board, the same harness, the results by semihosting. */
import { readFileSync } from 'node:fs';
import { ok } from '../../core/base/outcome.ts';
import * as S from '../../core/cpu/scalars.ts';
import type { Cpu } from '../../core/cpu/state.ts';
import type { SemihostingFile, SemihostingFiles } from '../../core/devices/semihosting.ts';
import type { Dispatch, Outside } from '../../core/jit/host.ts';
import { AT_ONCE } from '../../core/jit/translations.ts';
import { applyOptions } from '../../core/machine/board.ts';
import { bootMachine } from '../../core/machine/boot.ts';
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import type { DeviceTree } from '../../core/machine/devicetree/tree.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { attachSemihosting } from '../../core/machine/semihosting.ts';
import { Wasm } from '../host/wasm.ts';

/** What executes the image's instructions. */
export const ENGINES = ['interpreter', 'jit'] as const;
export type Engine = (typeof ENGINES)[number];

export interface PartitaOptions {
  readonly engine?: Engine;
  /** The project's folder of that name. */
  readonly boards?: string;
  /** The highest level that the processor has, at which the image starts: PL1 (Supervisor mode), Hyp mode, or Secure Supervisor mode. */
  readonly level?: 'PL1' | 'Hyp' | 'Secure';
  /** Nanoseconds of virtual time, and so instructions, after which the harness should have ended. */
  readonly limit?: number;
}

const MEBIBYTES = 128;
const HOUR = 3_600_000_000_000;
/** Instructions in a region: what lies behind a case is never executed. */
const FEW = 16;

/** The one file that the harness writes, kept in memory. */
class ResultFile implements SemihostingFile {
  readonly #chunks: Uint8Array[] = [];

  get words(): Uint32Array {
    const bytes = Buffer.concat(this.#chunks);
    return new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  }

  read() {
    return ok(new Uint8Array());
  }
  write(_position: number, bytes: Uint8Array) {
    this.#chunks.push(bytes.slice());
    return ok(null);
  }
  length() {
    return ok(this.#chunks.reduce((sum, { length }) => sum + length, 0));
  }
  close() {}
}

/** What translated code has done. */
export interface Tally {
  /** Instructions translated, and regions that they made. */
  readonly translated: number;
  readonly regions: number;
  /** Instructions executed, and those of them in translated code. */
  readonly executed: number;
  readonly inside: number;
}
const NOTHING: Tally = { translated: 0, regions: 0, executed: 0, inside: 0 };
let tally = NOTHING;

/** Of all runs since it was asked last. */
export function takeTally(): Tally {
  const taken = tally;
  tally = NOTHING;
  return taken;
}

/** Counts what is executed in translated code. */
class CountingWasm extends Wasm {
  inside = 0;
  #entered = false;
  /** Of the processor. */
  scalars: Int32Array | undefined;

  override dispatcher(module: Uint8Array, outside: Outside): Dispatch {
    const run = super.dispatcher(module, (expected) => {
      const { s, before } = this.#left();
      const why = outside(expected);
      this.inside -= before - (s[S.REMAINING] as number);
      return why;
    });
    return (cpu, tables) => {
      // The engine may come back at once, before it is done with an exit.
      if (!this.#entered) this.inside += this.#left().before;
      this.#entered = true;
      return run(cpu, tables);
    };
  }

  /** For `Translations.exited`. */
  readonly exited = ({ s }: Pick<Cpu, 's'>): void => {
    this.inside -= s[S.REMAINING] as number;
    this.#entered = false;
  };

  #left() {
    const s = this.scalars as Int32Array;
    return { s, before: s[S.REMAINING] as number };
  }
}

/** The words that the harness wrote. The only place that knows of engines. */
export function runInPartita(
  image: string,
  { engine = 'interpreter', boards = 'boards', level = 'PL1', limit = HOUR }: PartitaOptions = {},
): Uint32Array {
  const readFile = (path: string): Uint8Array | undefined => readFileSync(path);
  const tree = parseDts(`${boards}/virt/board.dts`, { readFile });
  const hyp = level === 'Hyp';
  applyOptions(tree, { virtualization: hyp, cores: 1, memory: MEBIBYTES * 1024 * 1024 });
  if (level === 'Secure') withSecurity(tree);
  // Most code of an image runs once.
  const wasm = engine === 'jit' ? new CountingWasm() : undefined;
  const translator = wasm === undefined ? {} : { wasm, translation: { ...AT_ONCE, items: FEW } };
  const machine = bootMachine(tree, { image: readFileSync(image), firmware: false, el: hyp ? 'hyp' : 'svc', ...translator });
  if (wasm !== undefined && machine.translations !== undefined) {
    wasm.scalars = machine.cpus[0]?.s as Int32Array;
    machine.translations.exited = wasm.exited;
  }
  const result = new ResultFile();
  const files: SemihostingFiles = { open: () => ok(result), remove: () => ok(null), rename: () => ok(null) };
  attachSemihosting(machine, { files });
  machine.run(limit);
  if (wasm !== undefined) count(machine, wasm.inside);
  if (machine.ending?.kind !== 'exit') throw new Error(`the harness did not end: ${machine.ending?.kind ?? 'time is over'}`);
  return result.words;
}

function count({ translations, loop }: Machine, inside: number): void {
  const { instructions = 0, regions = 0 } = translations?.made ?? {};
  tally = {
    translated: tally.translated + instructions,
    regions: tally.regions + regions,
    executed: tally.executed + (loop.instructions[0] ?? 0),
    inside: tally.inside + inside,
  };
}

/** The processor has Monitor mode, and no firmware takes its calls. */
function withSecurity(tree: DeviceTree): void {
  tree.root.child('cpus').set('partita,security-extensions');
  tree.root.remove(tree.root.child('psci'));
}
