/** What is measured besides images: starting up alone, U-Boot and Linux to their prompts in both, and the demo system with either engine. */
import { existsSync } from 'node:fs';
import { EARLIER, type Engine, keptIn, partita, type Setting } from './measure.ts';
import { type Answer, medians, type Times, timed } from './timed.ts';

export interface Boot {
  readonly name: string;
  /** Medians by who ran it. */
  readonly times: Readonly<Record<string, Times>>;
}

/** Where Debian's package u-boot-qemu puts it. */
const U_BOOT = '/usr/lib/u-boot/qemu_arm/u-boot.bin';
const DEMO = 'boards/vexpress-a15/demo.dts';
/** Where `npm run guests:linux` puts it. */
const LINUX = '.cache/linux/armmp-lpae';
/** Leaves QEMU with -nographic. */
const LEAVE = '\x01x';

interface Candidate {
  readonly name: string;
  readonly available: boolean;
  readonly measure: (setting: Setting) => Promise<Boot['times']>;
}

/** The status of a run that its limit ended. */
const LIMIT = 3;

/** From the start of the process to the end of it, right after the first instruction of a guest. */
async function firstInstruction({ runs, engine, scratch }: Setting): Promise<Boot['times']> {
  const all: Times[] = [];
  const command = partita('run', DEMO, '--engine', engine, '--instructions', '1', '--code-cache', 'off');
  for (let i = 0; i < runs; i++) all.push(await timed(command, scratch, [], LIMIT));
  return { [`Partita (${engine})`]: medians(all) };
}

/** Runs that begin with what earlier ones have translated, and such as do not. */
const named = (engine: Engine, later: readonly Times[], first: readonly Times[]): Boot['times'] => ({
  [`Partita (${engine})`]: medians(later),
  [`Partita (${engine}), first run`]: medians(first),
});

interface Prompted {
  readonly partita: readonly string[];
  readonly qemu: readonly string[];
  readonly answers: readonly Answer[];
  readonly prompt: string;
}

/** From the start of the process to the end of it, at a prompt. */
async function toPrompt({ partita: options, qemu, answers, prompt }: Prompted, setting: Setting): Promise<Boot['times']> {
  const { runs, engine, scratch } = setting;
  const [first, later, theirs]: [Times[], Times[], Times[]] = [[], [], []];
  const boot = ['boot', '--board', 'virt', '--quiet', '--engine', engine, '--expect', `uart0=${prompt}`, ...options];
  const withCache = (cache: string) => timed(partita(...boot, '--code-cache', cache), scratch);
  const machine = ['qemu-system-arm', '-M', 'virt', '-cpu', 'cortex-a15', '-nographic', '-net', 'none', '-no-reboot'];
  for (let i = 0; i < EARLIER; i++) await withCache(keptIn(setting));
  for (let i = 0; i < runs; i++) {
    later.push(await withCache(keptIn(setting)));
    first.push(await withCache('off'));
    theirs.push(await timed([...machine, ...qemu], scratch, [...answers, { shown: prompt, typed: LEAVE }]));
  }
  return { ...named(engine, later, first), QEMU: medians(theirs) };
}

/** A key cuts its countdown short. */
const U_BOOT_PROMPT: Prompted = {
  partita: ['--bios', U_BOOT, '--input', 'uart0=\\n'],
  qemu: ['-bios', U_BOOT],
  answers: [{ shown: 'autoboot', typed: '\n' }],
  prompt: '=> ',
};

function shellOf(kernel: string): Prompted {
  const [file, initrd, append] = [`${LINUX}/${kernel}`, `${LINUX}/initramfs.cpio`, 'console=ttyAMA0 cryptomgr.notests'];
  return {
    partita: ['--memory', '256M', '--initrd', initrd, '--append', append, file],
    qemu: ['-m', '256', '-kernel', file, '-initrd', initrd, '-append', append],
    answers: [],
    prompt: '/ # ',
  };
}

async function demo({ runs, scratch }: Setting): Promise<Boot['times']> {
  const [first, later, interpreted]: [Times[], Times[], Times[]] = [[], [], []];
  const run = (engine: Engine, cache: string) => timed(partita('run', DEMO, '--engine', engine, '--code-cache', cache), scratch);
  for (let i = 0; i < EARLIER; i++) await run('jit', scratch);
  for (let i = 0; i < runs; i++) {
    later.push(await run('jit', scratch));
    first.push(await run('jit', 'off'));
    interpreted.push(await run('interpreter', 'off'));
  }
  return { ...named('jit', later, first), 'Partita (interpreter)': medians(interpreted) };
}

const prompted = (name: string, files: string, boot: Prompted): Candidate => ({
  name,
  available: existsSync(files),
  measure: (setting) => toPrompt(boot, setting),
});

export const BOOTS: readonly Candidate[] = [
  { name: 'first instruction of the demo', available: true, measure: firstInstruction },
  prompted('U-Boot to its prompt', U_BOOT, U_BOOT_PROMPT),
  prompted('Linux to its shell, raw kernel', LINUX, shellOf('virt.uImage')),
  prompted('Linux to its shell, zImage', LINUX, shellOf('zImage')),
  { name: 'first-light demo', available: true, measure: demo },
];
