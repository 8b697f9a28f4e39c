/** What is measured besides images: starting up alone, U-Boot to its prompt in both, and the demo system with either engine. */
import { existsSync } from 'node:fs';
import { type Engine, partita, type Setting } from './measure.ts';
import { medians, type Times, timed } from './timed.ts';

export interface Boot {
  readonly name: string;
  /** Medians by who ran it. */
  readonly times: Readonly<Record<string, Times>>;
}

/** Where Debian's package u-boot-qemu puts it. */
const U_BOOT = '/usr/lib/u-boot/qemu_arm/u-boot.bin';
const DEMO = 'boards/vexpress-a15/demo.dts';
const PROMPT = '=> ';
/** Leaves QEMU with -nographic. */
const LEAVE = '\x01x';

interface Candidate {
  readonly name: string;
  readonly available: boolean;
  readonly measure: (setting: Setting) => Promise<Boot['times']>;
}

export const BOOTS: readonly Candidate[] = [
  { name: 'first instruction of the demo', available: true, measure: firstInstruction },
  { name: 'U-Boot to its prompt', available: existsSync(U_BOOT), measure: uBoot },
  { name: 'first-light demo', available: true, measure: demo },
];

/** The status of a run that its limit ended. */
const LIMIT = 3;

/** From the start of the process to the end of it, right after the first instruction of a guest. */
async function firstInstruction({ runs, engine, scratch }: Setting): Promise<Boot['times']> {
  const all: Times[] = [];
  const command = partita('run', DEMO, '--engine', engine, '--instructions', '1');
  for (let i = 0; i < runs; i++) all.push(await timed(command, scratch, [], LIMIT));
  return { [`Partita (${engine})`]: medians(all) };
}

async function uBoot({ runs, engine, scratch }: Setting): Promise<Boot['times']> {
  const ours: Times[] = [];
  const theirs: Times[] = [];
  const input = ['--input', 'uart0=\\n', '--expect', `uart0=${PROMPT}`];
  const machine = ['-M', 'virt', '-cpu', 'cortex-a15', '-nographic', '-net', 'none', '-no-reboot', '-bios', U_BOOT];
  const answers = [
    { shown: 'autoboot', typed: '\n' },
    { shown: PROMPT, typed: LEAVE },
  ];
  for (let i = 0; i < runs; i++) {
    ours.push(await timed(partita('boot', '--board', 'virt', '--bios', U_BOOT, '--engine', engine, ...input), scratch));
    theirs.push(await timed(['qemu-system-arm', ...machine], scratch, answers));
  }
  return { [`Partita (${engine})`]: medians(ours), QEMU: medians(theirs) };
}

async function demo({ runs, scratch }: Setting): Promise<Boot['times']> {
  const by: Record<Engine, Times[]> = { interpreter: [], jit: [] };
  for (let i = 0; i < runs; i++) {
    for (const engine of ['jit', 'interpreter'] as const) {
      by[engine].push(await timed(partita('run', DEMO, '--engine', engine), scratch));
    }
  }
  return { 'Partita (jit)': medians(by.jit), 'Partita (interpreter)': medians(by.interpreter) };
}
