/** Which copies of the system control registers are in force. Reference: Arm DDI 0406C, B3.15.3 (banked registers), B3.2. */

import { SCR } from './controls.ts';
import { isHyp, isSecure, scr } from './modes.ts';
import { SLOT } from './slots.ts';
import type { Cpu } from './state.ts';

/** 1 for the Secure copy of a banked register as MCR and MRC see it: SCR.NS decides, in Monitor mode too. */
export const accessBank = (cpu: Cpu): 0 | 1 => (cpu.model.security && (scr(cpu) & SCR.NS) === 0 ? 1 : 0);

/** 1 where the Secure copy governs what the processor does. */
export const activeBank = (cpu: Cpu): 0 | 1 => (cpu.model.security && isSecure(cpu) ? 1 : 0);

/** The SCTLR or HSCTLR that governs the current mode. */
export const sctlr = (cpu: Cpu): number => cpu.system[isHyp(cpu) ? SLOT.HSCTLR : SLOT.SCTLR + activeBank(cpu)] as number;
