/** Instructions that a control register permits or hands to Hyp mode. Reference: Arm DDI 0406C, B4.1.130 (SCTLR.SW), B1.14.10 (HSTR.TJDBX). */
import { HSTR, SCTLR } from './controls.ts';
import type { Field } from './insn.ts';
import { isUnderHyp } from './modes.ts';
import { SLOT } from './slots.ts';
import type { Cpu } from './state.ts';
import { CONDITION, EC } from './syndrome.ts';
import { activeBank } from './translation-control.ts';

/** SWP and SWPB are UNDEFINED unless SCTLR.SW is set. HSCTLR has no such bit: in Hyp mode we take SCTLR's. */
export function checkSwapEnabled(cpu: Cpu): void {
  if (((cpu.system[SLOT.SCTLR + activeBank(cpu)] as number) & SCTLR.SW) === 0) cpu.undefined();
}

export function checkBxj(cpu: Cpu, Rm: Field): void {
  if (isUnderHyp(cpu) && ((cpu.system[SLOT.HSTR] as number) & HSTR.TJDBX) !== 0)
    cpu.raise({ kind: 'hyp trap', ec: EC.bxj, iss: CONDITION | Rm });
}
