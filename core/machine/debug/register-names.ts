/** The registers that a debugger is shown, by the names of Arm DDI 0406C: B1.3.2 (core and banked registers), B3.17 (CP15), A2.6 (VFP). */
import { bankWords, SLOT, type SlotName, slotWords } from '../../cpu/slots.ts';

export type Group = 'core' | 'vfp' | 'banked' | 'system';

export interface RegisterInfo {
  readonly name: string;
  readonly group: Group;
  readonly words: 1 | 2;
}

/** Where a system register stands in `Cpu.system`, and how far the Secure copy is from the other one. */
interface SystemPlace {
  readonly slot: number;
  readonly bankWords: number;
  readonly words: 1 | 2;
}

const rows = (group: Group, words: 1 | 2, names: readonly string[]): RegisterInfo[] =>
  names.map((name) => ({ name, group, words }));
const numbered = (prefix: string, count: number, suffix = '', from = 0): string[] =>
  Array.from({ length: count }, (_, n) => `${prefix}${from + n}${suffix}`);

const CORE: readonly string[] = [...numbered('r', 13), 'sp', 'lr', 'pc', 'cpsr'];

const BANKED: readonly string[] = [
  ...numbered('R', 5, '_usr', 8),
  'SP_usr',
  'LR_usr',
  ...numbered('R', 5, '_fiq', 8),
  ...['fiq', 'irq', 'svc', 'abt', 'und', 'mon'].flatMap((mode) => [`SP_${mode}`, `LR_${mode}`, `SPSR_${mode}`]),
  'SP_hyp',
  'ELR_hyp',
  'SPSR_hyp',
];

const SYSTEM: readonly SlotName[] = [
  ...(['SCTLR', 'ACTLR', 'CPACR', 'SCR', 'SDER', 'NSACR', 'VBAR', 'MVBAR', 'TTBR0', 'TTBR1', 'TTBCR', 'DACR'] as const),
  ...(['DFSR', 'IFSR', 'ADFSR', 'AIFSR', 'DFAR', 'IFAR', 'PAR', 'MAIR0', 'MAIR1', 'AMAIR0', 'AMAIR1'] as const),
  ...(['CONTEXTIDR', 'TPIDRURW', 'TPIDRURO', 'TPIDRPRW', 'CSSELR', 'FPEXC', 'VPIDR', 'VMPIDR'] as const),
  ...(['HSCTLR', 'HACTLR', 'HCR', 'HDCR', 'HCPTR', 'HSTR', 'HTCR', 'HTTBR', 'VTCR', 'VTTBR', 'HADFSR', 'HAIFSR'] as const),
  ...(['HSR', 'HPFAR', 'HMAIR0', 'HMAIR1', 'HAMAIR0', 'HAMAIR1', 'HVBAR', 'HTPIDR'] as const),
];

const placeOf = (name: SlotName): SystemPlace => {
  const between = bankWords(name);
  const words = between === 0 ? slotWords(name) : between;
  return { slot: SLOT[name], bankWords: between, words: words === 2 ? 2 : 1 };
};

/** HDFAR and HIFAR are the Secure copies of DFAR and IFAR. */
export const SYSTEM_PLACES: ReadonlyMap<string, SystemPlace> = new Map<string, SystemPlace>([
  ...SYSTEM.map((name) => [name, placeOf(name)] as const),
  ['HDFAR', { slot: SLOT.DFAR + 1, bankWords: 0, words: 1 }],
  ['HIFAR', { slot: SLOT.IFAR + 1, bankWords: 0, words: 1 }],
]);

/** All of them. Their order is that of their numbers. */
export const REGISTERS: readonly RegisterInfo[] = [
  ...rows('core', 1, CORE),
  ...rows('vfp', 2, numbered('d', 32)),
  ...rows('vfp', 1, ['fpscr']),
  ...rows('banked', 1, BANKED),
  ...[...SYSTEM_PLACES].map(([name, { words }]) => ({ name, group: 'system', words }) as const),
];
