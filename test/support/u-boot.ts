/** Debian's U-Boot for QEMU's virt machine (package u-boot-qemu), and what QEMU's answers to typed commands are. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Where the package puts it. */
export const U_BOOT = '/usr/lib/u-boot/qemu_arm/u-boot.bin';

/** Under CI a missing package is an error, so that nothing is passed over there. */
export function haveUBoot(): boolean {
  if (existsSync(U_BOOT)) return true;
  if (process.env['CI'] !== undefined) throw new Error('CI lacks u-boot-qemu');
  return false;
}

const PROMPT = '\n=> ';
const TIMEOUT = 60_000;

/** Types each command at QEMU's prompt, the last of which ends the run; `devices` is more of its command line. Returns everything printed. */
export function typeInQemu(commands: readonly string[], memory: string, devices: readonly string[] = []): Promise<string> {
  const machine = [
    '-M',
    'virt,dtb-randomness=off',
    '-cpu',
    'cortex-a15',
    '-m',
    memory,
    '-nographic',
    '-net',
    'none',
    '-no-reboot',
  ];
  const qemu = spawn('qemu-system-arm', [...machine, '-rtc', 'base=2026-01-01T00:00:00,clock=vm', '-bios', U_BOOT, ...devices]);
  const left = [...commands];
  let [text, from] = ['', 0];
  qemu.stdout.on('data', (data: Buffer) => {
    text += data.toString('latin1');
    if (from === 0 && text.includes('autoboot')) {
      from = text.length;
      qemu.stdin.write('\n');
    }
    const prompt = from === 0 ? -1 : text.indexOf(PROMPT, from);
    const command = left[0];
    if (prompt < 0 || command === undefined) return;
    // The echo of the command stands behind its prompt, so that the next prompt is found after it.
    from = prompt + PROMPT.length;
    left.shift();
    qemu.stdin.write(`${command}\n`);
  });
  const timer = setTimeout(() => qemu.kill(), TIMEOUT);
  return new Promise((resolve) =>
    qemu.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    }),
  );
}

/** What was printed up to the first prompt, and then for each command what it printed. Commands that come twice are told apart by number. */
export function answers(transcript: string): Map<string, string> {
  const [start = '', ...rest] = transcript.replaceAll('\r', '').split(/^=> /m);
  const found = new Map([['', start]]);
  for (const part of rest) {
    const [command = '', ...lines] = part.split('\n');
    const name = found.has(command) ? `${command} (${found.size})` : command;
    found.set(name, lines.join('\n'));
  }
  return found;
}
