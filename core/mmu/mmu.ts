/**
 * The memory management unit of one core: TLB first, then the walks. Reference: DDI 0406C chapter B3.
 * It keeps no configuration of its own; whoever asks passes the regime.
 */
import type { AddressMap } from '../bus/address-map.ts';
import type { Fault } from './fault.ts';
import type { AccessKind, Regime } from './regime.ts';
import type { Translation } from './translation.ts';

export interface Mmu {
  /** Translates the page of `va` and checks the rights; a fault carries everything its syndrome needs. */
  translate(regime: Regime, va: number, kind: AccessKind, privileged: boolean): Translation | Fault;
}
export type MmuBus = AddressMap;
