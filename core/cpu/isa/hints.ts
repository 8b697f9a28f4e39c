/** Hints and barriers. Reference: Arm DDI 0406C, A5.2.11, A6.2.5, A6.3.4, A8.8. */
import { enc, instruction } from '../insn.ts';

/** NOP, and hints that are not allocated, which must do nothing. */
export const NOP = instruction({
  asm: 'NOP{c}{hint}',
  ref: "DDI 0406C A8.8 'NOP'",
  encodings: {
    A1: enc('cond:4 001100100000 (1) (1) (1) (1) (0) (0) (0) (0) hint:8'),
    T1: enc('10111111 hint:4 0000'),
    T2: enc('111100111010 (1) (1) (1) (1) 10 (0) 0 (0) 000 hint:8'),
  },
  execute() {},
});

/** Without a debugger that listens, nothing. */
export const DBG = instruction({
  asm: 'DBG{c} #{option}',
  ref: "DDI 0406C A8.8 'DBG'",
  encodings: {
    A1: enc('cond:4 001100100000 (1) (1) (1) (1) (0) (0) (0) (0) 1111 option:4'),
    T1: enc('111100111010 (1) (1) (1) (1) 10 (0) 0 (0) 0001111 option:4'),
  },
  execute() {},
});

export const YIELD = instruction({
  asm: 'YIELD{c}',
  ref: "DDI 0406C A8.8 'YIELD'",
  encodings: {
    A1: enc('cond:4 001100100000 (1) (1) (1) (1) (0) (0) (0) (0) 00000001'),
    T1: enc('1011111100010000'),
    T2: enc('111100111010 (1) (1) (1) (1) 10 (0) 0 (0) 00000000001'),
  },
  execute(cpu) {
    cpu.sys.yield();
  },
});

export const WFE = instruction({
  asm: 'WFE{c}',
  ref: "DDI 0406C A8.8 'WFE'",
  encodings: {
    A1: enc('cond:4 001100100000 (1) (1) (1) (1) (0) (0) (0) (0) 00000010'),
    T1: enc('1011111100100000'),
    T2: enc('111100111010 (1) (1) (1) (1) 10 (0) 0 (0) 00000000010'),
  },
  execute(cpu) {
    cpu.sys.waitForEvent();
  },
});

export const WFI = instruction({
  asm: 'WFI{c}',
  ref: "DDI 0406C A8.8 'WFI'",
  encodings: {
    A1: enc('cond:4 001100100000 (1) (1) (1) (1) (0) (0) (0) (0) 00000011'),
    T1: enc('1011111100110000'),
    T2: enc('111100111010 (1) (1) (1) (1) 10 (0) 0 (0) 00000000011'),
  },
  execute(cpu) {
    cpu.sys.waitForInterrupt();
  },
});

export const SEV = instruction({
  asm: 'SEV{c}',
  ref: "DDI 0406C A8.8 'SEV'",
  encodings: {
    A1: enc('cond:4 001100100000 (1) (1) (1) (1) (0) (0) (0) (0) 00000100'),
    T1: enc('1011111101000000'),
    T2: enc('111100111010 (1) (1) (1) (1) 10 (0) 0 (0) 00000000100'),
  },
  execute(cpu) {
    cpu.sys.sendEvent();
  },
});

/** Memory is always coherent and in order here. */
export const DSB = instruction({
  asm: 'DSB {barrier}',
  ref: "DDI 0406C A8.8 'DSB'",
  encodings: {
    A1: enc('111101010111 (1) (1) (1) (1) (1) (1) (1) (1) (0) (0) (0) (0) 0100 option:4'),
    T1: enc('111100111011 (1) (1) (1) (1) 10 (0) 0 (1) (1) (1) (1) 0100 option:4'),
  },
  execute() {},
});

export const DMB = instruction({
  asm: 'DMB {barrier}',
  ref: "DDI 0406C A8.8 'DMB'",
  encodings: {
    A1: enc('111101010111 (1) (1) (1) (1) (1) (1) (1) (1) (0) (0) (0) (0) 0101 option:4'),
    T1: enc('111100111011 (1) (1) (1) (1) 10 (0) 0 (1) (1) (1) (1) 0101 option:4'),
  },
  execute() {},
});

export const ISB = instruction({
  asm: 'ISB {isb_barrier}',
  ref: "DDI 0406C A8.8 'ISB'",
  encodings: {
    A1: enc('111101010111 (1) (1) (1) (1) (1) (1) (1) (1) (0) (0) (0) (0) 0110 option:4'),
    T1: enc('111100111011 (1) (1) (1) (1) 10 (0) 0 (1) (1) (1) (1) 0110 option:4'),
  },
  execute(cpu) {
    cpu.sys.instructionBarrier();
  },
});

export const CLREX = instruction({
  asm: 'CLREX',
  ref: "DDI 0406C A8.8 'CLREX'",
  encodings: {
    A1: enc('111101010111 (1) (1) (1) (1) (1) (1) (1) (1) (0) (0) (0) (0) 0001 (1) (1) (1) (1)'),
    T1: enc('111100111011 (1) (1) (1) (1) 10 (0) 0 (1) (1) (1) (1) 0010 (1) (1) (1) (1)'),
  },
  execute(cpu) {
    cpu.mem.clearExclusive();
  },
});
