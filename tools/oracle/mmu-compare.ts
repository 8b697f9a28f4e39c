/**
 * Holds QEMU's records against ours. Where QEMU 7.2 and the manual part ways, the difference is named here with its reason, counted under
 * that name, and only the part of the record that it touches is passed over.
 */
import { Fault } from '../../core/mmu/fault.ts';
import { dfsr, hpfar, hsrStatus } from '../../core/mmu/fault-status.ts';
import { domainAccess, ENDED, type Expected } from './mmu-model.ts';

type Words = readonly number[];

/** A case with the records of both, as the image writes them. */
export interface Ran {
  readonly one: Expected;
  readonly ours: Words;
  readonly theirs: Words;
}

interface Difference {
  readonly name: string;
  /** Too rare to be met in a short run. */
  readonly rare?: boolean;
  readonly applies: (expected: Expected, ours: Words, theirs: Words) => boolean;
  /** Bits that are not compared, by word of the record; all of them for `everything`. */
  readonly bits: 'everything' | readonly (readonly [word: number, bits: number])[];
}

const isSuccess = ({ result }: Expected): boolean => !(result instanceof Fault);
const isTranslation = ([status]: Words): boolean => status === ENDED.translated || status === ENDED.translatedAtPl1;
const isLongPar = (words: Words): boolean => isTranslation(words) && ((words[1] as number) & (1 << 11)) !== 0;
const isHypOperation = ({ case: { operation } }: Expected): boolean => operation.name.startsWith('ATS1H');
const isHyp = ({ case: { operation } }: Expected): boolean => operation.level === 'Hyp' && operation.kind !== undefined;
const shortTables = (e: Expected): boolean => e.registers.TTBCR >>> 31 === 0 && !isHypOperation(e) && !isHyp(e);
const stage1On = ({ registers }: Expected): boolean => (registers.SCTLR & 1) !== 0 && (registers.HCR & (1 << 12)) === 0;
const isFault = (e: Expected, test: (fault: Fault) => boolean): boolean => e.result instanceof Fault && test(e.result);
const isFetch = ({ case: { operation } }: Expected): boolean => operation.kind?.does === 'execute';

const SH = 3 << 7;
const ATTR = 0xff000000;

const domainOf = ({ registers, result }: Expected): number | undefined =>
  result instanceof Fault ? domainAccess(result, registers.DACR) : undefined;

export const DIFFERENCES: readonly Difference[] = [
  {
    name: 'cache maintenance by address: QEMU does nothing, ours must report the fault as maintenance',
    applies: (e, ours) => e.case.operation.kind?.does === 'maintenance' && same(ours, maintenanceFault(e)),
    bits: 'everything',
  },
  {
    name: 'HSR.ISV is for stage 2 faults: QEMU sets it for those of the Hyp regime',
    applies: (_, ours) => ours[0] === ENDED.trapped && (ours[1] as number) >>> 26 === 0x25,
    bits: [[1, 0x03ff_c000]],
  },
  {
    name: 'PAR.SH of Device and Non-cacheable memory: QEMU repeats the descriptor, the manual has Outer Shareable',
    applies: (e, ours) => isSuccess(e) && isLongPar(ours) && [0x00, 0x04, 0x44].includes((ours[2] as number) >>> 24),
    bits: [[1, SH]],
  },
  {
    name: 'SH of 0b01 is reserved (met in tables that are no tables): QEMU repeats it, we take Non-shareable',
    rare: true,
    applies: (e, ours, theirs) => isSuccess(e) && isLongPar(ours) && ((theirs[1] as number) & SH) === 1 << 7,
    bits: [[1, SH]],
  },
  {
    name: 'attributes in a 64-bit PAR: QEMU knows none for Short-descriptor tables',
    applies: (e, ours) => isSuccess(e) && isLongPar(ours) && shortTables(e) && stage1On(e),
    bits: [
      [1, SH],
      [2, ATTR],
    ],
  },
  {
    name: 'attributes in a 32-bit PAR: QEMU gives none',
    applies: (e, ours) => isSuccess(e) && isTranslation(ours) && !isLongPar(ours),
    bits: [[1, 0xdfc]],
  },
  {
    name: 'PA[39:32] of a supersection in a 32-bit PAR: QEMU leaves it out',
    applies: (e, ours) => isSuccess(e) && isTranslation(ours) && !isLongPar(ours) && ((ours[1] as number) & 2) !== 0,
    bits: [[1, 0xff0000]],
  },
  {
    name: 'level of a stage 2 fault on a stage 1 walk: QEMU reports that of the stage 1 walk (PAR)',
    applies: (e, ours) => isTranslation(ours) && isFault(e, (fault) => fault.onWalk),
    bits: [[1, 3 << 1]],
  },
  {
    name: 'level of a stage 2 fault on a stage 1 walk: QEMU reports that of the stage 1 walk (HSR)',
    applies: (e, ours) => ours[0] === ENDED.trapped && isFault(e, (fault) => fault.onWalk),
    bits: [[1, 3]],
  },
  {
    name: 'HPFAR: the 32-bit QEMU loses IPA[39:32]',
    applies: (e, ours) => ours[0] === ENDED.trapped && isFault(e, (fault) => fault.ipa >= 2 ** 32),
    bits: [[3, 0xff000000]],
  },
  {
    name: 'HPFAR is UNKNOWN for an external abort',
    applies: (e, ours) => ours[0] === ENDED.trapped && isFault(e, (fault) => fault.type === 'external abort on walk'),
    bits: [[3, -1]],
  },
  {
    name: 'DFSR.CM and WnR of an address translation operation that aborts are 1: QEMU leaves them 0',
    rare: true,
    applies: (e, ours) => ours[0] === ENDED.dataAbort && e.case.operation.name.startsWith('ATS'),
    bits: [[1, (1 << 13) | (1 << 11)]],
  },
  {
    name: 'IFSR has no domain field: QEMU fills it',
    applies: (e, ours) => ours[0] === ENDED.prefetchAbort && shortTables(e),
    bits: [[1, 0xf0]],
  },
  {
    name: 'access flag fault in a domain without access, or of a manager: QEMU looks at the domain first',
    applies: (e) =>
      shortTables(e) &&
      isFault(e, (fault) => fault.type === 'access flag' && fault.stage === 1) &&
      ![1, undefined].includes(domainOf(e)),
    bits: 'everything',
  },
  {
    name: 'access flag fault of an instruction fetch: QEMU looks at XN first',
    applies: (e) => shortTables(e) && isFetch(e) && isFault(e, (fault) => fault.type === 'access flag' && fault.stage === 1),
    bits: [[1, 0x40f]],
  },
  {
    name: 'level 2 fault in a domain without access: QEMU looks at the domain before it reads the second level',
    applies: (e) =>
      shortTables(e) && isFault(e, ({ level, onWalk }) => level === 2 || onWalk) && ![1, undefined].includes(domainOf(e)),
    bits: 'everything',
  },
];

const same = (a: Words, b: Words): boolean =>
  a.length === b.length && a.every((word, i) => word >>> 0 === (b[i] as number) >>> 0);
const clear = (words: Words, bits: readonly (readonly [number, number])[]): Words =>
  bits.reduce((kept, [at, mask]) => kept.map((word, i) => (i === at ? word & ~mask : word)), words);

/** A record as it is compared: of a trap, HSR, the address that belongs to it, and HPFAR. */
function comparable(record: Words): Words {
  if (record[0] !== ENDED.trapped) return record;
  const [status = 0, hsr = 0, hdfar = 0, hifar = 0, hpfar = 0] = record;
  if (hsr >>> 26 === 0) return [status, hsr];
  const fetch = hsr >>> 26 === 0x20 || hsr >>> 26 === 0x21;
  return [status, hsr, fetch ? hifar : hdfar, hpfar];
}

/** What is different without a name. */
export function compare({ one, ours, theirs }: Ran, known: Map<string, number>): string | undefined {
  const mine = comparable(ours);
  const left = explain(one, mine, comparable(theirs), known);
  return left === undefined ? undefined : describe(one, mine, theirs, left);
}

/** Passes over the named differences; what is left of QEMU's record if it still differs. */
function explain(one: Expected, mine: Words, record: Words, known: Map<string, number>): Words | undefined {
  let [ours, theirs]: readonly [Words, Words] = [mine, record];
  for (const { name, applies, bits } of DIFFERENCES) {
    if (same(ours, theirs)) return undefined;
    if (!applies(one, mine, record)) continue;
    const differs = bits === 'everything' || bits.some(([at, mask]) => (((ours[at] ?? 0) ^ (theirs[at] ?? 0)) & mask) !== 0);
    if (differs) known.set(name, (known.get(name) ?? 0) + 1);
    [ours, theirs] = bits === 'everything' ? [[], []] : [clear(ours, bits), clear(theirs, bits)];
  }
  return same(ours, theirs) ? undefined : theirs;
}

const [CM, WNR, HSR_CM, HSR_WNR] = [1 << 13, 1 << 11, 1 << 8, 1 << 6];
const [DATA_ABORT, DATA_ABORT_IN_HYP] = [0x24, 0x25];

/** The record of a cache maintenance operation that met a fault (B4.2.1, HSR and DFSR in B4.1): a write that is marked CM. */
function maintenanceFault({ case: { operation }, result }: Expected): Words {
  if (!(result instanceof Fault)) return [];
  const inHyp = operation.level === 'Hyp';
  if (!inHyp && result.stage === 1) return [ENDED.dataAbort, dfsr(result) | CM | WNR, result.va, 0, 0, 0, 0, 0];
  const hsr = ((inHyp ? DATA_ABORT_IN_HYP : DATA_ABORT) << 26) | hsrStatus(result) | HSR_CM | HSR_WNR;
  return [ENDED.trapped, hsr, result.va, result.stage === 2 ? hpfar(result) : 0];
}

const hex = (words: Words): string => words.map((word) => (word >>> 0).toString(16)).join(' ');

function describe(one: Expected, mine: Words, raw: Words, left: Words): string {
  const { registers: g, result } = one;
  const shown =
    result instanceof Fault
      ? { ...result, walk: result.walk.map((s) => `${s.stage}L${s.level} ${hex([s.high, s.low])}`) }
      : result;
  const state = Object.entries(g).map(([name, value]) => `${name}=${hex([value])}`);
  return `${one.case.operation.name} ${hex([one.case.va])} ours ${hex(mine)} QEMU ${hex(raw)} (${hex(left)}) ${JSON.stringify(shown)} ${state.join(' ')}`;
}
