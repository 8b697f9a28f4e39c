/** What a step of an instruction does to the processor, as far as the order of steps matters. */

export const EFFECT = {
  none: 0,
  /** Loads, stores, and whatever else may end the instruction with an exception. */
  mayRaise: 1,
  /** Registers, flags, floating-point registers. */
  state: 2,
  /** Where execution goes on, calls to other exception levels, waiting. */
  last: 4,
} as const;

const LAST =
  /^(exceptionReturn|returnFrom|eret|supervisorCall|hypervisorCall|secureMonitorCall|breakpoint|halt|waitForInterrupt|waitForEvent)$/;
const STATE = /^(writeUser|setStackPointer)$/;
const QUIET = /^(readUser|readCpsr)$/;

/** The effect of a method of `cpu`, named from there on: `mem.readU32`, `branch`. Undefined: there is no such call-out. */
export function effectOfMethod(path: string): number | undefined {
  if (path.startsWith('mem.')) return EFFECT.mayRaise;
  if (path.startsWith('sys.')) {
    const name = path.slice(4);
    if (LAST.test(name)) return EFFECT.last;
    if (STATE.test(name)) return EFFECT.state;
    return QUIET.test(name) ? EFFECT.none : EFFECT.mayRaise;
  }
  if (path === 'branch') return EFFECT.last;
  if (path === 'setNZ' || path === 'startIT') return EFFECT.state;
  return path === 'undefined' || path === 'unpredictable' || path === 'raise' ? EFFECT.mayRaise : undefined;
}

/** What may be assigned, from `cpu` on; `loaded` is scratch within one instruction. */
export function effectOfAssignment(path: string): number | undefined {
  if (/^(r|fp\.w)\[\]$/.test(path) || /^(N|Z|C|V|Q|GE|T)$/.test(path)) return EFFECT.state;
  return path === 'loaded[]' ? EFFECT.none : undefined;
}

/** Rules, by name, with what is said when one is broken. */
export const RULES = {
  signature: 'a shared function needs parameters and a result of known kinds',
  return: 'a return under a run-time condition (use ?:)',
  outer: 'an assignment to an outer local under a run-time condition (use ?:)',
  hidden: 'an effect inside ?:, && or || with a run-time condition (use if)',
  loop: 'loops are for loops whose start, end and step are fields',
  register: 'a register number that is known at run time only',
  field: 'field() of what is known at run time only',
  order: 'a load, a store or an exception after state has changed: an abort would not be precise',
  last: 'an effect after the branch or call, which must be last',
  callOut: 'a call that is neither shared pseudocode, nor an intrinsic, nor a call-out',
  name: 'a name that is neither a parameter, nor a local, nor a constant',
  compound: 'a compound assignment to what is known at run time only',
  assignment: 'an assignment to what is neither processor state nor a local',
  operator: 'an operator that words do not have (use an intrinsic)',
  statement: 'a statement outside the subset',
  expression: 'an expression outside the subset',
} as const;
export type Rule = keyof typeof RULES;
