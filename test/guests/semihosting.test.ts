/** A C program on Debian's newlib with semihosting, hard float, in ARM and Thumb code: it prints, reads and ends as in QEMU. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunReport } from '../../core/machine/report.ts';
import { have } from '../support/oracles.ts';
import { Program } from '../tools/cli/program.ts';

const SOURCES = ['start.S', 'main.c'].map((name) => resolve('test/guests/semihosting', name));
const FLAGS = ['--specs=rdimon.specs', '-mcpu=cortex-a15', '-mfpu=vfpv4', '-mfloat-abi=hard', '-O2'];
/** Newlib's own script links to 0x8000, where virt has flash. */
const PLACE = ['-Wl,-Ttext-segment=0x40100000', '-Wl,-e,enter'];

describe.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc'))('a semihosting program', () => {
  let program: Program;
  beforeAll(async () => {
    program = await Program.build();
    mkdirSync(join(program.folder, 'here'));
  });
  afterAll(() => program.remove());

  function compile(set: string): string {
    const gcc = spawnSync(
      'arm-none-eabi-gcc',
      [...FLAGS, set, ...PLACE, '-o', join(program.folder, 's.elf'), ...SOURCES, '-lm'],
      {
        encoding: 'utf8',
      },
    );
    expect(gcc.stderr).toBe('');
    return 's.elf';
  }

  function inQemu(image: string, args: readonly string[]) {
    const quiet = ['-M', 'virt', '-cpu', 'cortex-a15', '-m', '128', '-display', 'none', '-serial', 'none', '-monitor', 'none'];
    const semihosting = ['enable=on', 'target=native', ...[image, ...args].map((one) => `arg=${one}`)].join(',');
    const { status, stdout, stderr } = spawnSync(
      'qemu-system-arm',
      [...quiet, '-semihosting-config', semihosting, '-kernel', join('..', image)],
      { cwd: join(program.folder, 'here'), encoding: 'utf8', timeout: 30_000 },
    );
    return { status, output: stdout + stderr };
  }

  function inPartita(image: string, args: readonly string[]) {
    const semihosting = ['--semihosting', '--semihosting-root', 'here', '--append', args.join(' '), '--console', 'semihosting'];
    const { status, stdout } = program.run(
      'boot',
      '--memory',
      '128M',
      image,
      ...semihosting,
      '--report',
      'r.json',
      '--for',
      '1s',
    );
    const { ended } = JSON.parse(readFileSync(join(program.folder, 'r.json'), 'utf8')) as RunReport;
    return { status, stdout, ended };
  }

  it.each(['-marm', '-mthumb'])(
    'compiled with %s prints text, numbers and files as in QEMU, and ends with the same code',
    (set) => {
      const image = compile(set);
      const theirs = inQemu(image, ['one', '3']);
      expect(theirs.status).toBe(3);
      expect(theirs.output).toContain("2 arguments\n  1: 'one'\n  2: '3'\n");
      expect(theirs.output).toContain('size 1495\nremove 0\ngone 1 2\nremove -1\n');
      // Newlib's standard error is the same console here; the program writes to it last.
      expect(inPartita(image, ['one', '3'])).toEqual({ status: 1, stdout: theirs.output, ended: 'exit 3' });
      expect(existsSync(join(program.folder, 'here/semihosting-test.txt'))).toBe(false);
    },
  );

  it('that ends with code 0 gives status 0', () => {
    const image = compile('-mthumb');
    expect(inQemu(image, ['0']).status).toBe(0);
    expect(inPartita(image, ['0'])).toMatchObject({ status: 0, ended: 'exit 0' });
  });
});
