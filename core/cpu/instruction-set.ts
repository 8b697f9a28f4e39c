/** The state that selects ThumbEE, CPSR.J with T. Reference: Arm DDI 0406C, A2.5.1, A9.1. */
import * as S from './scalars.ts';
import type { Cpu } from './state.ts';

/** ENTERX, LEAVEX, and returns to ThumbEE state: what the engines hold of code is for other states. */
export function setThumbEE(cpu: Cpu, on: boolean): void {
  if ((cpu.s[S.J] !== 0) === on) return;
  cpu.s[S.J] = on ? 1 : 0;
  cpu.s[S.ATTENTION] = 1;
  if (on) cpu.mem.regimeChanged();
}
