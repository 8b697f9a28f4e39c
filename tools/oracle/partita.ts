/** Runs the image on a machine of ours: the same board, the same harness, the results by semihosting. */
import { readFileSync } from 'node:fs';
import { ok } from '../../core/base/outcome.ts';
import type { SemihostingFile, SemihostingFiles } from '../../core/devices/semihosting.ts';
import { AT_ONCE } from '../../core/jit/translations.ts';
import { applyOptions } from '../../core/machine/board.ts';
import { bootMachine } from '../../core/machine/boot.ts';
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import type { DeviceTree } from '../../core/machine/devicetree/tree.ts';
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
  const translator = engine === 'jit' ? { wasm: new Wasm(), translation: AT_ONCE } : {};
  const machine = bootMachine(tree, { image: readFileSync(image), firmware: false, el: hyp ? 'hyp' : 'svc', ...translator });
  const result = new ResultFile();
  const files: SemihostingFiles = { open: () => ok(result), remove: () => ok(null), rename: () => ok(null) };
  attachSemihosting(machine, { files });
  machine.run(limit);
  if (machine.ending?.kind !== 'exit') throw new Error(`the harness did not end: ${machine.ending?.kind ?? 'time is over'}`);
  return result.words;
}

/** The processor has Monitor mode, and no firmware takes its calls. */
function withSecurity(tree: DeviceTree): void {
  tree.root.child('cpus').set('partita,security-extensions');
  tree.root.remove(tree.root.child('psci'));
}
