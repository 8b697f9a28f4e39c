/** Where instructions lead, as far as it is known when they are decoded. Reference: Arm DDI 0406C, A4.3 (branches), A2.3.1 (writing the PC). */
import type { Op } from '../cpu/decode.ts';
import type { Flow } from './region.ts';

const PC = 15;
const LR = 14;

const KIND = {
  next: { kind: 'next' },
  interpret: { kind: 'interpret' },
  outside: { kind: 'outside' },
  indirect: { kind: 'indirect' },
  indirectCall: { kind: 'indirectCall' },
  return: { kind: 'return' },
} as const satisfies Record<string, Flow>;

/** Flow of an instruction; `staged` tells whether the translator has its meaning. */
export function flowOf(op: Op, pc: number, thumb: boolean, staged: (name: string) => boolean): Flow {
  const { name, operands } = op;
  if (op.unpredictable) return KIND.interpret;
  // Of those that the translator knows, some may enable VFP, or write flags where others write the PC.
  if (name === 'MCR' && enablesVfp(op)) return KIND.interpret;
  if (name === 'MRC' && operands['Rt'] === PC) return KIND.outside;
  if (!staged(name)) return isOutside(name) && !enablesVfp(op) ? KIND.outside : KIND.interpret;
  const target = (pc + (thumb ? 4 : 8) + (operands['offset'] as number)) | 0;
  if (name === 'B' || name === 'CBZ') return { kind: 'jump', target };
  if (name === 'BL') return { kind: 'call', target };
  if (name === 'BX') return operands['Rm'] === LR ? KIND.return : KIND.indirect;
  if (name === 'BLX_reg') return KIND.indirectCall;
  if (INDIRECT.has(name)) return KIND.indirect;
  if (writesPC(op)) return isReturn(op) ? KIND.return : KIND.indirect;
  return KIND.next;
}

/**
 * Instructions that the interpreter executes in the middle of a region: they change registers that they name, flags, and what is in memory
 * anyway. If one does more, the engine has to look up, and the region is left.
 */
const isOutside = (name: string): boolean =>
  /^(V[A-Z]|MC?RR?C?$|MRS|MSR|CPS$|LDREX|STREX|CLREX|SWP|ISB|LDR[SBH]*T_|STR[BH]*T_|YIELD|SEV)/.test(name);

/** Whether it may enable or disable VFP: CPACR, NSACR, HCPTR and FPEXC. */
const enablesVfp = ({ name, operands }: Op): boolean =>
  (name === 'MCR' && operands['CRn'] === 1) || (name === 'VMSR' && operands['reg'] !== 1);

/** Of those, which may change the flags. */
export const changesFlags = ({ name, operands }: Op): boolean =>
  (/^MSR_(reg|imm)$/.test(name) && operands['R'] === 0 && ((operands['mask'] as number) & 8) !== 0) ||
  ((name === 'MRC' || name === 'VMRS') && operands['Rt'] === PC);

const INDIRECT = new Set(['BLX_imm', 'BXJ', 'TBB', 'TBH']);

/** Whether one of its registers is the PC in a place where it may be a destination. VMRS means the flags by it. */
const writesPC = ({ name, operands }: Op): boolean =>
  !/^(ST|VMRS)/.test(name) && (operands['Rd'] === PC || operands['Rt'] === PC || (((operands['list'] ?? 0) >>> PC) & 1) === 1);

/** POP {…, pc}, LDM, LDR pc, [sp], #4 and MOV pc, lr are how functions return. */
const isReturn = ({ name, operands }: Op): boolean =>
  name === 'LDM' || (name === 'LDR_imm' && operands['Rn'] === 13) || (name === 'MOV_reg' && operands['Rm'] === LR);
