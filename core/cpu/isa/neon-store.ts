/** Stores of elements and structures of Advanced SIMD. Reference: Arm DDI 0406C, A7.7. */
import { field, instruction } from '../insn.ts';
import { elementAccess } from './neon-operands.ts';
import { lane, multiple, storeAddress, storeLane, storeStructures, writeBack } from './neon-structures.ts';

export const VST1 = instruction({
  asm: 'VST1{c}.{size:8,16,32,64} {structures1}, {element_address}',
  ref: "DDI 0406C A8.8 'VST1 (multiple single elements)'",
  encodings: elementAccess(1, '0 D 00 Rn:4 Vd:4 type:4 size:2 align:2 Rm:4', multiple(1)),
  execute(cpu, { size, d, inc, regs, alignment, Rn, Rm, bytes }) {
    cpu.sys.checkAdvancedSimdEnabled();
    storeStructures(cpu, storeAddress(cpu, Rn, alignment), field(1), size, d, inc, regs);
    writeBack(cpu, Rn, Rm, bytes);
  },
});

export const VST2 = instruction({
  asm: 'VST2{c}.{size:8,16,32,64} {structures2}, {element_address}',
  ref: "DDI 0406C A8.8 'VST2 (multiple 2-element structures)'",
  encodings: elementAccess(1, '0 D 00 Rn:4 Vd:4 type:4 size:2 align:2 Rm:4', multiple(2)),
  execute(cpu, { size, d, inc, regs, alignment, Rn, Rm, bytes }) {
    cpu.sys.checkAdvancedSimdEnabled();
    storeStructures(cpu, storeAddress(cpu, Rn, alignment), field(2), size, d, inc, regs);
    writeBack(cpu, Rn, Rm, bytes);
  },
});

export const VST3 = instruction({
  asm: 'VST3{c}.{size:8,16,32,64} {structures3}, {element_address}',
  ref: "DDI 0406C A8.8 'VST3 (multiple 3-element structures)'",
  encodings: elementAccess(1, '0 D 00 Rn:4 Vd:4 type:4 size:2 align:2 Rm:4', multiple(3)),
  execute(cpu, { size, d, inc, regs, alignment, Rn, Rm, bytes }) {
    cpu.sys.checkAdvancedSimdEnabled();
    storeStructures(cpu, storeAddress(cpu, Rn, alignment), field(3), size, d, inc, regs);
    writeBack(cpu, Rn, Rm, bytes);
  },
});

export const VST4 = instruction({
  asm: 'VST4{c}.{size:8,16,32,64} {structures4}, {element_address}',
  ref: "DDI 0406C A8.8 'VST4 (multiple 4-element structures)'",
  encodings: elementAccess(1, '0 D 00 Rn:4 Vd:4 type:4 size:2 align:2 Rm:4', multiple(4)),
  execute(cpu, { size, d, inc, regs, alignment, Rn, Rm, bytes }) {
    cpu.sys.checkAdvancedSimdEnabled();
    storeStructures(cpu, storeAddress(cpu, Rn, alignment), field(4), size, d, inc, regs);
    writeBack(cpu, Rn, Rm, bytes);
  },
});

export const VST1_lane = instruction({
  asm: 'VST1{c}.{size:8,16,32} {lanes1}, {element_address}',
  ref: "DDI 0406C A8.8 'VST1 (single element from one lane)'",
  encodings: elementAccess(1, '1 D 00 Rn:4 Vd:4 size:2 00 index_align:4 Rm:4', lane(1)),
  execute(cpu, { size, d, inc, x, alignment, Rn, Rm, bytes }) {
    cpu.sys.checkAdvancedSimdEnabled();
    storeLane(cpu, storeAddress(cpu, Rn, alignment), field(1), size, d, inc, x);
    writeBack(cpu, Rn, Rm, bytes);
  },
});

export const VST2_lane = instruction({
  asm: 'VST2{c}.{size:8,16,32} {lanes2}, {element_address}',
  ref: "DDI 0406C A8.8 'VST2 (single 2-element structure from one lane)'",
  encodings: elementAccess(1, '1 D 00 Rn:4 Vd:4 size:2 01 index_align:4 Rm:4', lane(2)),
  execute(cpu, { size, d, inc, x, alignment, Rn, Rm, bytes }) {
    cpu.sys.checkAdvancedSimdEnabled();
    storeLane(cpu, storeAddress(cpu, Rn, alignment), field(2), size, d, inc, x);
    writeBack(cpu, Rn, Rm, bytes);
  },
});

export const VST3_lane = instruction({
  asm: 'VST3{c}.{size:8,16,32} {lanes3}, {element_address}',
  ref: "DDI 0406C A8.8 'VST3 (single 3-element structure from one lane)'",
  encodings: elementAccess(1, '1 D 00 Rn:4 Vd:4 size:2 10 index_align:4 Rm:4', lane(3)),
  execute(cpu, { size, d, inc, x, alignment, Rn, Rm, bytes }) {
    cpu.sys.checkAdvancedSimdEnabled();
    storeLane(cpu, storeAddress(cpu, Rn, alignment), field(3), size, d, inc, x);
    writeBack(cpu, Rn, Rm, bytes);
  },
});

export const VST4_lane = instruction({
  asm: 'VST4{c}.{size:8,16,32} {lanes4}, {element_address}',
  ref: "DDI 0406C A8.8 'VST4 (single 4-element structure from one lane)'",
  encodings: elementAccess(1, '1 D 00 Rn:4 Vd:4 size:2 11 index_align:4 Rm:4', lane(4)),
  execute(cpu, { size, d, inc, x, alignment, Rn, Rm, bytes }) {
    cpu.sys.checkAdvancedSimdEnabled();
    storeLane(cpu, storeAddress(cpu, Rn, alignment), field(4), size, d, inc, x);
    writeBack(cpu, Rn, Rm, bytes);
  },
});
