/** What our MMU says to the scenarios, in the records that the test image writes. */
import { AddressMap } from '../../../../core/bus/address-map.ts';
import { Arena } from '../../../../core/bus/memory.ts';
import { Fault } from '../../../../core/mmu/fault.ts';
import { dfsr, hpfar, hsrStatus, ifsr } from '../../../../core/mmu/fault-status.ts';
import { Mmu } from '../../../../core/mmu/mmu.ts';
import { par } from '../../../../core/mmu/par.ts';
import type { AccessKind, Regime } from '../../../../core/mmu/regime.ts';
import { Tlb } from '../../../../core/mmu/tlb.ts';
import type { Translation } from '../../../../core/mmu/translation.ts';
import { type Case, POOL, POOL_END, RAM, RAM_SIZE, type Registers, type Scenario } from './layout.ts';

/** How an operation ended; the numbers are the image's HVC numbers. */
export const ENDED = {
  translated: 0,
  accessed: 1,
  executed: 2,
  dataAbort: 3,
  prefetchAbort: 4,
  translatedAtPl1: 7,
  trapped: 16,
} as const;

export interface Expected {
  readonly case: Case;
  readonly registers: Registers;
  readonly record: readonly number[];
  readonly result: Translation | Fault;
}

const FROM = { core: 0, secure: false };

/** Why a case is not put to QEMU at all. */
export const DROPPED = {
  outside: 'an access to something other than the memory set aside for it',
  highTable: 'a stage 1 table at an IPA above 4 GiB: the 32-bit QEMU cuts the address',
  domain: 'a domain fault to be reported in the long format: QEMU 7.2 stops with an assertion',
  manager: 'an access without the access flag by a manager: QEMU 7.2 lets it pass, and what it then does cannot be followed',
} as const;

type Outcome = Pick<Expected, 'record' | 'result'> | keyof typeof DROPPED;

export class Model {
  readonly #bus: AddressMap;
  readonly #tlb = new Tlb();
  readonly #mmu: Mmu;
  readonly dropped = { outside: 0, highTable: 0, domain: 0, manager: 0 };

  constructor() {
    const arena = new Arena(new ArrayBuffer(RAM_SIZE));
    this.#bus = new AddressMap(arena);
    this.#bus.addMemory('ram', RAM, RAM_SIZE);
    this.#mmu = new Mmu(this.#bus, this.#tlb, FROM);
    for (let at = POOL; at < POOL_END; at += 4) arena.i32[(at - RAM) >>> 2] = 0xef000000 | (at >>> 12);
  }

  /** Carries out a scenario. What is expected of the cases that may be put to QEMU; the others are counted. */
  run(scenario: Scenario): Expected[] {
    for (const [at, value] of scenario.writes) this.#bus.write(at, 4, value, FROM);
    this.#tlb.invalidateAll({ kind: 'PL1&0', secure: false });
    this.#tlb.invalidateAll({ kind: 'Hyp', secure: false });
    const { registers } = scenario;
    const pl1 = pl1Regime(registers);
    const expected: Expected[] = [];
    for (const one of scenario.cases) {
      const outcome = one.operation.startsWith('ATS')
        ? this.#translation(one, pl1, registers)
        : this.#access(one, pl1, registers);
      if (typeof outcome === 'string') this.dropped[outcome]++;
      else expected.push({ case: one, registers, ...outcome });
    }
    return expected;
  }

  #access({ operation, va }: Case, regime: Regime, registers: Registers): Outcome {
    const [kind, privileged] = accessOf(operation);
    if (this.#usesHighTable(regime, va, kind, privileged)) return 'highTable';
    const result = this.#mmu.translate(regime, va, kind, privileged);
    if (result instanceof Fault) {
      const manager = result.type === 'access flag' && !result.long && domainAccess(result, registers.DACR) === 3;
      return manager ? 'manager' : { result, record: aborted(result, kind === 'execute') };
    }
    const pa = result.pa + (va & 0xfff);
    if (pa < POOL || pa >= POOL_END) return 'outside';
    if (kind === 'write') this.#bus.write(pa, 4, 0xefabcdef, FROM);
    const value = kind === 'read' ? (this.#bus.read(pa, 4, FROM) as number) : 0;
    return { result, record: [kind === 'execute' ? ENDED.executed : ENDED.accessed, value] };
  }

  #translation({ operation, va }: Case, regime: Regime, registers: Registers): Outcome {
    const kind: AccessKind = /W( |$)/.test(operation) ? 'write' : 'read';
    const privileged = !/U[RW]/.test(operation);
    const atPl1 = operation.endsWith('PL1');
    const hyp = operation.startsWith('ATS1H');
    const both = operation.startsWith('ATS12');
    const used = hyp ? hypRegime(registers) : regime;
    if (this.#usesHighTable(used, va, kind, privileged)) return 'highTable';
    const result = this.#mmu[hyp || both ? 'probe' : 'probeStage1'](used, va, kind, privileged);
    const long = atPl1 || both ? regime.long || (both && regime.stage2 !== undefined) : true;
    if (!(result instanceof Fault))
      return { result, record: [atPl1 ? ENDED.translatedAtPl1 : ENDED.translated, ...par(result, long)] };
    if (long && !result.long && isForbidden(domainAccess(result, registers.DACR))) return 'domain';
    const external = result.type === 'external abort on walk';
    if (external || (result.onWalk && atPl1)) {
      return { result, record: asWrite(atPl1 && result.stage === 1 ? aborted(result, false) : trapped(result)) };
    }
    return { result, record: [atPl1 ? ENDED.translatedAtPl1 : ENDED.translated, ...par(result, long)] };
  }

  #usesHighTable(regime: Regime, va: number, kind: AccessKind, privileged: boolean): boolean {
    if (regime.stage2 === undefined || !regime.long) return false;
    const { walk } = this.#mmu.explain(regime, va, kind, privileged);
    return walk.some(({ stage, level, low, high }) => stage === 1 && level < 3 && (low & 3) === 3 && (high & 0xff) !== 0);
  }
}

const isForbidden = (access: number | undefined): boolean => access === 0 || access === 2;

/** What DACR gives the domain of the first-level descriptor that a fault came through; undefined if there was none. */
export function domainAccess(fault: Fault, dacr: number): number | undefined {
  const first = fault.walk.find((step) => step.stage === 1 && (step.low & 3) !== 0)?.low;
  if (first === undefined) return undefined;
  const supersection = (first & 2) !== 0 && (first & (1 << 18)) !== 0;
  const domain = supersection ? 0 : (first >>> 5) & 15;
  return (dacr >>> (2 * domain)) & 3;
}

const accessOf = (operation: string): readonly [AccessKind, boolean] => {
  if (operation.startsWith('fetch')) return ['execute', operation.endsWith('PL1')];
  return [operation.startsWith('LDR') ? 'read' : 'write', !operation.endsWith('T')];
};

function aborted(fault: Fault, fetch: boolean): number[] {
  if (fault.stage === 2) return trapped(fault);
  return fetch ? [ENDED.prefetchAbort, ifsr(fault), fault.va] : [ENDED.dataAbort, dfsr(fault), fault.va];
}

/** An address translation operation that aborts reports WnR as 1, whatever it asked for. */
const asWrite = ([status = 0, fsr = 0, ...rest]: readonly number[]): number[] => [
  status,
  fsr | (status === ENDED.trapped ? 1 << 6 : 1 << 11),
  ...rest,
];

/** HSR's status, the address, HPFAR. */
const trapped = (fault: Fault): number[] => [ENDED.trapped, hsrStatus(fault), fault.va, hpfar(fault)];

function pl1Regime(g: Registers): Regime {
  const dc = (g.HCR & (1 << 12)) !== 0;
  const stage2 = (g.HCR & 1) !== 0 || dc;
  const vttbr = g.VTTBR + (g.VTTBRhigh & 0xff) * 0x1_0000_0000;
  return {
    kind: 'PL1&0',
    secure: false,
    sctlr: g.SCTLR,
    enabled: (g.SCTLR & 1) !== 0 && !dc,
    defaultCacheable: dc,
    long: g.TTBCR >>> 31 === 1,
    ttbcr: g.TTBCR,
    ttbr0: [g.TTBR0, g.TTBR0high],
    ttbr1: [g.TTBR1, g.TTBR1high],
    asid: 0,
    dacr: g.DACR,
    mair0: g.MAIR0,
    mair1: g.MAIR1,
    secureInstructionFetch: false,
    stage2: stage2
      ? {
          vttbr,
          vmid: (g.VTTBRhigh >>> 16) & 0xff,
          vtcr: g.VTCR,
          protectedWalk: (g.HCR & 4) !== 0,
          bigEndian: (g.HSCTLR & (1 << 25)) !== 0,
        }
      : undefined,
  };
}

const hypRegime = (g: Registers): Regime => ({
  kind: 'Hyp',
  secure: false,
  sctlr: g.HSCTLR,
  enabled: (g.HSCTLR & 1) !== 0,
  defaultCacheable: false,
  long: true,
  ttbcr: g.HTCR,
  ttbr0: [g.HTTBR, g.HTTBRhigh],
  ttbr1: [0, 0],
  asid: 0,
  dacr: 0,
  mair0: g.HMAIR0,
  mair1: g.HMAIR1,
  secureInstructionFetch: false,
  stage2: undefined,
});
