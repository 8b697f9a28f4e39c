/** Instructions that generate exceptions. Reference: Arm DDI 0406C, A8.8 (BKPT, SVC, UDF), B9.3 (HVC, SMC). */
import { enc, field, instruction } from '../insn.ts';
import type { With } from './operands.ts';

const split = ({ imm12, imm4 }: With<'imm12' | 'imm4'>) => ({ imm: field((imm12 << 4) | imm4) });
const splitT32 = ({ imm12, imm4 }: With<'imm12' | 'imm4'>) => ({ imm: field((imm4 << 12) | imm12) });
const conditional = ({ cond }: With<'cond'>): boolean => cond !== 14;

export const SVC = instruction({
  asm: 'SVC{c} #{imm}',
  ref: "DDI 0406C A8.8 'SVC'",
  encodings: { A1: enc('cond:4 1111 imm:24'), T1: enc('11011111 imm:8') },
  execute(cpu, { imm }) {
    cpu.sys.supervisorCall(imm);
  },
});

export const HVC = instruction({
  asm: 'HVC #{imm}',
  ref: "DDI 0406C B9.3 'HVC'",
  encodings: {
    A1: enc('cond:4 00010100 imm12:12 0111 imm4:4', { unpredictable: conditional, operands: split }),
    T1: enc('111101111110 imm4:4 1000 imm12:12', { unpredictable: (_, inIT) => inIT, operands: splitT32 }),
  },
  execute(cpu, { imm }) {
    cpu.sys.hypervisorCall(imm);
  },
});

export const SMC = instruction({
  asm: 'SMC{c} #{imm4}',
  ref: "DDI 0406C B9.3 'SMC'",
  encodings: {
    A1: enc('cond:4 00010110 (0) (0) (0) (0) (0) (0) (0) (0) (0) (0) (0) (0) 0111 imm4:4'),
    T1: enc('111101111111 imm4:4 1000 (0) (0) (0) (0) (0) (0) (0) (0) (0) (0) (0) (0)'),
  },
  execute(cpu, { imm4 }) {
    cpu.sys.secureMonitorCall(imm4);
  },
});

export const BKPT = instruction({
  asm: 'BKPT #{imm}',
  ref: "DDI 0406C A8.8 'BKPT'",
  encodings: {
    A1: enc('cond:4 00010010 imm12:12 0111 imm4:4', { unpredictable: conditional, operands: split }),
    T1: enc('10111110 imm:8'),
  },
  unconditional: true,
  execute(cpu, { imm }) {
    cpu.sys.breakpoint(imm);
  },
});

/** An ARMv8 instruction that semihosting uses on all processors; without semihosting these encodings are UNDEFINED. */
export const HLT = instruction({
  asm: 'HLT #{imm}',
  ref: 'Semihosting for AArch32 and AArch64, 2.0, section "The semihosting interface"',
  encodings: {
    A1: enc('cond:4 00010000 imm12:12 0111 imm4:4', { operands: split }),
    T1: enc('1011101010 imm:6'),
  },
  execute(cpu, { imm }) {
    cpu.sys.halt(imm);
  },
});

/** Permanently UNDEFINED. */
export const UDF = instruction({
  asm: 'UDF{c} #{imm}',
  ref: "DDI 0406C A8.8 'UDF'",
  encodings: {
    A1: enc('111001111111 imm12:12 1111 imm4:4', { operands: split }),
    T1: enc('11011110 imm:8'),
    T2: enc('111101111111 imm4:4 1010 imm12:12', { operands: splitT32 }),
  },
  execute(cpu) {
    cpu.undefined();
  },
});
