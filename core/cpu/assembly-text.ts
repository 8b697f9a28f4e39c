/** What stands for each placeholder of an assembly template. Reference: Arm DDI 0406C, A8.2 to A8.5. */
import { hex } from '../base/bits.ts';
import type { Op } from './decode.ts';

/** An instruction at a place. */
export interface Site {
  readonly op: Op;
  readonly address: number;
  /** The condition to show, 14 for none. */
  readonly condition: number;
  /** An operand's value, 0 if the instruction has none of that name. */
  operand(name: string): number;
}

type Filler = (site: Site) => string;

const CONDITIONS = ['eq', 'ne', 'cs', 'cc', 'mi', 'pl', 'vs', 'vc', 'hi', 'ls', 'ge', 'lt', 'gt', 'le', '', ''];
const SHIFTS = ['lsl', 'lsr', 'asr', 'ror'];
const PREFIXES = ['', 's', 'q', 'sh', '', 'u', 'uq', 'uh'];
const OPCODES = ['and', 'eor', 'sub', 'rsb', 'add', 'adc', 'sbc', 'rsc', 'tst', 'teq', 'cmp', 'cmn', 'orr', 'mov', 'bic', 'mvn'];
const BARRIERS: Readonly<Record<number, string>> = {
  2: 'oshst',
  3: 'osh',
  6: 'unst',
  7: 'un',
  10: 'ishst',
  11: 'ish',
  14: 'st',
  15: 'sy',
};
const VFP_SYSTEM: Readonly<Record<number, string>> = {
  0: 'fpsid',
  1: 'fpscr',
  6: 'mvfr1',
  7: 'mvfr0',
  8: 'fpexc',
  9: 'fpinst',
  10: 'fpinst2',
};

export const registerName = (n: number): string => ['sp', 'lr', 'pc'][n - 13] ?? `r${n}`;

const register =
  (name: string): Filler =>
  ({ operand }) =>
    registerName(operand(name));

/** Ranges only where there are more than one: `r4, r5, r6, lr`. */
const list = (bits: number): string => {
  const names = Array.from({ length: 16 }, (_, n) => n).filter((n) => ((bits >> n) & 1) === 1);
  return `{${names.map(registerName).join(', ')}}`;
};

const shiftText = ({ operand }: Site): string => {
  if (operand('amount') === 0) return '';
  return operand('shift') === 4 ? ', rrx' : `, ${SHIFTS[operand('shift')]} #${operand('amount')}`;
};

/** The offset of a load or store, with its sign: a register and its shift, or a number. */
function offset(site: Site): string {
  const { op, operand } = site;
  const sign = op.operands['U'] === 0 ? '-' : '';
  if (op.operands['Rm'] !== undefined) return `${sign}${registerName(operand('Rm'))}${shiftText(site)}`;
  return `#${sign}${op.operands['imm'] ?? operand('imm12')}`;
}

const loadsAndStores: Filler = (site) => {
  const { op, operand } = site;
  const base = registerName(operand('Rn'));
  const writeback = op.operands['W'] === 1;
  // Operands without P are the unprivileged forms, which are post-indexed where they write back, and the hints.
  const unprivileged = op.operands['P'] === undefined;
  const before = unprivileged ? !writeback && op.operands['Rm'] === undefined : operand('P') === 1;
  const text = offset(site);
  if (!before) return `[${base}], ${text}`;
  if (text === '#0' && !writeback) return `[${base}]`;
  return `[${base}, ${text}]${writeback ? '!' : ''}`;
};

/** LDC and STC; without indexing the number means something to the coprocessor only. */
const coprocessorAddress: Filler = (site) => {
  const { operand } = site;
  const unindexed = operand('P') === 0 && operand('W') === 0;
  return unindexed ? `[${registerName(operand('Rn'))}], {${operand('imm') >>> 2}}` : loadsAndStores(site);
};

/** Hints have the fields of their encodings. */
const preload: Filler = ({ op, operand }) => {
  const base = registerName(op.operands['Rn'] ?? 15);
  const sign = op.operands['U'] === 0 ? '-' : '';
  const amount = op.operands['imm5'] ?? operand('imm2');
  const type = operand('type');
  if (op.operands['Rm'] !== undefined) {
    const rrx = type === 3 && amount === 0;
    const shown = amount === 0 && (type === 1 || type === 2) ? 32 : amount;
    const shift = rrx ? ', rrx' : shown === 0 ? '' : `, ${SHIFTS[type]} #${shown}`;
    return `[${base}, ${sign}${registerName(operand('Rm'))}${shift}]`;
  }
  const immediate = op.operands['imm12'] ?? operand('imm8');
  const negative = op.operands['imm8'] === undefined ? sign : '-';
  return immediate === 0 && negative === '' ? `[${base}]` : `[${base}, #${negative}${immediate}]`;
};

const pc = ({ op, address }: Site): number => address + (op.encoding.startsWith('A') ? 8 : 4);
const target: Filler = (site) => {
  const aligned = site.op.name === 'BLX_imm' ? pc(site) & ~3 : pc(site);
  return hex((aligned + site.operand('offset')) >>> 0);
};

/** The letters after IT: one for each instruction but the first. */
const then: Filler = ({ operand }) => {
  const mask = operand('mask');
  const length = 3 - Math.log2(mask & -mask);
  const letters = Array.from({ length }, (_, i) => (((mask >> (3 - i)) & 1) === (operand('firstcond') & 1) ? 't' : 'e'));
  return letters.join('');
};

/** A value that A32 could have rotated less shows its encoding, so that the text gives the same bits again. */
const imm32: Filler = ({ op, operand }) => {
  const value = operand('imm32') >>> 0;
  if (!op.encoding.startsWith('A')) return String(value);
  const [byte, rotation] = [op.bits & 0xff, ((op.bits >>> 8) & 15) * 2];
  const least = Array.from({ length: 16 }, (_, i) => 2 * i).find((n) => ((value << n) | (value >>> (32 - n))) >>> 0 < 256) ?? 0;
  return rotation === least ? String(value) : `${byte}, #${rotation}`;
};

const float = (double: boolean, n: number): string => `${double ? 'd' : 's'}${n}`;
const vector =
  (name: string): Filler =>
  ({ operand }) =>
    float(operand('sz') === 1, operand(name));
const numbered =
  (letter: string, name: string, plus = 0): Filler =>
  ({ operand }) =>
    `${letter}${operand(name) + plus}`;

const floatList: Filler = ({ operand }) => {
  const [first, last] = [operand('d'), operand('d') + operand('regs') - 1];
  const name = (n: number): string => float(operand('sz') === 1, n);
  return first === last ? `{${name(first)}}` : `{${name(first)}-${name(last)}}`;
};

/** A constant of VMOV: the bits of a single or the upper half of a double, both with few digits. */
const constant: Filler = ({ operand }) => {
  const bits = operand('imm');
  const double = operand('sz') === 1;
  const exponent = double ? ((bits >>> 20) & 0x7ff) - 1023 : ((bits >>> 23) & 0xff) - 127;
  const fraction = double ? (bits & 0xfffff) / 2 ** 20 : (bits & 0x7fffff) / 2 ** 23;
  return String((bits < 0 ? -1 : 1) * (1 + fraction) * 2 ** exponent);
};

const addressing =
  (names: readonly string[]): Filler =>
  ({ operand }) =>
    names[2 * operand('P') + operand('U')] as string;

const BANKED = [
  'r8_usr',
  'r9_usr',
  'r10_usr',
  'r11_usr',
  'r12_usr',
  'sp_usr',
  'lr_usr',
  '',
  'r8_fiq',
  'r9_fiq',
  'r10_fiq',
  'r11_fiq',
  'r12_fiq',
  'sp_fiq',
  'lr_fiq',
  '',
  'lr_irq',
  'sp_irq',
  'lr_svc',
  'sp_svc',
  'lr_abt',
  'sp_abt',
  'lr_und',
  'sp_und',
  '',
  '',
  '',
  '',
  'lr_mon',
  'sp_mon',
  'elr_hyp',
  'sp_hyp',
];
const SAVED: Readonly<Record<number, string>> = { 14: 'fiq', 16: 'irq', 18: 'svc', 20: 'abt', 22: 'und', 28: 'mon', 30: 'hyp' };
const banked: Filler = ({ operand }) =>
  operand('R') === 1 ? `spsr_${SAVED[operand('SYSm')]}` : (BANKED[operand('SYSm')] as string);

const letters = (bits: number, names: string): string =>
  [...names].filter((_, i) => ((bits >> (names.length - 1 - i)) & 1) === 1).join('');
const changes: Filler = ({ operand }) => (operand('imod') === 2 ? 'ie' : operand('imod') === 3 ? 'id' : '');
const changedMode: Filler = ({ op, operand }) => {
  if (op.name !== 'CPS') return String(operand('mode'));
  return operand('M') === 0 ? '' : `${operand('imod') < 2 ? '' : ', '}#${operand('mode')}`;
};

export const FILLERS: Readonly<Record<string, Filler>> = {
  c: ({ condition }) => CONDITIONS[condition] as string,
  S: ({ operand }) => (operand('S') === 1 ? 's' : ''),
  ...Object.fromEntries(['Rd', 'Rn', 'Rm', 'Rs', 'Ra', 'Rt', 'Rt2', 'RdLo', 'RdHi'].map((name) => [name, register(name)])),
  shift: shiftText,
  type: ({ operand }) => SHIFTS[operand('type')] as string,
  bits: ({ op }) => hex(op.bits >>> 0, 2 * op.size),
  imm32,
  w: ({ op, operand }) => (op.operands['R'] === 0 || operand('W') === 1 ? 'w' : ''),
  rotation: ({ operand }) => (operand('rotation') === 0 ? '' : `, ror #${operand('rotation')}`),
  width: ({ op, operand }) => {
    if (op.operands['width'] !== undefined) return String(operand('width'));
    return String(op.operands['msb'] === undefined ? operand('widthm1') + 1 : operand('msb') - operand('lsb') + 1);
  },
  prefix: ({ operand }) => PREFIXES[operand('prefix')] as string,
  address: (site) => (/^PL[DI]$/.test(site.op.name) ? preload(site) : loadsAndStores(site)),
  literal: ({ operand }) => `[pc, #${operand('offset')}]`,
  label: (site) => hex(((pc(site) & ~3) + site.operand('imm32')) >>> 0),
  target,
  offset: ({ operand }) => (operand('imm') === 0 ? '' : `, #${operand('imm')}`),
  registers: ({ operand }) => list(operand('list')),
  registers_with_pc: ({ operand }) => list(operand('list') | 0x8000),
  '!': ({ operand }) => (operand('W') === 1 ? '!' : ''),
  amode: addressing(['da', 'ia', 'db', 'ib']),
  then,
  firstcond: ({ operand }) => CONDITIONS[operand('firstcond')] || 'al',
  op: ({ operand }) => OPCODES[operand('opcode')] as string,
  barrier: ({ operand }) => BARRIERS[operand('option')] ?? `#${operand('option')}`,
  isb_barrier: ({ operand }) => (operand('option') === 15 ? 'sy' : `#${operand('option')}`),
  hint: ({ operand }) => (operand('hint') === 0 ? '' : ` {${operand('hint')}}`),
  coprocessor_address: coprocessorAddress,
  mask: ({ operand }) => `_${letters(operand('mask'), 'fsxc')}`,
  banked,
  effect: changes,
  iflags: ({ operand }) => letters((operand('A') << 2) | (operand('I') << 1) | operand('F'), 'aif'),
  mode: changedMode,
  Vd: vector('d'),
  Vn: vector('n'),
  Vm: vector('m'),
  Fd: ({ operand }) => float(operand('sz') === 0, operand('d')),
  Fm: vector('m'),
  Sd: numbered('s', 'd'),
  Sn: numbered('s', 'n'),
  Sm: numbered('s', 'm'),
  Sm1: numbered('s', 'm', 1),
  Dd: numbered('d', 'd'),
  Dm: numbered('d', 'm'),
  Qd: ({ operand }) => `q${operand('d') >> 1}`,
  constant,
  fp_registers: floatList,
  vmode: addressing(['', 'ia', 'db', '']),
  spec_reg: ({ operand }) => VFP_SYSTEM[operand('reg')] ?? `#${operand('reg')}`,
  Rt_or_flags: ({ operand }) => (operand('Rt') === 15 ? 'apsr_nzcv' : registerName(operand('Rt'))),
};
