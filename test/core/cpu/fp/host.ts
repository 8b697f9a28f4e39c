/** Runs vectors through `native.c`: the host's own arithmetic under Arm's rules. It shares nothing with QEMU's soft floats, nor with us. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Operation } from './operations.ts';
import type { Oracle } from './vectors.ts';

const SOURCE = join(import.meta.dirname, 'native.c');
/** No optimisation: that would move arithmetic past a change of the rounding mode. */
const FLAGS = ['-O0', '-Wall', '-Werror', '-Wno-unused-function', '-frounding-math', '-ffp-contract=off'];

/** x87 has the 64-bit mantissas that `native.c` scales integers with. */
export const isSuitableHost = process.arch === 'x64';

export class HostProcessor implements Oracle {
  readonly name = 'host';
  readonly #folder = mkdtempSync(join(tmpdir(), 'partita-fp-host-'));
  readonly #binary = join(this.#folder, 'native');

  constructor(operations: readonly Operation[]) {
    const cases = operations.map(({ c }, index) => (c === undefined ? '' : `case ${index}: { ${c}; break; }`));
    writeFileSync(join(this.#folder, 'operations.h'), cases.join('\n'));
    execFileSync('gcc', [...FLAGS, `-I${this.#folder}`, '-o', this.#binary, SOURCE, '-lm']);
  }

  answers({ c }: Operation): boolean {
    return c !== undefined;
  }

  run(vectors: Uint8Array): Uint8Array {
    const { stdout, status, stderr } = spawnSync(this.#binary, { input: vectors, maxBuffer: vectors.length });
    if (status !== 0) throw new Error(`native.c ended with ${status}: ${stderr.toString()}`);
    return stdout;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
