/** What people and scripts rely on: statuses, one clear line for each mistake, the report. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elf } from '../../core/machine/rig.ts';
import { Program } from './program.ts';

let partita: Program;
beforeAll(async () => {
  partita = await Program.build();
});
afterAll(() => partita.remove());

/** One line that starts with the program's name. */
const ONE_LINE = /^partita: [^\n]+\n$/;

const domain = (name: string, more: string, below = '') =>
  `${name} { compatible = "xen,domain"; cpus = <1>; memory = <0x0 1024>; ${more} module@0 { compatible = "multiboot,kernel", "multiboot,module"; partita,image = "guests/hello/hello.elf"; }; ${below} };`;
const system = (...lines: readonly string[]) => `#include "boards/virt/board.dts"\n/ { chosen {\n${lines.join('\n')}\n}; };\n`;
const shared =
  'shm { compatible = "xen,domain-shared-memory-v1"; xen,shm-id = "link"; xen,shared-mem = <0x0 0x47000000 0x0 0x70000000 0x0 0x1000>; };';

describe('partita check', () => {
  it('shows the map of a sound system, status 0', () => {
    const { status, stdout, stderr } = partita.run('check', 'boards/vexpress-a15/demo.dts');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('channel frames');
  });

  it.each([
    [
      'overlapping static memory',
      1,
      system(
        domain('a', 'xen,static-mem = <0x0 0x46000000 0x0 0x100000>;'),
        domain('b', 'xen,static-mem = <0x0 0x46000000 0x0 0x100000>;'),
      ),
      /^partita: isolation: broken\.dts:4:\d+: \/chosen\/b: .* overlaps /,
    ],
    [
      'a device given twice',
      1,
      system(domain('a', 'partita,devices = <&{/pl031@9010000}>;'), domain('b', 'partita,devices = <&{/pl031@9010000}>;')),
      /^partita: isolation: broken\.dts:4:\d+: \/chosen\/b: .*"a" has already\n$/,
    ],
    [
      'shared memory with no owner',
      1,
      system(domain('a', '', shared)),
      /^partita: isolation: broken\.dts:3:\d+: \/chosen\/a\/shm: shared memory "link" has no owner/,
    ],
    [
      'an unknown board',
      2,
      '#include "boards/unknown/board.dts"\n/ { };\n',
      /^partita: broken\.dts:1:\d+: .*boards\/unknown\/board\.dts/,
    ],
    ['a syntax error', 2, system('a {', '  memory = <0x0 1024>', '};'), /^partita: broken\.dts:\d+:\d+: /],
  ])('names the fault by file and line: %s, status %i', (_, expected, text, message) => {
    const { status, stderr } = partita.run('check', partita.file('broken.dts', text));
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n').length).toBe(1);
    expect(status).toBe(expected);
    expect(partita.run('run', 'broken.dts')).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('one clear line and status 2', () => {
  const words = elf([0xeafffffe], 0x4000_8000);
  const foreign = words.slice();
  foreign[18] = 62;
  it.each([
    ['a command that there is not', ['start'], 'there is no command "start"'],
    ['a file that there is not', ['boot', 'none.elf'], 'image none.elf cannot be read: there is no such file'],
    ['a folder', ['boot', 'guests'], 'image guests cannot be read: it is a folder'],
    ['a truncated ELF file', ['boot', 'cut.elf'], 'cut.elf: the ELF file is cut off'],
    ['another architecture', ['boot', 'foreign.elf'], 'foreign.elf: an ELF file for x86-64: 32-bit Arm is needed'],
    ['an empty file', ['boot', 'empty.bin'], 'empty.bin: the file is empty'],
    ['AArch64', ['boot', 'aarch64.elf'], 'aarch64.elf: a 64-bit ELF file (AArch64): a 32-bit Arm executable is needed'],
    ['random bytes', ['boot', 'random.bin'], 'random.bin: neither ELF, zImage nor uImage, and it does not start with A32 code'],
    ['random bytes as firmware', ['boot', '--bios', 'random.bin'], 'random.bin: does not start with A32 code'],
    ['random bytes with the magic number', ['boot', 'random.elf'], 'random.elf: '],
    [
      'a board that there is not',
      ['boot', '--board', 'unknown', 'guests/hello/hello.elf'],
      '--board unknown: unknown; there are vexpress-a15 and virt',
    ],
    ['an image for elsewhere', ['boot', '--board', 'vexpress-a15', 'guests/hello/hello.elf'], 'does not fit the board'],
    ['a console that there is not', ['boot', 'ok.elf', '--quiet', '--expect', 'none=x'], 'there is no console "none"'],
    [
      'a report that cannot be written',
      ['boot', 'ok.elf', '--instructions', '10', '--quiet', '--report', 'none/r.json'],
      '--report none/r.json: cannot be written',
    ],
    ['a system that there is not', ['run', 'none.dts'], 'none.dts: cannot be read'],
    ['a system of random bytes', ['check', 'random.elf'], 'random.elf:1:'],
    ['a board of random bytes', ['boot', '--board', 'random.dtb', 'ok.elf'], 'random.dtb'],
  ])('%s', (_, argv, problem) => {
    partita.file('cut.elf', words.subarray(0, 86));
    partita.file('foreign.elf', foreign);
    partita.file('empty.bin', '');
    partita.file('ok.elf', words);
    const random = Uint8Array.from({ length: 500 }, (_, i) => (i * 7919 + (i >> 3) * 31) & 0xff);
    partita.file('random.elf', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 1, 1, ...random));
    partita.file('random.dtb', random);
    partita.file('random.bin', random);
    const wide = words.slice();
    wide[4] = 2;
    wide[18] = 183;
    partita.file('aarch64.elf', wide);
    const { status, stderr } = partita.run(...argv);
    expect(stderr).toMatch(ONE_LINE);
    expect(stderr).toContain(problem);
    expect(status).toBe(2);
  });
});

describe('partita boot', () => {
  const bench = ['boot', '--board', 'virt', 'guests/bench/bench.elf'];

  it('ends with status 3 at a limit, and reports it the same every time', () => {
    const reports = [1, 2].map((i) => {
      expect(partita.run(...bench, '--instructions', '200000', '--report', `${i}.json`).status).toBe(3);
      return JSON.parse(readFileSync(join(partita.folder, `${i}.json`), 'utf8'));
    });
    expect(reports[0]).toMatchObject({
      schema: 'partita-report-1',
      instructions: 200_000,
      virtualTimeNs: 200_000,
      ended: 'limit reached',
    });
    const same = reports.map(({ hostSeconds: _, translated: _made, ...rest }) => rest);
    expect(same[0]).toEqual(same[1]);
  });

  it('--expect ends with status 0 when the text was shown, 3 if a limit comes first', () => {
    expect(partita.run(...bench, '--expect', 'uart0=bench: 100 rounds', '--for', '5ms').status).toBe(0);
    const { status, stderr } = partita.run(...bench, '--expect', 'uart0=never', '--for', '1ms');
    expect(status).toBe(3);
    expect(stderr).toContain('never shown: uart0: never');
  });

  it('--quiet prints nothing', () => {
    expect(partita.run(...bench, '--instructions', '50000', '--quiet')).toEqual({ status: 3, stdout: '', stderr: '' });
  });

  it('a guest that switches the board off ends with status 0', () => {
    // mov r0, #0x84000000; orr r0, r0, #8; hvc #0: SYSTEM_OFF
    const file = partita.file('off.elf', elf([0xe3a00321, 0xe3800008, 0xe1400070, 0xeafffffe], 0x4000_8000));
    expect(partita.run('boot', file, '--quiet').status).toBe(0);
  });
});

it('--help says how it is used, without a command too', () => {
  expect(partita.run('--help')).toMatchObject({ status: 0, stderr: '' });
  expect(partita.run('--help').stdout).toContain('partita run SYSTEM.dts');
  expect(partita.run().status).toBe(2);
});

it('output that finds no room is said in one line, with status 1', () => {
  const argv = ['-c', `"${process.execPath}" dist/partita.js check boards/vexpress-a15/demo.dts > /dev/full`];
  const { status, stderr } = spawnSync('sh', argv, { cwd: partita.folder, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: "partita: the output cannot be written: the host's disk is full\n",
  });
});
