import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLines } from '../../../tools/trace/dwarf-lines.ts';
import { ElfSections } from '../../../tools/trace/elf-sections.ts';
import { have } from '../../support/oracles.ts';

const SOURCE = `
static int twice(int x) { return x + x; }
__attribute__((noinline)) int power(int base, int exponent)
{
  int result = 1;
  while (exponent > 0) {
    if (exponent & 1)
      result *= base;
    base *= base;
    exponent >>= 1;
  }
  return twice(result);
}
#line 1000 "other.h"
int entry(void) { return power(3, 5); }
`;

describe.skipIf(!have('arm-none-eabi-gcc', 'arm-none-eabi-objdump'))('line numbers', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lines-'));
    writeFileSync(join(folder, 'power.c'), SOURCE);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const build = (...options: string[]) => {
    const flags = ['-O2', '-nostdlib', '-Wl,-e,entry', '-o', 'power.elf', ...options, 'power.c'];
    execFileSync('arm-none-eabi-gcc', flags, { cwd: folder, stdio: 'pipe' });
    return new ElfSections(readFileSync(join(folder, 'power.elf')));
  };

  /** Address and line of each row that objdump decodes, but for those that the next row at their address replaces. */
  const decoded = (path: string) => {
    const text = execFileSync('arm-none-eabi-objdump', ['--dwarf=decodedline', path], { encoding: 'utf8' });
    const rows = [...text.matchAll(/^(\S+)\s+(\d+|-)\s+(0x[\da-f]+|0)(?:\[\d+\])?(?:\s.*)?$/gm)];
    const lines = new Map<number, number>();
    for (const [, , line, address] of rows) {
      if (line === '-') continue;
      lines.set(Number(address), Number(line));
    }
    return lines;
  };

  it.each([2, 3, 4, 5])('of DWARF %i are those that objdump reads, and name their files', (version) => {
    for (const flag of ['-marm', '-mthumb']) {
      const elf = build(`-gdwarf-${version}`, '-gstrict-dwarf', '-mcpu=cortex-a15', flag);
      const ranges = readLines(elf)!;
      const expected = decoded(join(folder, 'power.elf'));
      expect(ranges.length).toBeGreaterThan(8);
      for (const { address, end, line } of ranges) {
        expect(end).toBeGreaterThan(address);
        expect(line).toBe(expected.get(address));
      }
      expect(new Set(ranges.map(({ file }) => file))).toEqual(new Set([join(folder, 'power.c'), join(folder, 'other.h')]));
    }
  });

  it('are read from sections that the linker has packed', () => {
    const plain = readLines(build('-g', '-mcpu=cortex-a15'));
    expect(readLines(build('-g', '-gz', '-mcpu=cortex-a15'))).toEqual(plain);
  });

  it('are absent from a file that was built without', () => {
    expect(readLines(build('-mcpu=cortex-a15'))).toBeUndefined();
  });

  it('of the guests are those that objdump reads', () => {
    for (const name of ['control', 'telemetry']) {
      const path = `guests/${name}/${name}.elf`;
      const expected = decoded(path);
      const wrong = readLines(new ElfSections(readFileSync(path)))!.filter(({ address, line }) => expected.get(address) !== line);
      expect(wrong).toEqual([]);
    }
  });

  it('have functions beside them, each once and without what marks data', () => {
    const { functions } = build('-g', '-mcpu=cortex-a15', '-mthumb');
    expect(functions.map(({ name }) => name)).toEqual(['power', 'entry']);
    expect(functions.every(({ address, size }) => address % 2 === 0 && size > 0)).toBe(true);
  });
});
