/** What our MMU says to the scenarios, in the records that the test image writes. */
import { AddressMap } from '../../core/bus/address-map.ts';
import { Arena } from '../../core/bus/memory.ts';
import { Fault } from '../../core/mmu/fault.ts';
import { Mmu } from '../../core/mmu/mmu.ts';
import type { AccessKind, Regime } from '../../core/mmu/regime.ts';
import { Tlb } from '../../core/mmu/tlb.ts';
import type { Translation } from '../../core/mmu/translation.ts';
import { type Case, type Kind, POOL, POOL_END, RAM, RAM_SIZE, type Registers, type Scenario } from './mmu-layout.ts';

/** How an operation ended; the numbers are the image's HVC numbers. */
export const ENDED = {
  translated: 0,
  accessed: 1,
  /** SVC: a stub's of PL1 or User mode, or one of the target memory. */
  called: 2,
  dataAbort: 3,
  prefetchAbort: 4,
  translatedAtPl1: 7,
  undefined: 9,
  trapped: 16,
} as const;

export interface Expected {
  readonly case: Case;
  readonly registers: Registers;
  /** The first fault, or the translation of the first byte. */
  readonly result: Translation | Fault;
}

const FROM = { core: 0, secure: false };

/** Why a case is not put to QEMU at all. */
export const DROPPED = {
  outside: 'an access to something other than the memory set aside for it',
  changing: 'a table in the memory that stores change',
  executes: 'a fetch across pages that succeeds: what stands there together may be any instruction',
  highTable: 'a stage 1 table at an IPA above 4 GiB: the 32-bit QEMU cuts the address',
  domain: 'a domain fault to be reported in the long format: QEMU 7.2 stops with an assertion',
  device: 'an unaligned access to Device or Strongly-ordered memory: QEMU 7.2 carries it out',
  manager: 'an access without the access flag by a manager: QEMU 7.2 lets it pass, and what it then does cannot be followed',
} as const;

type Outcome = Expected['result'] | keyof typeof DROPPED;

export class Model {
  readonly #bus: AddressMap;
  readonly #tlb = new Tlb();
  readonly #mmu: Mmu;
  readonly dropped = { outside: 0, changing: 0, executes: 0, highTable: 0, domain: 0, device: 0, manager: 0 };

  constructor() {
    const arena = new Arena(new ArrayBuffer(RAM_SIZE));
    this.#bus = new AddressMap(arena);
    this.#bus.addMemory('ram', RAM, RAM_SIZE);
    this.#mmu = new Mmu(this.#bus, this.#tlb, FROM);
  }

  /** Carries out a scenario. What is expected of the cases that may be put to QEMU; the others are counted. */
  run(scenario: Scenario): Expected[] {
    for (const [at, value] of scenario.writes) this.#bus.write(at, 4, value, FROM);
    this.#tlb.invalidateAll({ kind: 'PL1&0', secure: false });
    this.#tlb.invalidateAll({ kind: 'Hyp', secure: false });
    const { registers } = scenario;
    const regimes = { PL1: pl1Regime(registers), Hyp: hypRegime(registers) };
    const expected: Expected[] = [];
    for (const one of scenario.cases) {
      const { kind, level } = one.operation;
      const regime = regimes[level === 'Hyp' && !/^ATS1(C|2)/.test(one.operation.name) ? 'Hyp' : 'PL1'];
      const outcome =
        kind === undefined || kind.does === 'translation'
          ? this.#translation(one, regime, registers)
          : this.#access(one, kind, regime, registers);
      if (typeof outcome === 'string') this.dropped[outcome]++;
      else expected.push({ case: one, registers, result: outcome });
    }
    return expected;
  }

  /** The addresses that an instruction accesses, a page at a time, in order: the first that faults decides. */
  #access({ operation, va }: Case, kind: Kind, regime: Regime, registers: Registers): Outcome {
    if ((va & ((kind.insists ?? 1) - 1)) !== 0) return alignment(regime, va, kind);
    const unaligned = (va & ((kind.aligned ?? 1) - 1)) !== 0;
    if (unaligned && (regime.sctlr & 2) !== 0) return alignment(regime, va, kind);
    const privileged = operation.level !== 'PL0' && kind.unprivileged === undefined;
    const second = ((va & ~0xfff) + 0x1000) >>> 0;
    const starts = va + kind.bytes > (va | 0xfff) >>> 0 && (va & 0xfff) + kind.bytes > 0x1000 ? [va, second] : [va];
    let first: Translation | undefined;
    for (const start of starts) {
      for (const access of accessesOf(kind)) {
        const result = this.#one(regime, start, access, privileged, registers, kind);
        if (typeof result === 'string' || result instanceof Fault) return result;
        if (unaligned && result.type !== 'normal') return 'device';
        first ??= result;
      }
    }
    return starts.length > 1 && kind.does === 'execute' ? 'executes' : (first as Translation);
  }

  #one(regime: Regime, va: number, access: AccessKind, privileged: boolean, registers: Registers, kind: Kind): Outcome {
    const unfit = this.#unfit(regime, va, access, privileged);
    if (unfit !== undefined) return unfit;
    const result = this.#mmu.translate(regime, va, access, privileged);
    if (result instanceof Fault) {
      if (isHighTable(result)) return 'outside';
      const manager = result.type === 'access flag' && !result.long && domainAccess(result, registers.DACR) === 3;
      return manager ? 'manager' : result;
    }
    const reached = result.pa >= POOL && result.pa < POOL_END;
    return reached || kind.does === 'nothing' || kind.does === 'maintenance' ? result : 'outside';
  }

  #translation({ operation: { name, kind }, va }: Case, regime: Regime, registers: Registers): Outcome {
    const access: AccessKind = /W( |$)/.test(name) ? 'write' : 'read';
    const privileged = !/U[RW]/.test(name);
    const both = name.startsWith('ATS12');
    const unfit = this.#unfit(regime, va, access, privileged);
    if (unfit !== undefined) return unfit;
    const whole = both || name.startsWith('ATS1H');
    const result = this.#mmu[whole ? 'probe' : 'probeStage1'](regime, va, access, privileged);
    if (result instanceof Fault && isHighTable(result)) return 'outside';
    const atPl1 = kind !== undefined;
    const long = atPl1 || both ? regime.long || (both && regime.stage2 !== undefined) : true;
    const forbidden = result instanceof Fault && long && !result.long && isForbidden(domainAccess(result, registers.DACR));
    return forbidden ? 'domain' : result;
  }

  /** Whether the tables of an access are such that it is not put to QEMU. */
  #unfit(regime: Regime, va: number, kind: AccessKind, privileged: boolean): 'highTable' | 'changing' | undefined {
    const { walk } = this.#mmu.explain(regime, va, kind, privileged);
    if (walk.some(({ at }) => at >= POOL && at < POOL_END)) return 'changing';
    if (regime.stage2 === undefined || !regime.long) return undefined;
    const high = walk.some(({ stage, level, low, high }) => stage === 1 && level < 3 && (low & 3) === 3 && (high & 0xff) !== 0);
    return high ? 'highTable' : undefined;
  }
}

/** A table that stage 2 puts where our board has a window for PCI, and QEMU's with highmem=off has nothing. */
function isHighTable({ type, walk }: Fault): boolean {
  const last = walk.at(-1);
  return type === 'external abort on walk' && last?.stage === 2 && (last.high & 0xff) >= 0x80;
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

const accessesOf = ({ does }: Kind): readonly AccessKind[] =>
  does === 'execute' ? ['execute'] : does === 'read and write' ? ['read', 'write'] : [does === 'write' ? 'write' : 'read'];

const alignment = (regime: Regime, va: number, { does }: Kind): Fault =>
  new Fault({ type: 'alignment', va, write: does === 'write', long: regime.long });

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
