/** Memory hints. Caches have no timing here, so they do nothing. Reference: Arm DDI 0406C, A5.7.1, A6.3.8, A6.3.9. */
import { enc, instruction } from '../insn.ts';

/** `W` in T32, and not `R` in A32, tells PLDW from PLD. Forms for the PC and unallocated hints are among them. */
export const PLD = instruction({
  asm: 'PLD{w} {address}',
  ref: "DDI 0406C A8.8 'PLD, PLDW (immediate)', 'PLD (literal)', 'PLD, PLDW (register)'",
  encodings: {
    A1: enc('11110101 U R 01 Rn:4 (1) (1) (1) (1) imm12:12'),
    A2: enc('11110111 U R 01 Rn:4 (1) (1) (1) (1) imm5:5 type:2 0 Rm:4'),
    T1: enc('1111100010 W 1 Rn:4 1111 imm12:12', { when: ({ Rn }) => Rn !== 15 }),
    T2: enc('1111100000 W 1 Rn:4 11111100 imm8:8', { when: ({ Rn }) => Rn !== 15 }),
    T3: enc('1111100000 W 1 Rn:4 1111000000 imm2:2 Rm:4', { when: ({ Rn }) => Rn !== 15 }),
    T4: enc('11111000 U 0 W 111111111 imm12:12'),
  },
  execute() {},
});

export const PLI = instruction({
  asm: 'PLI {address}',
  ref: "DDI 0406C A8.8 'PLI (immediate, literal)', 'PLI (register)'",
  encodings: {
    A1: enc('11110100 U 101 Rn:4 (1) (1) (1) (1) imm12:12'),
    A2: enc('11110110 U 101 Rn:4 (1) (1) (1) (1) imm5:5 type:2 0 Rm:4'),
    T1: enc('111110011001 Rn:4 1111 imm12:12', { when: ({ Rn }) => Rn !== 15 }),
    T2: enc('111110010001 Rn:4 11111100 imm8:8', { when: ({ Rn }) => Rn !== 15 }),
    T3: enc('111110010001 Rn:4 1111000000 imm2:2 Rm:4', { when: ({ Rn }) => Rn !== 15 }),
    T4: enc('11111001 U 00111111111 imm12:12'),
  },
  execute() {},
});

/** Memory hints that are not allocated must do nothing. */
export const UNALLOCATED_HINT = instruction({
  asm: 'NOP',
  ref: 'DDI 0406C A5.7.1, A6.3.8',
  encodings: {
    A1: enc('11110100 U 001 Rn:4 any:16'),
    A2: enc('11110110 U 001 Rn:4 any:11 0 Rm:4'),
    T1: enc('111110011011 Rn:4 1111 imm12:12', { when: ({ Rn }) => Rn !== 15 }),
    T2: enc('111110010011 Rn:4 11111100 imm8:8', { when: ({ Rn }) => Rn !== 15 }),
    T3: enc('111110010011 Rn:4 1111000000 imm2:2 Rm:4', { when: ({ Rn }) => Rn !== 15 }),
    T4: enc('11111001 U 01111111111 imm12:12'),
  },
  execute() {},
});
