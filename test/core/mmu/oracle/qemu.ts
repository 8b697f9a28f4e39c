/** Builds the test image and lets QEMU carry out the scenarios: a machine in Hyp mode whose firmware is the image. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode, RAM_SIZE, type Scenario } from './layout.ts';

const HERE = import.meta.dirname;
const FLAGS = '-march=armv7ve -marm -O2 -nostdlib -ffreestanding -fno-builtin -mgeneral-regs-only -Wall -Werror'.split(' ');

/** Whether this is the QEMU whose differences compare.ts names; others may have fewer. */
export const isKnownQemu = (): boolean => /version 7\.2\./.test(spawnSync('qemu-system-arm', ['--version']).stdout.toString());

/** Records of eight words, one per case. */
export function runInQemu(scenarios: readonly Scenario[], timeout = 120_000): Uint32Array {
  const folder = mkdtempSync(join(tmpdir(), 'mmu-oracle-'));
  try {
    const path = (name: string) => join(folder, name);
    const sources = ['image.S', 'image.c'].map((name) => join(HERE, name));
    execFileSync('arm-none-eabi-gcc', [...FLAGS, '-T', join(HERE, 'image.ld'), '-o', path('image.elf'), ...sources]);
    execFileSync('arm-none-eabi-objcopy', ['-O', 'binary', path('image.elf'), path('image.bin')]);
    writeFileSync(path('cases.bin'), encode(scenarios));
    const machine = [
      '-M',
      'virt,virtualization=on,highmem=off',
      '-cpu',
      'cortex-a15',
      '-m',
      `${RAM_SIZE / 0x100000}M`,
      '-display',
      'none',
    ];
    const loaded = ['-bios', 'image.bin', '-device', 'loader,file=cases.bin,addr=0x40400000,force-raw=on'];
    const hosted = ['-semihosting-config', 'enable=on,target=native', '-monitor', 'none', '-serial', 'none', '-nodefaults'];
    const { status, stderr, error } = spawnSync('qemu-system-arm', [...machine, ...loaded, ...hosted], { cwd: folder, timeout });
    if (error !== undefined || status !== 0) throw new Error(`QEMU ended with ${status}: ${error?.message ?? stderr.toString()}`);
    const bytes = readFileSync(path('results.bin'));
    return new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
