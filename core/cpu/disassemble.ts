/**
 * The disassembler: fills the assembly templates of the definitions, in the syntax of UAL as GNU tools print it. Reference: Arm DDI 0406C, A8.2.
 *
 * A template has `{name}` for what the operands give, and `{field:zero,one,…}` for a choice by a field's value.
 */
import { FILLERS, type Site } from './assembly-text.ts';
import type { Op } from './decode.ts';
import { SIMD_FILLERS } from './simd-text.ts';

/** The text of an instruction at an address. `condition` is that of the IT block it stands in, if any. */
export function disassemble(op: Op, address: number, condition: number = op.cond): string {
  const site: Site = { op, address, condition, operand: (name) => op.operands[name] ?? 0 };
  const text = fill(op.definition.asm, site).toLowerCase();
  return (ALIASES[op.name]?.(text, site) ?? text).trim();
}

function fill(template: string, site: Site): string {
  let text = '';
  for (let at = 0; at < template.length; ) {
    const open = template.indexOf('{', at);
    if (open < 0) return text + template.slice(at);
    const close = closing(template, open);
    text += template.slice(at, open) + placeholder(template.slice(open + 1, close), site);
    at = close + 1;
  }
  return text;
}

/** The brace that closes the one at `open`; choices may have placeholders of their own. */
function closing(template: string, open: number): number {
  let depth = 0;
  for (let at = open; at < template.length; at++) {
    if (template[at] === '{') depth++;
    else if (template[at] === '}' && --depth === 0) return at;
  }
  throw new Error(`a brace is open in ${template}`);
}

function placeholder(text: string, site: Site): string {
  const colon = text.indexOf(':');
  if (colon >= 0) {
    const choices = text.slice(colon + 1).split(',');
    return fill(choices[site.operand(text.slice(0, colon))] ?? '', site);
  }
  const filler = FILLERS[text] ?? SIMD_FILLERS[text];
  if (filler !== undefined) return filler(site);
  const value = site.op.operands[text];
  if (value === undefined) throw new Error(`${site.op.name}: nothing fills {${text}}`);
  return String(value);
}

/** A register that is moved to or from the stack is a list of one. */
const one =
  (name: string, U: number) =>
  (text: string, { op, operand }: Site): string => {
    const stack = op.encoding === 'A1' && operand('Rn') === 13 && operand('W') === 1 && operand('imm') === 4;
    return stack && operand('U') === U && operand('P') !== U ? text.replace(/^...(\w*) (\w+), .*$/, `${name}$1 {$2}`) : text;
  };

const SHIFTS = ['lsl', 'lsr', 'asr', 'ror', 'rrx'];

/** Where UAL prefers another name for the same bits. */
const ALIASES: Readonly<Record<string, (text: string, site: Site) => string>> = {
  MOV_reg: (text, { operand }) => {
    if (operand('amount') === 0) return text;
    const shift = SHIFTS[operand('shift')] as string;
    return text
      .replace(/^mov/, shift)
      .replace(/, (lsl|lsr|asr|ror) (#\d+)$|, rrx$/, (_, _name, amount) => (amount === undefined ? '' : `, ${amount}`));
  },
  MOV_rsr: (text, { operand }) => text.replace(/^mov/, SHIFTS[operand('type')] as string).replace(/, (lsl|lsr|asr|ror) /, ', '),
  LDR_imm: one('pop', 1),
  STR_imm: one('push', 0),
  STM: (text) => text.replace(/^stmdb(\w*) sp!, /, 'push$1 ').replace(/^stmia/, 'stm'),
  LDM: (text) => text.replace(/^ldmia(\w*) sp!, /, 'pop$1 ').replace(/^ldmia/, 'ldm'),
  VSTM: (text) => text.replace(/^vstmdb(\w*) sp!, /, 'vpush$1 '),
  VLDM: (text) => text.replace(/^vldmia(\w*) sp!, /, 'vpop$1 '),
  VORR_reg: (text, { operand }) => (operand('n') === operand('m') ? text.replace(/^vorr(\w* \w+, \w+), \w+$/, 'vmov$1') : text),
  SUBS_PC_LR_imm: (text) => text.replace(/^(mo?v[ns]\w*) pc, \w+, /, '$1 pc, '),
  SUBS_PC_LR_reg: (text) => text.replace(/^(mo?v[ns]\w*) pc, \w+, /, '$1 pc, '),
};
