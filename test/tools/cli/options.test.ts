import { describe, expect, it } from 'vitest';
import { bootArguments, checkArguments, runArguments } from '../../../tools/cli/options.ts';
import { UsageError } from '../../../tools/cli/usage.ts';

describe('partita run', () => {
  it('takes a system, and has no limits by itself', () => {
    expect(runArguments(['sys.dts'])).toMatchObject({
      system: 'sys.dts',
      until: Number.POSITIVE_INFINITY,
      instructions: Number.POSITIVE_INFINITY,
      report: undefined,
      quiet: false,
      console: undefined,
      inputs: [],
      expects: [],
      snapshot: false,
    });
  });

  it.each([
    ['5s', 5e9],
    ['500ms', 5e8],
    ['1.5us', 1500],
    ['7ns', 7],
  ])('--for %s is virtual time', (text, until) => {
    expect(runArguments(['sys.dts', '--for', text]).until).toBe(until);
  });

  it('--instructions takes a whole number, in groups if you like', () => {
    expect(runArguments(['--instructions', '2_000_000', 'sys.dts']).instructions).toBe(2_000_000);
  });

  it('--input and --expect take a console and a text with escapes, as often as they are given', () => {
    const { inputs, expects } = runArguments([
      'sys.dts',
      ...['--input', 'uart0=help\\n', '--input', 'a=\\x03\\e[A\\t\\\\n=\\q'],
      '--expect=b=done',
    ]);
    expect(inputs.map(({ console, text }) => [console, text])).toEqual([
      ['uart0', 'help\n'],
      ['a', '\x03\x1b[A\t\\n=\\q'],
    ]);
    expect(expects).toMatchObject([{ console: 'b', text: 'done' }]);
  });

  it('types UTF-8, and single bytes as they are', () => {
    const [input] = runArguments(['sys.dts', '--input', 'a=ü\\xff\\xC3\\n\\xg']).inputs;
    expect(input?.bytes).toEqual([0xc3, 0xbc, 0xff, 0xc3, 0x0a, 0x5c, 0x78, 0x67]);
  });

  it.each([
    [[], 'a system description is missing: partita run SYSTEM.dts'],
    [['a.dts', 'b.dts'], 'one argument too many: b.dts'],
    [['a.dts', '--unknown'], '--unknown'],
    [['a.dts', '--for', '5'], '--for 5: give a number with ns, us, ms or s'],
    [['a.dts', '--for', '-1s'], '--for'],
    [['a.dts', '--for'], '--for'],
    [['a.dts', '--instructions', '0'], '--instructions 0: give a whole number from 1'],
    [['a.dts', '--instructions', '1e9'], '--instructions 1e9'],
    [['a.dts', '--engine', 'fast'], '--engine fast: give auto or interpreter'],
    [['a.dts', '--input', 'text'], "--input text: give the console's name and the text"],
    [['a.dts', '--expect', '=text'], "--expect =text: give the console's name"],
    [['a.dts', '--board', 'virt'], '--board'],
  ])('%j is refused in one line', (argv, problem) => {
    expect(() => runArguments(argv)).toThrow(UsageError);
    expect(() => runArguments(argv)).toThrow(problem);
    expect(() => runArguments(argv)).not.toThrow('\n');
  });
});

describe('partita boot', () => {
  it('boots an image on virt unless told otherwise', () => {
    expect(bootArguments(['u-boot.bin'])).toMatchObject({
      board: 'virt',
      image: 'u-boot.bin',
      firmware: false,
      memory: undefined,
      cores: undefined,
      el: 'svc',
      semihosting: false,
      semihostingRoot: '.',
    });
  });

  it('takes firmware instead of an image', () => {
    expect(bootArguments(['--bios', 'u-boot.bin'])).toMatchObject({ image: 'u-boot.bin', firmware: true });
    expect(() => bootArguments(['--bios', 'u-boot.bin', 'other'])).toThrow('give --bios or an image, not both: other');
  });

  it('takes devices in the order in which they are given', () => {
    const argv = [
      '--rng',
      '1',
      '--drive',
      'a',
      '--share',
      '.',
      '--drive',
      'b',
      '--net',
      'lan',
      '--virtio-version',
      '2',
      'zImage',
    ];
    const { devices, virtioVersion } = bootArguments(argv);
    expect([virtioVersion, ...devices.map(({ kind }) => kind)]).toEqual([2, 'entropy', 'block', '9p', 'block', 'net']);
  });

  it('takes the shape of the machine', () => {
    const argv = ['--board', 'vexpress-a15', '--smp', '4', '--cpu', 'cortex-a7', '--el', 'hyp', '--append', 'quiet', 'zImage'];
    expect(bootArguments([...argv, '--dtb', 'a.dtb', '--initrd', 'b.gz'])).toMatchObject({
      board: 'vexpress-a15',
      cores: 4,
      cpu: 'cortex-a7',
      el: 'hyp',
      append: 'quiet',
      dtb: 'a.dtb',
      initrd: 'b.gz',
    });
  });

  it.each([
    ['64', 64 * 2 ** 20],
    ['64M', 64 * 2 ** 20],
    ['1G', 2 ** 30],
    ['2048k', 2 ** 21],
  ])('--memory %s', (text, memory) => {
    expect(bootArguments(['a', '--memory', text]).memory).toBe(memory);
  });

  it.each([
    [['a', '--memory', '4G'], '--memory 4G: give 1M to 3G'],
    [['a', '--memory', '0'], '--memory 0'],
    [['a', '--memory', 'lots'], '--memory lots'],
    [['a', '--smp', '5'], '--smp 5: give a whole number from 1 to 4'],
    [['a', '--cpu', 'cortex-a53'], '--cpu cortex-a53: give cortex-a15 or cortex-a7'],
    [['a', '--el', 'mon'], '--el mon: give svc or hyp'],
    [['a', '--rng', '1', '--virtio-version', '3'], '--virtio-version 3: give a whole number from 1 to 2'],
    [['a', '--drive', 'd,size=3'], '--drive d,size=3: "size" is no setting; there are format=raw|qcow2'],
    [[], 'an image is missing: partita boot --board virt IMAGE'],
  ])('%j is refused in one line', (argv, problem) => {
    expect(() => bootArguments(argv)).toThrow(UsageError);
    expect(() => bootArguments(argv)).toThrow(problem);
  });
});

it('partita check takes a system, and what changes its disks', () => {
  expect(checkArguments(['a.dts'])).toEqual({ system: 'a.dts', disks: [], snapshot: false });
  expect(() => checkArguments(['a.dts', '--quiet'])).toThrow(UsageError);
});
