/** Debian's ARM kernels, unmodified, on bare boards: to a shell that answers as in QEMU with the same tree, to power-off and to reset. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answersOf, type Configuration, haveLinux, linuxInPartita, linuxInQemu, type Session } from '../support/linux.ts';
import { have } from '../support/oracles.ts';
import { Program } from '../tools/cli/program.ts';

/** Kernel, board, cores, processor, mode of entry: every pair of values occurs. */
const CONFIGURATIONS = [
  'armmp virt 1 cortex-a15 svc',
  'armmp virt 4 cortex-a7 hyp',
  'armmp vexpress-a15 1 cortex-a7 hyp',
  'armmp vexpress-a15 4 cortex-a15 svc',
  'armmp-lpae virt 1 cortex-a7 svc',
  'armmp-lpae virt 4 cortex-a15 hyp',
  'armmp-lpae vexpress-a15 1 cortex-a15 hyp',
  'armmp-lpae vexpress-a15 4 cortex-a7 svc',
  // As people start it: the packed kernel, with its own tree of the board.
  'armmp-lpae vexpress-a15 2 cortex-a15 svc zImage vexpress-v2p-ca15-tc1.dtb',
] as const;

function configuration(text: string): Configuration {
  const [flavour, board, cores, cpu, el, image = 'Image', dtb] = text.split(' ');
  return { flavour, board, cores: Number(cores), cpu, el, image, ...(dtb === undefined ? {} : { dtb }) } as Configuration;
}

const COMMANDS = ['uname -a', 'cat /proc/cpuinfo', 'cat /proc/iomem', 'cat /proc/interrupts', 'sha256sum /bin/busybox /init'];

/** Lines that depend on the host's speed and randomness in QEMU, on how long the device tree is, or on what QEMU 7.2 lacks: no SMCCC 1.1. */
const DIFFERENT: readonly (readonly [RegExp, string])[] = [
  [/^random: crng init done$/, ''],
  [/^hrtimer: interrupt took \d+ ns$/, ''],
  [/^(audit: type=2000 audit).*(: state)/, '$1$2'],
  [/^(.*: setting system clock to .*:)\d\d UTC.*/, '$1'],
  [/^(Memory: )\d+(.*, )\d+(K reserved)/, '$1$2$3'],
  [/^(psci: SMC Calling Convention v1\.)[01]$/, '$1'],
];

/** Cores and kernel threads print when they are ready, so the order of lines is left out. */
const booted = (lines: readonly string[] | undefined): string[] | undefined =>
  lines
    ?.map((line) => DIFFERENT.reduce((text, [shape, instead]) => text.replace(shape, instead), line))
    .filter((line) => line !== '' && !line.startsWith('not modelled'))
    .sort();

/** How often an interrupt came depends on time. */
const uncounted = (lines: readonly string[] | undefined): string[] | undefined =>
  lines?.map((line) => {
    const [, name = '', counts = '', rest = line] = /^( *\w+:)((?: +\d+)+)(.*)$/.exec(line) ?? [];
    return `${name}${counts.replaceAll(/ *\d+/g, ' n')}${rest.trimStart()}`;
  });

describe.skipIf(!(haveLinux() && have('qemu-system-arm')))('Linux', () => {
  let program: Program;
  beforeAll(async () => {
    program = await Program.build();
  }, 60_000);
  afterAll(() => program.remove());

  describe.each(CONFIGURATIONS)('%s', (text) => {
    const wanted = configuration(text);
    const last = wanted.el === 'hyp' ? 'reboot -f' : 'poweroff -f';
    let [ours, theirs] = [new Map<string, string[]>(), new Map<string, string[]>()];
    let [ran, reference]: Session[] = [];
    beforeAll(async () => {
      const commands = [...COMMANDS, last];
      const both = [linuxInPartita(program, wanted, commands), linuxInQemu(program, wanted, commands)] as const;
      [ran, reference] = await Promise.all(both);
      [ours, theirs] = [answersOf(ran), answersOf(reference)];
    }, 500_000);

    it('prints the same while it starts', () => {
      expect(booted(theirs.get(''))?.length).toBeGreaterThan(100);
      expect(booted(ours.get(''))).toEqual(booted(theirs.get('')));
    });

    it('gets every command, each at its prompt', () => {
      expect([...ours.keys()]).toEqual(['', ...COMMANDS, last]);
      expect([...theirs.keys()]).toEqual(['', ...COMMANDS, last]);
    });

    it('answers the same', () => {
      const [interrupts, ...same] = ['cat /proc/interrupts', ...COMMANDS.filter((command) => !command.endsWith('interrupts'))];
      for (const command of same) expect(ours.get(command), command).toEqual(theirs.get(command));
      expect(uncounted(ours.get(interrupts))).toEqual(uncounted(theirs.get(interrupts)));
      expect(ours.get('cat /proc/cpuinfo')?.filter((line) => line.startsWith('processor')).length).toBe(wanted.cores);
    });

    it('ends the run', () => {
      expect([ran?.status, reference?.status]).toEqual([0, 0]);
      expect(ran?.text).toMatch(wanted.el === 'hyp' ? /; ended: reset/ : /; ended: off/);
    });
  });

  it('comes to the same state at the prompt in every run', async () => {
    const wanted = configuration('armmp-lpae virt 4 cortex-a15 svc');
    const runs = await Promise.all([1, 2].map(() => linuxInPartita(program, wanted, [], ['--expect', 'uart0=\\n/ # '])));
    const states = runs.map(({ text }) => /^state [0-9a-f]{16}/m.exec(text)?.[0]);
    expect(states[0]).toBeDefined();
    expect(states[1]).toBe(states[0]);
  });
});
