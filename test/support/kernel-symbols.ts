/** A small ELF file with symbols of a kernel, for gdb: Debian's own are in a package of hundreds of megabytes, and /proc/kallsyms has the addresses. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Room for the last one. */
const FUNCTION = 4096;

/** Lines as in /proc/kallsyms: address, kind, name. Returns the file's name in the folder. */
export function kernelSymbols(folder: string, lines: readonly string[]): string {
  const symbols = lines.flatMap((line) => {
    const [, address, name] = /^([0-9a-f]{8}) [tT] ([\w.]+)/.exec(line) ?? [];
    return address === undefined || name === undefined
      ? []
      : [{ address: Number.parseInt(address, 16), name: name.replace(/\..*/, '') }];
  });
  const [base, end] = [Math.min, Math.max].map((pick) => pick(...symbols.map(({ address }) => address))) as [number, number];
  const source = [
    '.section .text, "ax", %nobits',
    '.arm',
    `first: .space ${end - base + FUNCTION}`,
    ...symbols.flatMap(({ name, address }) => [
      `.global ${name}`,
      `.type ${name}, %function`,
      `${name} = first + ${address - base}`,
    ]),
  ];
  writeFileSync(join(folder, 'kernel.s'), `${source.join('\n')}\n`);
  const run = (program: string, ...args: string[]) => {
    const { status, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${program}: ${stderr}`);
  };
  run('arm-none-eabi-as', '-o', 'kernel.o', 'kernel.s');
  run('arm-none-eabi-ld', `-Ttext=0x${base.toString(16)}`, '-e', `0x${base.toString(16)}`, '-o', 'kernel.elf', 'kernel.o');
  return 'kernel.elf';
}
