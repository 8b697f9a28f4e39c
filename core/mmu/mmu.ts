/**
 * The memory management unit of one core: TLB first, then the walks. Reference: DDI 0406C chapter B3.
 * It keeps no configuration of its own; whoever asks passes the regime. Alignment is the processor's to check (it needs `type`).
 */
import type { Initiator } from '../bus/registers.ts';
import { combine, memoryType, stage1Off } from './attributes.ts';
import { Fault, type WalkStep } from './fault.ts';
import type { FaultMemo } from './fault-memo.ts';
import { ALL_RIGHTS, type Rights, stage1Refusal } from './permissions.ts';
import type { AccessKind, Regime } from './regime.ts';
import type { Stage1Page } from './stage1.ts';
import { walkLong } from './stage1-long.ts';
import { walkShort } from './stage1-short.ts';
import { type Stage2Page, walkStage2 } from './stage2.ts';
import type { Tlb } from './tlb.ts';
import { RIGHT, type Translation } from './translation.ts';
import { type TableMemory, Walk } from './walk.ts';

const PAGE = 4096;
const pageOf = (address: number): number => address - (address & (PAGE - 1));

export interface Explained {
  readonly result: Translation | Fault;
  /** Every descriptor that was read, in order. */
  readonly walk: readonly WalkStep[];
}

export class Mmu {
  readonly #bus: TableMemory;
  readonly #tlb: Tlb;
  readonly #core: number;
  readonly #faults: FaultMemo | undefined;

  /** `faults` only saves time. */
  constructor(bus: TableMemory, tlb: Tlb, from: Initiator, faults?: FaultMemo) {
    this.#bus = bus;
    this.#tlb = tlb;
    this.#faults = faults;
    this.#core = from.core;
  }

  /** Translates the page of `va` and checks the rights; a fault carries everything its syndrome needs. */
  translate(regime: Regime, va: number, kind: AccessKind, privileged: boolean): Translation | Fault {
    const cached = this.#tlb.lookup(regime, va >>> 0);
    if (cached !== undefined) return refusal(regime, cached, va, kind, privileged) ?? cached;
    const known = this.#faults?.find(regime, va, kind, privileged);
    if (known !== undefined) return known;
    const found = this.probe(regime, va, kind, privileged);
    if (found instanceof Fault) this.#faults?.keep(regime, privileged, kind, found);
    const flat = !regime.enabled && regime.stage2 === undefined;
    if (!flat && !(found instanceof Fault)) this.#tlb.insert(regime, found);
    return found;
  }

  /** The words that a fault of `translate` follows from, if they are known to be in memory. */
  evidence(fault: Fault): Int32Array | undefined {
    return this.#faults?.evidence(fault);
  }

  /** As `translate`, from the tables alone: the TLB is neither asked nor filled. */
  probe(regime: Regime, va: number, kind: AccessKind, privileged: boolean): Translation | Fault {
    return this.explain(regime, va, kind, privileged).result;
  }

  /** Stage 1 alone, for ATS1C*: the walk's own reads still go through stage 2, the result is the intermediate address. */
  probeStage1(regime: Regime, va: number, kind: AccessKind, privileged: boolean): Translation | Fault {
    const walk = new Walk(this.#bus, this.#core, regime, va, kind);
    const first = stage1(walk, privileged);
    return first instanceof Fault ? first : complete(walk.va, first, undefined);
  }

  /** As `probe`, with the descriptors that led to the result. */
  explain(regime: Regime, va: number, kind: AccessKind, privileged: boolean): Explained {
    const walk = new Walk(this.#bus, this.#core, regime, va, kind);
    return { result: bothStages(walk, privileged), walk: walk.steps };
  }
}

/** Stage 1's page with its rights checked: its faults come before anything that stage 2 says about the result. */
function stage1(walk: Walk, privileged: boolean): Stage1Page | Fault {
  const { regime } = walk;
  const page = regime.enabled ? (regime.long ? walkLong(walk) : walkShort(walk)) : flatPage(regime, walk.va);
  if (page instanceof Fault) return page;
  const refused = stage1Refusal(regime, page.rights, page, walk.kind, privileged);
  return refused === undefined ? page : walk.fault(refused, page.level, { domain: page.domain });
}

const ALL: Rights = { privileged: ALL_RIGHTS, user: ALL_RIGHTS };

/** Stage 1 off: addresses stay what they are. */
const flatPage = (regime: Regime, va: number): Stage1Page => ({
  rights: ALL,
  memory: stage1Off(regime),
  output: va,
  blockBits: 12,
  level: 1,
  nonSecure: !regime.secure,
  global: true,
  domain: 0,
});

function bothStages(walk: Walk, privileged: boolean): Translation | Fault {
  const first = stage1(walk, privileged);
  const { stage2 } = walk.regime;
  if (first instanceof Fault) return first;
  if (stage2 === undefined) return complete(walk.va, first, undefined);
  const second = walkStage2(walk, stage2, first.output, false);
  if (second instanceof Fault) return second;
  const refused = (second.rights & RIGHT[walk.kind]) === 0;
  return refused ? walk.fault('permission', second.level, { stage: 2, ipa: first.output }) : complete(walk.va, first, second);
}

function complete(va: number, first: Stage1Page, second: Stage2Page | undefined): Translation {
  const { attributes, shareability } =
    second === undefined ? first.memory : combine(first.memory, second.memAttr, second.shareability);
  return {
    va: pageOf(va),
    pa: pageOf(second === undefined ? first.output : second.pa),
    ipa: pageOf(first.output),
    blockBits: first.blockBits,
    level: first.level,
    nonSecure: first.nonSecure,
    global: first.global,
    domain: first.domain,
    privileged: first.rights.privileged,
    user: first.rights.user,
    stage2: second === undefined ? ALL_RIGHTS : second.rights,
    stage2Level: second === undefined ? 0 : second.level,
    type: memoryType(attributes),
    attributes,
    shareability,
  };
}

/** The rights of a cached page: no descriptor is read, so the fault has no walk to show. */
function refusal(regime: Regime, page: Translation, va: number, kind: AccessKind, privileged: boolean): Fault | undefined {
  const write = kind === 'write';
  const refused = stage1Refusal(regime, page, page, kind, privileged);
  const common = { va: va >>> 0, write, long: regime.long };
  if (refused !== undefined) return new Fault({ ...common, type: refused, level: page.level, domain: page.domain });
  if ((page.stage2 & RIGHT[kind]) !== 0) return undefined;
  return new Fault({
    ...common,
    type: 'permission',
    level: page.stage2Level,
    stage: 2,
    ipa: page.ipa + (common.va & (PAGE - 1)),
  });
}
