/** What went wrong in a translation, with the evidence: every descriptor that was read on the way. Reference: DDI 0406C B3.12, B3.13. */

export type FaultType =
  | 'alignment'
  | 'translation'
  | 'access flag'
  | 'domain'
  | 'permission'
  | 'external abort'
  | 'external abort on walk'
  | 'address size'
  | 'debug'
  | 'instruction cache maintenance'
  | 'TLB conflict';

/** One descriptor that the walk read: which stage and level, where it stood and what it said. */
export interface WalkStep {
  readonly stage: 1 | 2;
  readonly level: 1 | 2 | 3;
  /** Physical address of the descriptor. */
  readonly at: number;
  readonly low: number;
  /** High word, 0 for a short descriptor. */
  readonly high: number;
}

export class Fault {
  readonly type: FaultType;
  /** Translation table level, or 0 where none applies. */
  readonly level: 0 | 1 | 2 | 3;
  /** Which stage refused. */
  readonly stage: 1 | 2;
  /** A stage-2 fault on an access made by the stage-1 walk itself. */
  readonly onWalk: boolean;
  readonly va: number;
  /** Intermediate physical address of a stage-2 fault. */
  readonly ipa: number;
  readonly write: boolean;
  /** Domain of a short-descriptor fault, for DFSR. */
  readonly domain: number;
  /** Whether the regime used long descriptors, which decides the format of the fault status. */
  readonly long: boolean;
  readonly walk: readonly WalkStep[];

  constructor(
    fault: Partial<Fault> & { readonly type: FaultType; readonly va: number; readonly write: boolean; readonly long: boolean },
  ) {
    this.type = fault.type;
    this.level = fault.level ?? 0;
    this.stage = fault.stage ?? 1;
    this.onWalk = fault.onWalk ?? false;
    this.va = fault.va;
    this.ipa = fault.ipa ?? 0;
    this.write = fault.write;
    this.domain = fault.domain ?? 0;
    this.long = fault.long;
    this.walk = fault.walk ?? [];
  }

  /** The same fault of another address in the page. */
  at(va: number): Fault {
    if (va === this.va) return this;
    return new Fault({
      ...this,
      va,
      ipa: this.stage === 2 && !this.onWalk ? this.ipa - (this.va & 0xfff) + (va & 0xfff) : this.ipa,
    });
  }
}
