/**
 * Two records of a system case: equal, different for a reason that has a name here, or different. Where QEMU 7.2 and the manual part ways,
 * only the words and bits that the reason touches are passed over.
 */
import type { SystemCase } from './system-cases.ts';
import { INPUT, LANDING, MODES, RECORD, SCR, SLOTS, TGE } from './system-layout.ts';

type Words = Readonly<Record<string, number>>;

interface Difference {
  readonly name: string;
  readonly applies: (one: SystemCase, ours: Words, theirs: Words) => boolean;
  /** Bits that are not compared, by word of the record. */
  readonly bits: Words | 'everything';
}

const has = (one: SystemCase, text: RegExp): boolean => one.slot.code.some((line) => text.test(line));
const classOf = (words: Words): number => (words['HSR'] as number) >>> 26;
const onWalk = (words: Words): boolean => [0x20, 0x24].includes(classOf(words)) && ((words['HSR'] as number) & 0x80) !== 0;
const isExternal = ({ DFSR_s = 0, DFSR_ns = 0, HSR = 0 }: Words): boolean =>
  [DFSR_s, DFSR_ns].some((fsr) => (fsr & 0x200 ? (fsr & 0x3f) === 0x10 : (fsr & 0x40f) === 8)) || (HSR & 0x3f) === 0x10;
const isAlignment = ({ DFSR_s = 0, DFSR_ns = 0, HSR = 0 }: Words): boolean =>
  [DFSR_s, DFSR_ns].some((fsr) => (fsr & 0x200 ? (fsr & 0x3f) === 0x21 : (fsr & 0x40f) === 1)) || (HSR & 0x3f) === 0x21;
const isAbort = ({ LR_abt = 0, HSR = 0, ...rest }: Words): boolean =>
  HSR >>> 27 === 0x12 || (LR_abt >= SLOTS && LR_abt < LANDING.arm) || ((rest['Monitor vector'] as number) & 7) === 4;
/** Loads and stores that need not be aligned while SCTLR.A is 0. */
const MAY_BE_UNALIGNED = /^(ldr|str|ldrh|ldrsh|strh|ldrt|strt|ldrht|strht|v(ld|st)1\.8) /;
const modeOf = (psr: number | undefined): number => (psr ?? 0) & 31;
const writesHyp = (one: SystemCase): boolean =>
  has(one, /^cps.*#26$/) || (has(one, /^msr cpsr/) && modeOf(one.input['r4']) === MODES.hyp);
const PARS = ['PAR_s', 'PAR_ns'] as const;
/** PAR of a translation that succeeded, in one format or the other. */
const translated = (words: Words, long: boolean): boolean =>
  PARS.some((par) => {
    const low = words[par] as number;
    return low !== 0 && (low & 1) === 0 && ((low & (1 << 11)) !== 0) === long;
  });

export const DIFFERENCES: readonly Difference[] = [
  {
    name: 'unaligned access to Device or Strongly-ordered memory is an Alignment fault: QEMU 7.2 carries it out',
    applies: (one, ours, theirs) => has(one, MAY_BE_UNALIGNED) && isAlignment(ours) && !isAlignment(theirs),
    bits: 'everything',
  },
  {
    name: 'status in HSR of an abort that HCR.TGE routes: QEMU gives 0x3f, as for short descriptors',
    applies: (one, ours, theirs) =>
      ((one.input['HCR'] as number) & TGE) !== 0 &&
      [0x20, 0x24].includes(classOf(ours)) &&
      ((theirs['HSR'] as number) & 0x3f) === 0x3f,
    bits: { HSR: 0x3f },
  },
  {
    name: 'HSR.IL of BKPT in Hyp mode is UNK/SBZP: ours is 0',
    applies: (one, ours) => has(one, /^bkpt/) && [0x20, 0x21].includes(classOf(ours)),
    bits: { HSR: 1 << 25 },
  },
  {
    name: 'HSR.ISV is for stage 2 faults: QEMU sets it for those of the Hyp regime, and for alignment faults with HCR.TGE',
    applies: (_, ours) => [0x24, 0x25].includes(classOf(ours)) && ((ours['HSR'] as number) & (1 << 24)) === 0,
    bits: { HSR: 0x03ff_c000 },
  },
  {
    name: 'HCPTR traps coprocessors that are not there, from Hyp mode too: QEMU has no such bits',
    applies: (one, ours) => has(one, /p7/) && classOf(ours) === 7,
    bits: { HSR: -1 },
  },
  {
    name: 'HSR of a trapped Advanced SIMD instruction has TA and no coprocessor: QEMU gives number 10',
    applies: (_, ours) => classOf(ours) === 7 && ((ours['HSR'] as number) & 0x20) !== 0,
    bits: { HSR: 0x2f },
  },
  {
    name: 'level of a stage 2 fault on a stage 1 walk: QEMU reports that of the stage 1 walk (HSR)',
    applies: (_, ours) => onWalk(ours),
    bits: { HSR: 3 },
  },
  {
    name: 'level of a stage 2 fault on a stage 1 walk: QEMU reports that of the stage 1 walk (PAR)',
    applies: (_, ours) => PARS.some((par) => ((ours[par] as number) & 0x301) === 0x301),
    bits: { PAR_s: 6, PAR_ns: 6 },
  },
  {
    name: 'address of an external abort of an access that is not aligned: QEMU gives the aligned one',
    applies: (_, ours) => isExternal(ours),
    bits: { DFAR_s: 7, DFAR_ns: 7 },
  },
  {
    name: 'doubleword across pages: QEMU translates both before it meets the external abort of the first word',
    applies: (one, ours, theirs) =>
      has(one, /^v(ldm|stm|ldr d)/) &&
      isExternal(ours) &&
      [theirs['DFAR_s'], theirs['DFAR_ns']].some((va) => va !== 0 && ((va as number) & 0xfff) === 0),
    bits: { DFAR_s: -1, DFAR_ns: -1, DFSR_s: 0x43f, DFSR_ns: 0x43f, HSR: 0x3f, HPFAR: -1 },
  },
  {
    name: 'unaligned access across pages: QEMU meets the external abort of the first before it translates the second',
    applies: (one, ours, theirs) =>
      has(one, MAY_BE_UNALIGNED) &&
      isExternal(theirs) &&
      !isExternal(ours) &&
      ['DFAR_s', 'DFAR_ns'].some(
        (far) => ours[far] === (((theirs[far] as number) + 4) | 0) && ((ours[far] as number) & 0xfff) === 0,
      ),
    bits: { DFAR_s: -1, DFAR_ns: -1, DFSR_s: 0x43f, DFSR_ns: 0x43f, HSR: 0x3f, HPFAR: -1 },
  },
  {
    name: 'DFSR of ATS12NSO and ATS1H in Monitor mode: QEMU gives it the format of their tables',
    applies: (one) => has(one, /p15, (0, r1, c7, c8, [4-7]|4, r1, c7, c8)/) && modeOf(one.input['CPSR']) === MODES.mon,
    bits: { DFSR_s: -1 },
  },
  {
    name: 'registers of a load of several that aborts are UNKNOWN: ours stay',
    applies: (one, ours) => has(one, /^(ldm|ldrd)/) && isAbort(ours),
    bits: { r5: -1, r6: -1, r7: -1, r8: -1 },
  },
  {
    name: 'how much a store of several had stored before it aborts is not said',
    applies: (one, ours) => has(one, /^(stm|strd|vst)/) && isAbort(ours),
    bits: { 'digest of the first window': -1, 'digest of the last window': -1 },
  },
  {
    name: 'MSR and CPS from Monitor to Hyp mode with SCR.NS = 1: QEMU goes by ARMv8, where this is illegal',
    applies: (one) => modeOf(one.input['CPSR']) === MODES.mon && writesHyp(one),
    bits: 'everything',
  },
  {
    name: 'SCR.SIF: QEMU knows it for long descriptors alone',
    applies: (one, ours) =>
      ((one.input['SCR'] as number) & SCR.SIF) !== 0 &&
      (one.input['TTBCR_s'] as number) === 0 &&
      ((ours['IFSR_s'] as number) & 0x40d) === 0xd,
    bits: 'everything',
  },
  {
    name: 'CPACR has reserved bits that are zero: with NSACR = 0 QEMU reads them as one',
    applies: (one) => has(one, /mrc p15, 0, r5, c1, c0, 2/) && ((one.input['NSACR'] as number) & 0xc00) === 0,
    bits: { r5: 0xff0f_ffff },
  },
  {
    name: 'IFSR of BKPT in Monitor mode: QEMU gives it the format of the Non-secure tables',
    applies: (one) => has(one, /^bkpt/) && modeOf(one.input['CPSR']) === MODES.mon,
    bits: { IFSR_s: 0x220 },
  },
  {
    name: 'IFSR has no domain field: QEMU fills it',
    applies: (_, ours) => ['IFSR_s', 'IFSR_ns'].some((name) => [5, 7, 9, 0xb, 0xd, 0xf].includes(ours[name] as number)),
    bits: { IFSR_s: 0xf0, IFSR_ns: 0xf0 },
  },
  {
    name: 'HPFAR is UNKNOWN for an external abort',
    applies: (_, ours) => ((ours['HSR'] as number) & 0x3c) === 0x14,
    bits: { HPFAR: -1 },
  },
  {
    name: 'attributes in a 32-bit PAR: QEMU gives none',
    applies: (one, ours) => has(one, /c7, c8/) && translated(ours, false),
    bits: { PAR_s: 0xdfc, PAR_ns: 0xdfc },
  },
  {
    name: 'attributes in a 64-bit PAR: QEMU knows none for short descriptors, and repeats SH of Device and Non-cacheable memory',
    applies: (one, ours) => has(one, /c7, c8/) && translated(ours, true),
    bits: { PAR_s: 3 << 7, PAR_ns: 3 << 7, 'PAR_s high': 0xff00_0000, 'PAR_ns high': 0xff00_0000 },
  },
  {
    name: 'DFSR.CM and WnR of an address translation operation that aborts: QEMU leaves them 0',
    applies: (one) => has(one, /c7, c8/),
    bits: { DFSR_s: (1 << 13) | (1 << 11), DFSR_ns: (1 << 13) | (1 << 11) },
  },
];

const ALL: Words = Object.fromEntries(RECORD.map((name) => [name, -1]));

const named = (words: Uint32Array): Words => Object.fromEntries(RECORD.map((name, i) => [name, words[i] as number]));

export function compareRecords(
  one: SystemCase,
  ours: Uint32Array,
  theirs: Uint32Array,
  known: Map<string, number>,
): string | undefined {
  if (ours.every((word, i) => word === theirs[i])) return undefined;
  const [mine, their] = [named(ours), named(theirs)];
  const passed: Record<string, number> = {};
  for (const { name, applies, bits } of DIFFERENCES) {
    const masks = bits === 'everything' ? ALL : bits;
    const met = Object.entries(masks).filter(([word, mask]) => (((mine[word] as number) ^ (their[word] as number)) & mask) !== 0);
    if (met.length === 0 || !applies(one, mine, their)) continue;
    known.set(name, (known.get(name) ?? 0) + 1);
    for (const [word, mask] of met) passed[word] = (passed[word] ?? 0) | mask;
  }
  const lines = RECORD.filter((word) => (((mine[word] as number) ^ (their[word] as number)) & ~(passed[word] ?? 0)) !== 0).map(
    (word) => `  ${word}: ours ${hex(mine[word] as number)}, theirs ${hex(their[word] as number)}`,
  );
  return lines.length === 0 ? undefined : describe(one, lines);
}

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

function describe({ slot, input, event }: SystemCase, lines: readonly string[]): string {
  const values = INPUT.map((name) => `${name}=${hex(input[name] as number)}`).join(' ');
  return [`${event} ${slot.thumb ? 'T32' : 'A32'} ${slot.code.join('; ')}`, ...lines, `  ${values}`].join('\n');
}
