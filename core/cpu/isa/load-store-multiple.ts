/**
 * Loads and stores of many registers; PUSH and POP are those of R13. The forms with ^ are system instructions.
 * Reference: Arm DDI 0406C, A4.7, A5.5, A6.2.4, A6.3.5.
 */
import { SP, writeLoaded } from '../alu.ts';
import { enc, type Field, field, instruction, word } from '../insn.ts';
import type { With } from './operands.ts';

const count = (list: number): number => {
  let bits = 0;
  for (let rest = list; rest !== 0; rest &= rest - 1) bits++;
  return bits;
};
const has = (list: number, n: number): boolean => ((list >> n) & 1) === 1;

type MultipleA32 = With<'P' | 'U' | 'W' | 'Rn' | 'list'>;
/** What the list means is known when the instruction is decoded: the first address relative to the base, and the new base. */
const operands = (P: Field, U: Field, W: Field, Rn: Field, list: Field) => {
  const bytes = 4 * count(list);
  const first = U ? (P ? 4 : 0) : (P ? 0 : 4) - bytes;
  return { P, U, W, Rn, list, first: field(first), end: field(U ? bytes : -bytes) };
};
const a32 = ({ P, U, W, Rn, list }: MultipleA32) => operands(P, U, W, Rn, list);

type MultipleT32 = With<'W' | 'Rn' | 'list'>;
const increasing = ({ W, Rn, list }: MultipleT32) => operands(field(0), field(1), W, Rn, list);
const decreasing = ({ W, Rn, list }: MultipleT32) => operands(field(1), field(0), W, Rn, list);
const badLoad = ({ W, Rn, list }: MultipleT32): boolean =>
  Rn === 15 || count(list) < 2 || list >= 0xc000 || (W === 1 && has(list, Rn)) || has(list, 13);
const badStore = ({ W, Rn, list }: MultipleT32): boolean =>
  Rn === 15 || count(list) < 2 || has(list, 15) || has(list, 13) || (W === 1 && has(list, Rn));

export const LDM = instruction({
  asm: 'LDM{amode}{c} {Rn}{!}, {registers}',
  ref: "DDI 0406C A8.8 'LDM/LDMIA/LDMFD', 'LDMDA/LDMFA', 'LDMDB/LDMEA', 'LDMIB/LDMED', 'POP'",
  encodings: {
    A1: enc('cond:4 100 P U 0 W 1 Rn:4 list:16', {
      unpredictable: ({ W, Rn, list }) => Rn === 15 || list === 0 || (W === 1 && has(list, Rn)),
      operands: a32,
    }),
    // The base is written back unless it is loaded.
    T1: enc('11001 Rn:3 list:8', {
      unpredictable: ({ list }) => list === 0,
      operands: ({ Rn, list }) => operands(field(0), field(1), field(has(list, Rn) ? 0 : 1), Rn, list),
    }),
    T2: enc('1110100010 W 1 Rn:4 list:16', { unpredictable: badLoad, operands: increasing }),
    T3: enc('1110100100 W 1 Rn:4 list:16', { unpredictable: badLoad, operands: decreasing }),
    T4: enc('1011110 P list:8', {
      unpredictable: ({ P, list }) => P === 0 && list === 0,
      operands: ({ P, list }) => operands(field(0), field(1), field(1), SP, field((P << 15) | list)),
    }),
  },
  execute(cpu, { W, Rn, list, first, end }) {
    const base = cpu.r[Rn];
    let address = word(base + first);
    for (let i = field(0); i < 16; i++) {
      if ((list >> i) & 1) {
        cpu.loaded[i] = cpu.mem.readA32(address);
        address = word(address + 4);
      }
    }
    if (W) cpu.r[Rn] = word(base + end);
    for (let i = field(0); i < 16; i++) {
      if ((list >> i) & 1) writeLoaded(cpu, i, cpu.loaded[i]);
    }
  },
});

/** With writeback, a base in the list that is not its lowest register is stored as UNKNOWN: we choose its old value. */
export const STM = instruction({
  asm: 'STM{amode}{c} {Rn}{!}, {registers}',
  ref: "DDI 0406C A8.8 'STM/STMIA/STMEA', 'STMDA/STMED', 'STMDB/STMFD', 'STMIB/STMFA', 'PUSH'",
  encodings: {
    A1: enc('cond:4 100 P U 0 W 0 Rn:4 list:16', {
      unpredictable: ({ Rn, list }) => Rn === 15 || list === 0,
      operands: a32,
    }),
    T1: enc('11000 Rn:3 list:8', {
      unpredictable: ({ list }) => list === 0,
      operands: ({ Rn, list }) => operands(field(0), field(1), field(1), Rn, list),
    }),
    T2: enc('1110100010 W 0 Rn:4 list:16', { unpredictable: badStore, operands: increasing }),
    T3: enc('1110100100 W 0 Rn:4 list:16', { unpredictable: badStore, operands: decreasing }),
    T4: enc('1011010 M list:8', {
      unpredictable: ({ M, list }) => M === 0 && list === 0,
      operands: ({ M, list }) => operands(field(1), field(0), field(1), SP, field((M << 14) | list)),
    }),
  },
  execute(cpu, { W, Rn, list, first, end }) {
    const base = cpu.r[Rn];
    let address = word(base + first);
    for (let i = field(0); i < 16; i++) {
      if ((list >> i) & 1) {
        cpu.mem.writeA32(address, cpu.r[i]);
        address = word(address + 4);
      }
    }
    if (W) cpu.r[Rn] = word(base + end);
  },
});
