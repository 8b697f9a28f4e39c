/** A sequence as text: what it starts with that is not zero, its instructions, and what differs in the end. */
import type { Decoder } from '../../core/cpu/decode.ts';
import { disassemble } from '../../core/cpu/disassemble.ts';
import type { Placed } from './sequence-code.ts';
import { hex } from './sequence-result.ts';
import { lastOf, remaining } from './sequence-shrink.ts';
import type { Sequence } from './sequences.ts';

const LINES = 8;

export function textOf(decoder: Decoder, { set, bits, narrow, condition, address }: Placed): string {
  const op = decoder.decode(set, bits | 0, narrow, condition !== undefined);
  const digits = narrow ? `    ${bits.toString(16).padStart(4, '0')}` : hex(bits);
  return `${hex(address)} ${set} ${digits} ${disassemble(op, address, condition)}`;
}

function startOf({ cpsr, registers, float }: Sequence): string {
  const numbers = registers.flatMap((value, n) => (value === 0 ? [] : [`R${n}=${hex(value)}`]));
  const [fpscr = 0, ...words] = float;
  const doubles = Array.from({ length: 32 }, (_, n) => {
    const [low = 0, high = 0] = [words[2 * n], words[2 * n + 1]];
    return low === 0 && high === 0 ? '' : `D${n}=${hex(high)}${hex(low)}`;
  }).filter((text) => text !== '');
  return [`CPSR=${hex(cpsr)}`, ...numbers, ...(fpscr === 0 ? [] : [`FPSCR=${hex(fpscr)}`]), ...doubles].join(' ');
}

/** `lines`: what differs. */
export function report(decoder: Decoder, sequence: Sequence, lines: readonly string[]): string {
  const code = remaining(sequence).map((placed) => `  ${textOf(decoder, placed)}`);
  const last = lastOf(sequence);
  const where = last === undefined ? [] : [`  they differ after ${textOf(decoder, last)}`];
  const head = `sequence ${hex(sequence.seed)}: ${startOf(sequence)}`;
  return [head, ...code, ...where, ...lines.slice(0, LINES).map((line) => `  ${line}`)].join('\n');
}
