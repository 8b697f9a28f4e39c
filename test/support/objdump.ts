/** What binutils' objdump says of instructions, and both texts brought to a common form. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One text per instruction; each stands at its index times 4. Narrow Thumb instructions are followed by a NOP. */
export function objdump(set: 'A32' | 'T32', words: readonly { bits: number; width: number }[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'objdump-'));
  try {
    const bytes = Buffer.alloc(4 * words.length);
    for (const [i, { bits, width }] of words.entries()) {
      if (set === 'A32') bytes.writeUInt32LE(bits >>> 0, 4 * i);
      else {
        bytes.writeUInt16LE(width === 16 ? bits : bits >>> 16, 4 * i);
        bytes.writeUInt16LE(width === 16 ? 0xbf00 : bits & 0xffff, 4 * i + 2);
      }
    }
    writeFileSync(join(folder, 'words.bin'), bytes);
    const names = set === 'A32' ? 'reg-names-std' : 'reg-names-std,force-thumb';
    const args = ['-D', '-z', '-b', 'binary', '-m', 'arm', '-M', names, 'words.bin'];
    const { stdout } = spawnSync('arm-none-eabi-objdump', args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 });
    const found: string[] = [];
    for (const line of stdout.split('\n')) {
      const match = /^\s*([0-9a-f]+):\t[0-9a-f ]+\t(.*)$/.exec(line);
      if (match !== null && Number.parseInt(match[1] as string, 16) % 4 === 0)
        found[Number.parseInt(match[1] as string, 16) / 4] = match[2] as string;
    }
    return words.map((_, i) => found[i] ?? '');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const REWRITES: readonly (readonly [RegExp, string])[] = [
  [/\s*[@;].*$/, ''],
  [/<[^>]*>/g, ''],
  [/,(?! )/g, ', '],
  [/\br13\b/g, 'sp'],
  [/\br14\b/g, 'lr'],
  [/^(\S+)\.[nw]\b/, '$1'],
  [/^(add|sub)w\b/, '$1'],
  [/^(ldm|stm)ia/, '$1'],
  [/^ldm(?:fd)?(\w*) sp!, /, 'pop$1 '],
  [/^stm(?:fd|db)(\w*) sp!, /, 'push$1 '],
  [/^neg(\w*) (.*)$/, 'rsb$1 $2, 0'],
  [/^mov(\w*) (\w+, \w+), rrx$/, 'rrx$1 $2'],
  [/^mov(\w*) (\w+, \w+), (lsl|lsr|asr|ror) (\S+)$/, '$3$1 $2, $4'],
  [/, #?-?0\]/, ']'],
];

/** Without comments, symbols, width suffixes and number bases, and with one name where there are several for the same bits. */
export function normal(text: string): string {
  let plain = text.toLowerCase().replace(/\s+/g, ' ');
  for (const [from, to] of REWRITES) plain = plain.replace(from, to).trim();
  if (/^(mcr|mrc|mrrc|cdp|ldc|stc)/.test(plain))
    plain = plain
      .replace(/\bcr(\d)/g, 'c$1')
      .replace(/ p(\d+),/, ' $1,')
      .replace(/\{(\d)\}$/, '$1');
  const [mnemonic = '', ...rest] = plain.split(' ');
  const branch = /^(b|bl|blx|cbn?z)(eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)?$/.test(mnemonic) && !plain.includes('0x');
  const operands = rest
    .join(' ')
    .replace(/0x([0-9a-f]+)/g, (_, digits: string) => String(Number.parseInt(digits, 16)))
    .replace(/[0-9a-f]+$/, (digits) => (branch ? String(Number.parseInt(digits, 16)) : digits))
    .replace(/#-(\d+)$/, (_, digits: string) => `#${(2 ** 32 - Number(digits)) % 2 ** 32}`)
    .replace(/#/g, '');
  return `${mnemonic} ${fewer(mnemonic, operands)}`.trim();
}

/** A destination that is the first operand too is named once, as objdump does in narrow forms. */
function fewer(mnemonic: string, operands: string): string {
  const parts = operands.split(', ');
  if (parts.length < 3 || /[[{]/.test(operands)) return operands;
  if (parts[0] === parts[1]) return parts.slice(1).join(', ');
  return mnemonic.startsWith('mul') && parts[0] === parts[2] ? parts.slice(0, 2).join(', ') : operands;
}
