/** The synchronous exceptions that an instruction ends with. Interrupts are the run loop's; calls (SVC, HVC, SMC) are ordinary effects. */
import type { Fault } from '../mmu/fault.ts';

export type Exception =
  | { readonly kind: 'undefined' }
  /** `maintenance`: a cache maintenance or address translation operation met the fault (DFSR.CM, HSR.CM). */
  | { readonly kind: 'data abort'; readonly fault: Fault; readonly maintenance?: boolean }
  | { readonly kind: 'prefetch abort'; readonly fault: Fault }
  /** BKPT: a debug event that arrives as a Prefetch Abort. */
  | { readonly kind: 'breakpoint' }
  /** An instruction that Hyp mode asked to see: its exception class (HSR.EC) and syndrome (HSR.ISS). */
  | { readonly kind: 'hyp trap'; readonly ec: number; readonly iss: number };
