/** Where instructions lead, as far as it is known when they are decoded. Reference: Arm DDI 0406C, A4.3 (branches), A2.3.1 (writing the PC). */
import type { Op } from '../cpu/decode.ts';
import type { Flow } from './region.ts';

const PC = 15;
const LR = 14;

const KIND = {
  next: { kind: 'next' },
  interpret: { kind: 'interpret' },
  indirect: { kind: 'indirect' },
  return: { kind: 'return' },
} as const satisfies Record<string, Flow>;

/** Flow of an instruction; `staged` tells whether the translator has its meaning. */
export function flowOf(op: Op, pc: number, thumb: boolean, staged: (name: string) => boolean): Flow {
  const { name, operands } = op;
  if (op.unpredictable || !staged(name)) return KIND.interpret;
  const target = (pc + (thumb ? 4 : 8) + (operands['offset'] as number)) | 0;
  if (name === 'B' || name === 'CBZ') return { kind: 'jump', target };
  if (name === 'BL') return { kind: 'call', target };
  if (name === 'BX') return operands['Rm'] === LR ? KIND.return : KIND.indirect;
  if (INDIRECT.has(name)) return KIND.indirect;
  if (writesPC(op)) return isReturn(op) ? KIND.return : KIND.indirect;
  return KIND.next;
}

const INDIRECT = new Set(['BLX_imm', 'BLX_reg', 'BXJ', 'TBB', 'TBH']);

/** Whether one of its registers is the PC in a place where it may be a destination. */
const writesPC = ({ operands }: Op): boolean =>
  operands['Rd'] === PC || operands['Rt'] === PC || (((operands['list'] ?? 0) >>> PC) & 1) === 1;

/** POP {…, pc}, LDM, LDR pc, [sp], #4 and MOV pc, lr are how functions return. */
const isReturn = ({ name, operands }: Op): boolean =>
  name === 'LDM' || (name === 'LDR_imm' && operands['Rn'] === 13) || (name === 'MOV_reg' && operands['Rm'] === LR);
