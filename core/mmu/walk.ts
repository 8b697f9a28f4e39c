/** One table walk: what was asked, and every descriptor read for it. Reference: DDI 0406C B3.3 (endianness, security and aborts of walks). */
import type { AddressMap } from '../bus/address-map.ts';
import type { Initiator } from '../bus/registers.ts';
import { Fault, type FaultType, type WalkStep } from './fault.ts';
import type { AccessKind, Regime } from './regime.ts';

/** Where descriptors are read. */
export type TableMemory = Pick<AddressMap, 'read'>;

export type Level = 1 | 2 | 3;

const swap = (word: number): number => ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;

export class Walk {
  readonly regime: Regime;
  readonly va: number;
  readonly kind: AccessKind;
  readonly steps: WalkStep[] = [];
  readonly #bus: TableMemory;
  readonly #core: number;

  constructor(bus: TableMemory, core: number, regime: Regime, va: number, kind: AccessKind) {
    this.#bus = bus;
    this.#core = core;
    this.regime = regime;
    this.va = va >>> 0;
    this.kind = kind;
  }

  fault(type: FaultType, level: Level, more: { stage?: 1 | 2; onWalk?: boolean; ipa?: number; domain?: number } = {}): Fault {
    const { va, regime } = this;
    return new Fault({ type, level, va, write: this.kind === 'write', long: regime.long, walk: this.steps, ...more });
  }

  /** Reads a descriptor at a physical address; undefined where the bus answers with an external abort. */
  read(stage: 1 | 2, level: Level, at: number, form: DescriptorForm): WalkStep | undefined {
    const from: Initiator = { core: this.#core, secure: !form.nonSecure };
    const first = this.#bus.read(at, 4, from);
    const second = form.long ? this.#bus.read(at + 4, 4, from) : 0;
    if (first === undefined || second === undefined) return undefined;
    const [a, b] = form.bigEndian ? [swap(first), swap(second)] : [first, second];
    const step: WalkStep =
      form.long && form.bigEndian ? { stage, level, at, low: b, high: a } : { stage, level, at, low: a, high: b };
    this.steps.push(step);
    return step;
  }
}

export interface DescriptorForm {
  readonly long: boolean;
  readonly bigEndian: boolean;
  readonly nonSecure: boolean;
}
