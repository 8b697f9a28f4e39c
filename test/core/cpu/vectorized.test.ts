import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runInPartita } from '../../../tools/oracle/partita.ts';
import { runInQemu } from '../../../tools/oracle/qemu.ts';
import { have } from '../../support/oracles.ts';

const SOURCES = ['start.S', 'kernels.c'].map((name) => join(import.meta.dirname, 'vectorized', name));
const CPU = ['-mcpu=cortex-a15', '-mfpu=neon-vfpv4', '-mfloat-abi=hard'];
const PLAIN = ['-ffreestanding', '-nostdlib', '-fno-tree-loop-distribute-patterns', '-Wl,-Ttext-segment=0x40010000', '-Wl,-N'];

function results(options: readonly string[]): { ours: Uint32Array; theirs: Uint32Array } {
  const folder = mkdtempSync(join(tmpdir(), 'vectorized-'));
  try {
    const image = join(folder, 'kernels.elf');
    const { status, stderr } = spawnSync('arm-none-eabi-gcc', [...CPU, ...options, ...PLAIN, '-o', image, ...SOURCES, '-lgcc'], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    return { ours: runInPartita(image), theirs: runInQemu(folder, image) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const ready = have('qemu-system-arm', 'arm-none-eabi-gcc');

describe('programs that the compiler has vectorized', () => {
  for (const options of [
    ['-marm', '-O3', '-ffast-math'],
    ['-mthumb', '-O3', '-ffast-math'],
    ['-mthumb', '-O1', '-fno-math-errno'],
  ]) {
    it.skipIf(!ready)(`calculate what they do in QEMU with ${options.join(' ')}`, () => {
      const { ours, theirs } = results(options);
      expect(ours).toEqual(theirs);
      expect(new Set(theirs).size).toBeGreaterThan(80);
    });
  }
});
