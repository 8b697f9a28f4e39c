/**
 * How a hypercall is defined: once, with its number, its arguments and its errors. `check` looks and never touches; `commit` touches and
 * never fails. The C header of the guests and the documentation are made from the same definitions. Reference: Arm DEN 0028 (SMCCC).
 */
import { fail, type Outcome } from '../base/outcome.ts';
import type { Caller } from './caller.ts';

/** Error codes, as R0 shows them. */
export const ERROR = { NOT_SUPPORTED: -1, INVALID: -2, DENIED: -3, NO_ENTRY: -4, BUSY: -5 } as const;
export type ErrorName = keyof typeof ERROR;

/** What R0 and the registers after it hold when the call returns; registers beyond those given are preserved. */
export type Results = readonly number[];

export interface Hypercall {
  readonly name: string;
  readonly id: number;
  /** One line for the header. */
  readonly summary: string;
  /** What R1, R2 and R3 mean, in that order. */
  readonly args: readonly string[];
  /** What the result registers mean, R0 first. */
  readonly results: readonly string[];
  readonly errors: readonly ErrorName[];
  call(caller: Caller, registers: readonly [number, number, number]): Results;
}

export interface Definition<A extends readonly string[], T, E extends ErrorName> {
  readonly summary: string;
  readonly args: A;
  readonly results: readonly string[];
  readonly errors: readonly E[];
  check(caller: Caller, args: Readonly<Record<A[number], number>>): Outcome<T, E>;
  commit(found: T, caller: Caller): Results;
}

/** Arguments are unsigned words. */
export function hypercall<const A extends readonly string[], T, E extends ErrorName = never>(
  name: string,
  id: number,
  definition: Definition<A, T, E>,
): Hypercall {
  const { summary, args, results, errors } = definition;
  return {
    name,
    id,
    summary,
    args,
    results,
    errors,
    call(caller, registers) {
      const named: Record<string, number> = {};
      for (let i = 0; i < args.length; i++) named[args[i] as string] = (registers[i] as number) >>> 0;
      const checked = definition.check(caller, named as Record<A[number], number>);
      return checked.ok ? definition.commit(checked.value, caller) : [ERROR[checked.error]];
    },
  };
}

export const refuse = <E extends ErrorName>(error: E): Outcome<never, E> => fail(error);
