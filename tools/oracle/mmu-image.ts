/** Builds the image for scenarios: a machine in Hyp mode whose flash holds the image and whose RAM the scenarios. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { encode, type Scenario } from './mmu-layout.ts';

const FLAGS = '-march=armv7ve -marm -O2 -nostdlib -ffreestanding -fno-builtin -mgeneral-regs-only -Wall -Werror'.split(' ');
const NAMES = ['mmu-image.S', 'mmu-image.c'];

/** Writes `mmu.elf` into the folder and returns its path. `sources`: where the image's text is. */
export function buildMmuImage(folder: string, scenarios: readonly Scenario[], sources = 'tools/oracle'): string {
  writeFileSync(join(folder, 'cases.bin'), encode(scenarios));
  const image = join(folder, 'mmu.elf');
  const inputs = NAMES.map((name) => resolve(sources, name));
  execFileSync('arm-none-eabi-gcc', [...FLAGS, '-Wl,-n', '-T', resolve(sources, 'mmu-image.ld'), '-o', image, ...inputs], {
    cwd: folder,
  });
  return image;
}
