/** Debian's ARM kernels (npm run guests:linux) to a shell, in Partita and in QEMU, with the same commands typed at its prompts. */
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyOptions } from '../../core/machine/board.ts';
import { writeDtb } from '../../core/machine/devicetree/dtb-writer.ts';
import { type Flavour, linuxFolder } from '../../tools/fetch/linux.ts';
import { type Board, readBoard } from '../core/machine/rig.ts';
import type { Program } from '../tools/cli/program.ts';

export interface Configuration {
  readonly flavour: Flavour;
  readonly board: Board;
  readonly cores: number;
  readonly cpu: 'cortex-a7' | 'cortex-a15';
  readonly el: 'svc' | 'hyp';
  /** The compressed kernel, or what is in it. */
  readonly image: 'zImage' | 'Image';
  /** The kernel's own tree of the board, instead of ours. */
  readonly dtb?: string;
}

export interface Session {
  readonly text: string;
  readonly status: number | null;
}

/** Under CI missing kernels are an error, so that nothing is passed over there. */
export function haveLinux(): boolean {
  if (existsSync(join(linuxFolder('armmp'), 'made')) && existsSync(join(linuxFolder('armmp-lpae'), 'made'))) return true;
  if (process.env['CI'] !== undefined) throw new Error('CI lacks the kernels of npm run guests:linux');
  return false;
}

const PROMPT = '\n/ # ';
const TIMEOUT = 400_000;
/** Self-tests of ciphers would take most of the time. */
const APPEND = 'console=ttyAMA0 cryptomgr.notests';

function files({ flavour, board, image, dtb }: Configuration) {
  const folder = linuxFolder(flavour);
  const kernel = join(folder, image === 'zImage' ? 'zImage' : `${board}.uImage`);
  return { kernel, initrd: join(folder, 'initramfs.cpio'), dtb: dtb === undefined ? undefined : join(folder, dtb) };
}

export function linuxInPartita(
  program: Program,
  configuration: Configuration,
  commands: readonly string[],
  more: readonly string[] = [],
): Promise<Session> {
  const { board, cores, cpu, el } = configuration;
  const { kernel, initrd, dtb } = files(configuration);
  const machine = ['boot', '--board', board, '--memory', '256M', '--smp', `${cores}`, '--cpu', cpu, '--el', el];
  const tree = dtb === undefined ? [] : ['--dtb', dtb];
  // Virtual time flies while the shell waits for this program to type.
  const limits = ['--console', 'uart0', '--for', '2000s'];
  const args = [...machine, '--initrd', initrd, '--append', APPEND, ...tree, ...limits, ...more, kernel];
  return session(process.execPath, [join(program.folder, 'dist/partita.js'), ...args], commands);
}

/** In QEMU, which ends where Linux asks for a reset, with our tree of the board unless the configuration names another. */
export function linuxInQemu(
  program: Program,
  configuration: Configuration,
  commands: readonly string[],
  more: readonly string[] = [],
): Promise<Session> {
  const { board, cores, cpu, el } = configuration;
  const { kernel, initrd, dtb = ourTree(program, configuration) } = files(configuration);
  const hyp = {
    virt: `virt,virtualization=${el === 'hyp' ? 'on' : 'off'}`,
    'vexpress-a15': `vexpress-a15,secure=${el === 'hyp' ? 'off' : 'on'}`,
  };
  const machine = ['-M', hyp[board], '-cpu', cpu, '-smp', `${cores}`, '-m', '256', '-nographic', '-net', 'none', '-no-reboot'];
  const start = [
    '-rtc',
    'base=2026-01-01T00:00:00,clock=vm',
    '-kernel',
    kernel,
    '-initrd',
    initrd,
    '-dtb',
    dtb,
    '-append',
    APPEND,
  ];
  return session('qemu-system-arm', [...machine, ...start, ...more], commands);
}

function ourTree(program: Program, { board, cores, cpu, el }: Configuration): string {
  const tree = readBoard(board);
  applyOptions(tree, { virtualization: el === 'hyp', cores, cpu, memory: 256 << 20 });
  // QEMU adds the virtio slots of this board by itself.
  if (board === 'vexpress-a15')
    for (const node of [...tree.root.walk()]) if (node.isCompatible('virtio,mmio')) node.parent?.remove(node);
  const file = join(program.folder, `${board}-${cores}-${cpu}-${el}.dtb`);
  writeFileSync(file, writeDtb(tree));
  return file;
}

/** Runs a program and types a line at each prompt. */
export function session(command: string, args: readonly string[], lines: readonly string[]): Promise<Session> {
  const child = spawn(command, args, { env: { ...process.env, NO_COLOR: '1', QEMU_AUDIO_DRV: 'none' } });
  const left = [...lines];
  let [text, from] = ['', 0];
  const heard = (data: Buffer) => {
    text += data.toString('latin1');
    const line = left[0];
    if (line === undefined || !text.includes(PROMPT, from)) return;
    from = text.length;
    left.shift();
    child.stdin.write(`${line}\n`);
  };
  child.stdout.on('data', heard);
  child.stderr.on('data', heard);
  const timer = setTimeout(() => child.kill(), TIMEOUT);
  return new Promise((resolve) =>
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve({ text: text.replaceAll('\r', '').replaceAll('\x1b[6n', ''), status });
    }),
  );
}

/**
 * What each command printed; under '' what the kernel printed before the first prompt. `quiet`: without what it says afterwards, for that stands
 * where its time is.
 */
export function answersOf({ text }: Session, quiet = false): Map<string, string[]> {
  const [boot = '', ...rest] = text.split(/^\/ # /m);
  const found = new Map([['', lines(boot)]]);
  for (const part of rest) {
    const [command = '', ...answer] = part.split('\n');
    found.set(command, lines(answer.filter((line) => !quiet || !STAMP.test(line)).join('\n')));
  }
  return found;
}

const STAMP = /^\[ *\d+\.\d+\] /;

/** Without the kernel's time. */
const lines = (text: string): string[] => text.split('\n').map((line) => line.replace(STAMP, ''));
