/**
 * Into ThumbEE state and out of it, which both cores have (ID_PFR0.State3). In Hyp mode, where it is UNPREDICTABLE, UNDEFINED.
 * Reference: Arm DDI 0406C, A9.4 (ENTERX, LEAVEX).
 */
import { enc, field, instruction } from '../insn.ts';

export const ENTERX = instruction({
  asm: 'ENTERX',
  ref: "DDI 0406C A9.4 'ENTERX, LEAVEX'",
  encodings: {
    T1: enc('111100111011 (1) (1) (1) (1) 10 (0) 0 (1) (1) (1) (1) 0001 (1) (1) (1) (1)', { unpredictable: (_, inIT) => inIT }),
  },
  execute(cpu) {
    cpu.sys.setThumbEE(field(1));
  },
});

export const LEAVEX = instruction({
  asm: 'LEAVEX',
  ref: "DDI 0406C A9.4 'ENTERX, LEAVEX'",
  encodings: {
    T1: enc('111100111011 (1) (1) (1) (1) 10 (0) 0 (1) (1) (1) (1) 0000 (1) (1) (1) (1)', { unpredictable: (_, inIT) => inIT }),
  },
  execute(cpu) {
    cpu.sys.setThumbEE(field(0));
  },
});
