/** The program as people run it: built as the build does, in a folder of its own with the boards beside it. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Program {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async build(): Promise<Program> {
    const folder = mkdtempSync(join(tmpdir(), 'partita-'));
    for (const name of ['boards', 'guests', 'node_modules']) symlinkSync(resolve(name), join(folder, name));
    await promisify(execFile)(process.execPath, ['tools/build.mjs', 'cli', '--outdir', join(folder, 'dist')]);
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    return new Program(folder);
  }

  /** Puts a file into the folder and returns its name. */
  file(name: string, content: string | Uint8Array): string {
    writeFileSync(join(this.folder, name), content);
    return name;
  }

  run(...args: readonly string[]): Ran {
    const env = { ...process.env, NO_COLOR: '1' };
    const ran = spawnSync(process.execPath, ['dist/partita.js', ...args], {
      cwd: this.folder,
      env,
      timeout: 60_000,
      encoding: 'utf8',
    });
    return { status: ran.status, stdout: ran.stdout, stderr: ran.stderr };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
