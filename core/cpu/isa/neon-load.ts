/** Loads of elements and structures of Advanced SIMD. Reference: Arm DDI 0406C, A7.7. */
import { field, instruction } from '../insn.ts';
import { elementAccess } from './neon-operands.ts';
import { allLanes, lane, loadAddress, loadAllLanes, loadLane, loadStructures, multiple, writeBack } from './neon-structures.ts';

export const VLD1 = instruction({
  asm: 'VLD1{c}.{size:8,16,32,64} {structures1}, {element_address}',
  ref: "DDI 0406C A8.8 'VLD1 (multiple single elements)'",
  encodings: elementAccess(1, '0 D 10 Rn:4 Vd:4 type:4 size:2 align:2 Rm:4', multiple(1)),
  execute(cpu, { size, d, inc, regs, alignment, Rn, Rm, bytes }) {
    cpu.sys.checkAdvancedSimdEnabled();
    loadStructures(cpu, loadAddress(cpu, Rn, alignment), field(1), size, d, inc, regs);
    writeBack(cpu, Rn, Rm, bytes);
  },
});

export const VLD2 = instruction({
  asm: 'VLD2{c}.{size:8,16,32,64} {structures2}, {element_address}',
  ref: "DDI 0406C A8.8 'VLD2 (multiple 2-element structures)'",
  encodings: elementAccess(1, '0 D 10 Rn:4 Vd:4 type:4 size:2 align:2 Rm:4', multiple(2)),
  execute(cpu, { size, d, inc, regs, alignment, Rn, Rm, bytes }) {
    cpu.sys.checkAdvancedSimdEnabled();
    loadStructures(cpu, loadAddress(cpu, Rn, alignment), field(2), size, d, inc, regs);
    writeBack(cpu, Rn, Rm, bytes);
  },
});

export const VLD3 = instruction({
  asm: 'VLD3{c}.{size:8,16,32,64} {structures3}, {element_address}',
  ref: "DDI 0406C A8.8 'VLD3 (multiple 3-element structures)'",
  encodings: elementAccess(1, '0 D 10 Rn:4 Vd:4 type:4 size:2 align:2 Rm:4', multiple(3)),
  execute(cpu, { size, d, inc, regs, alignment, Rn, Rm, bytes }) {
    cpu.sys.checkAdvancedSimdEnabled();
    loadStructures(cpu, loadAddress(cpu, Rn, alignment), field(3), size, d, inc, regs);
    writeBack(cpu, Rn, Rm, bytes);
  },
});

export const VLD4 = instruction({
  asm: 'VLD4{c}.{size:8,16,32,64} {structures4}, {element_address}',
  ref: "DDI 0406C A8.8 'VLD4 (multiple 4-element structures)'",
  encodings: elementAccess(1, '0 D 10 Rn:4 Vd:4 type:4 size:2 align:2 Rm:4', multiple(4)),
  execute(cpu, { size, d, inc, regs, alignment, Rn, Rm, bytes }) {
    cpu.sys.checkAdvancedSimdEnabled();
    loadStructures(cpu, loadAddress(cpu, Rn, alignment), field(4), size, d, inc, regs);
    writeBack(cpu, Rn, Rm, bytes);
  },
});

export const VLD1_lane = instruction({
  asm: 'VLD1{c}.{size:8,16,32} {lanes1}, {element_address}',
  ref: "DDI 0406C A8.8 'VLD1 (single element to one lane)'",
  encodings: elementAccess(1, '1 D 10 Rn:4 Vd:4 size:2 00 index_align:4 Rm:4', lane(1)),
  execute(cpu, { size, d, inc, x, alignment, Rn, Rm, bytes }) {
    cpu.sys.checkAdvancedSimdEnabled();
    loadLane(cpu, loadAddress(cpu, Rn, alignment), field(1), size, d, inc, x);
    writeBack(cpu, Rn, Rm, bytes);
  },
});

export const VLD2_lane = instruction({
  asm: 'VLD2{c}.{size:8,16,32} {lanes2}, {element_address}',
  ref: "DDI 0406C A8.8 'VLD2 (single 2-element structure to one lane)'",
  encodings: elementAccess(1, '1 D 10 Rn:4 Vd:4 size:2 01 index_align:4 Rm:4', lane(2)),
  execute(cpu, { size, d, inc, x, alignment, Rn, Rm, bytes }) {
    cpu.sys.checkAdvancedSimdEnabled();
    loadLane(cpu, loadAddress(cpu, Rn, alignment), field(2), size, d, inc, x);
    writeBack(cpu, Rn, Rm, bytes);
  },
});

export const VLD3_lane = instruction({
  asm: 'VLD3{c}.{size:8,16,32} {lanes3}, {element_address}',
  ref: "DDI 0406C A8.8 'VLD3 (single 3-element structure to one lane)'",
  encodings: elementAccess(1, '1 D 10 Rn:4 Vd:4 size:2 10 index_align:4 Rm:4', lane(3)),
  execute(cpu, { size, d, inc, x, alignment, Rn, Rm, bytes }) {
    cpu.sys.checkAdvancedSimdEnabled();
    loadLane(cpu, loadAddress(cpu, Rn, alignment), field(3), size, d, inc, x);
    writeBack(cpu, Rn, Rm, bytes);
  },
});

export const VLD4_lane = instruction({
  asm: 'VLD4{c}.{size:8,16,32} {lanes4}, {element_address}',
  ref: "DDI 0406C A8.8 'VLD4 (single 4-element structure to one lane)'",
  encodings: elementAccess(1, '1 D 10 Rn:4 Vd:4 size:2 11 index_align:4 Rm:4', lane(4)),
  execute(cpu, { size, d, inc, x, alignment, Rn, Rm, bytes }) {
    cpu.sys.checkAdvancedSimdEnabled();
    loadLane(cpu, loadAddress(cpu, Rn, alignment), field(4), size, d, inc, x);
    writeBack(cpu, Rn, Rm, bytes);
  },
});

export const VLD1_all = instruction({
  asm: 'VLD1{c}.{size:8,16,32} {all_lanes1}, {element_address}',
  ref: "DDI 0406C A8.8 'VLD1 (single element to all lanes)'",
  encodings: elementAccess(1, '1 D 10 Rn:4 Vd:4 1100 size:2 T a Rm:4', allLanes(1)),
  execute(cpu, { size, d, inc, regs, alignment, Rn, Rm, bytes }) {
    cpu.sys.checkAdvancedSimdEnabled();
    loadAllLanes(cpu, loadAddress(cpu, Rn, alignment), field(1), size, d, inc, regs);
    writeBack(cpu, Rn, Rm, bytes);
  },
});

export const VLD2_all = instruction({
  asm: 'VLD2{c}.{size:8,16,32} {all_lanes2}, {element_address}',
  ref: "DDI 0406C A8.8 'VLD2 (single 2-element structure to all lanes)'",
  encodings: elementAccess(1, '1 D 10 Rn:4 Vd:4 1101 size:2 T a Rm:4', allLanes(2)),
  execute(cpu, { size, d, inc, regs, alignment, Rn, Rm, bytes }) {
    cpu.sys.checkAdvancedSimdEnabled();
    loadAllLanes(cpu, loadAddress(cpu, Rn, alignment), field(2), size, d, inc, regs);
    writeBack(cpu, Rn, Rm, bytes);
  },
});

export const VLD3_all = instruction({
  asm: 'VLD3{c}.{size:8,16,32} {all_lanes3}, {element_address}',
  ref: "DDI 0406C A8.8 'VLD3 (single 3-element structure to all lanes)'",
  encodings: elementAccess(1, '1 D 10 Rn:4 Vd:4 1110 size:2 T a Rm:4', allLanes(3)),
  execute(cpu, { size, d, inc, regs, alignment, Rn, Rm, bytes }) {
    cpu.sys.checkAdvancedSimdEnabled();
    loadAllLanes(cpu, loadAddress(cpu, Rn, alignment), field(3), size, d, inc, regs);
    writeBack(cpu, Rn, Rm, bytes);
  },
});

export const VLD4_all = instruction({
  asm: 'VLD4{c}.{size:8,16,32} {all_lanes4}, {element_address}',
  ref: "DDI 0406C A8.8 'VLD4 (single 4-element structure to all lanes)'",
  encodings: elementAccess(1, '1 D 10 Rn:4 Vd:4 1111 size:2 T a Rm:4', allLanes(4)),
  execute(cpu, { size, d, inc, regs, alignment, Rn, Rm, bytes }) {
    cpu.sys.checkAdvancedSimdEnabled();
    loadAllLanes(cpu, loadAddress(cpu, Rn, alignment), field(4), size, d, inc, regs);
    writeBack(cpu, Rn, Rm, bytes);
  },
});
