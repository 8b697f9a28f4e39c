/** Every system register of CP14 and CP15. */
import { ADDRESS_TRANSLATION_REGISTERS } from './address-translation.ts';
import { CACHE_REGISTERS } from './cache.ts';
import { CONTROL_REGISTERS } from './control.ts';
import { DEBUG_REGISTERS } from './debug.ts';
import { HYP_REGISTERS } from './hyp.ts';
import { ID_REGISTERS } from './id.ts';
import { IMPLEMENTATION_DEFINED_REGISTERS } from './implementation-defined.ts';
import { MEMORY_REGISTERS } from './memory.ts';
import { PMU_REGISTERS } from './pmu.ts';
import { TIMER_REGISTERS } from './timer.ts';
import { TLB_REGISTERS } from './tlb.ts';

export const SYSTEM_REGISTERS = [
  ...ID_REGISTERS,
  ...CONTROL_REGISTERS,
  ...MEMORY_REGISTERS,
  ...ADDRESS_TRANSLATION_REGISTERS,
  ...CACHE_REGISTERS,
  ...TLB_REGISTERS,
  ...HYP_REGISTERS,
  ...TIMER_REGISTERS,
  ...PMU_REGISTERS,
  ...DEBUG_REGISTERS,
  ...IMPLEMENTATION_DEFINED_REGISTERS,
];
