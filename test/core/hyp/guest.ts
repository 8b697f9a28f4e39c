/** The common parts of guests: vectors at the start of RAM, results behind the program. */
import type { Assembler } from './assembler.ts';
import { GUEST_GICC, GUEST_GICD, GUEST_RAM, type PartitionOptions } from './system.ts';

/** Offset in RAM of where guests put their results. */
export const RESULTS = 0x10000;
export const SYSTEM_OFF = 0x84000008;

type Vector = 'undefined' | 'call' | 'prefetchAbort' | 'dataAbort' | 'irq';
const VECTORS: readonly (Vector | undefined)[] = [
  undefined,
  'undefined',
  'call',
  'prefetchAbort',
  'dataAbort',
  undefined,
  'irq',
  undefined,
];

export type Part = (a: Assembler) => void;

/** A guest whose R10 points at its results. Handlers that are not given hang. */
export function guest(main: Part, handlers: Partial<Record<Vector, Part>> = {}): PartitionOptions {
  return {
    entry: { address: GUEST_RAM + 0x20, thumb: false, registers: [] },
    program(a) {
      for (const vector of VECTORS) a.b(vector !== undefined && handlers[vector] !== undefined ? vector : 'hang');
      a.mov(0, GUEST_RAM)
        .mcr('VBAR', 0)
        .mov(10, GUEST_RAM + RESULTS);
      main(a);
      a.call(SYSTEM_OFF).label('hang').b('hang');
      for (const [vector, handler] of Object.entries(handlers)) {
        a.label(vector);
        handler(a);
      }
    },
  };
}

/** Stores R0 and steps on to the next result. Changes nothing else. */
export const result = (a: Assembler, register = 0): Assembler => a.str(register, 10).add(10, 10, 4);

/** Turns the distributor and the CPU interface on and enables some interrupts (IDs of one word). Uses R1 and R2. */
export function enableInterrupts(a: Assembler, ...ids: readonly number[]): Assembler {
  a.mov(1, GUEST_GICD).mov(2, 1).str(2, 1, 0);
  for (const id of ids) a.mov(2, 1 << (id % 32)).str(2, 1, 0x100 + 4 * (id >>> 5));
  for (const id of ids) if (id >= 32) a.mov(2, 1).strb(2, 1, 0x800 + id);
  return a.mov(1, GUEST_GICC).mov(2, 0xff).str(2, 1, 4).mov(2, 1).str(2, 1, 0);
}

/** Acknowledges into R3 and ends the interrupt; uses R1. Between the two, `body`. */
export function handleInterrupt(a: Assembler, body: Part): Assembler {
  a.mov(1, GUEST_GICC).ldr(3, 1, 0xc);
  body(a);
  return a.mov(1, GUEST_GICC).str(3, 1, 0x10).exceptionReturn(4);
}
