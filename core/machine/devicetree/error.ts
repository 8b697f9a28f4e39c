/** What is wrong with a device tree, where, and what its author can do about it. */

/** A place in a source. Line 0 means that the source has no lines: a DTB, or a tree built by this program. */
export interface Origin {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in bytes. */
  readonly column: number;
}

export interface ErrorDetails {
  /** Path of the node that the fault is in. */
  readonly path?: string | undefined;
  readonly expected?: string | undefined;
  /** What to do, as a full sentence. */
  readonly advice?: string | undefined;
}

export function describeOrigin(origin: Origin): string {
  return origin.line === 0 ? origin.file : `${origin.file}:${origin.line}:${origin.column}`;
}

export class DeviceTreeError extends Error {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly problem: string;
  readonly nodePath: string | undefined;
  readonly expected: string | undefined;
  readonly advice: string | undefined;

  constructor(origin: Origin, problem: string, details: ErrorDetails = {}) {
    const { path, expected, advice } = details;
    const where = path === undefined ? describeOrigin(origin) : `${describeOrigin(origin)}: ${path}`;
    const wanted = expected === undefined ? '' : `; expected ${expected}`;
    super(`${where}: ${problem}${wanted}${advice === undefined ? '' : `. ${advice}`}`);
    this.name = 'DeviceTreeError';
    this.file = origin.file;
    this.line = origin.line;
    this.column = origin.column;
    this.problem = problem;
    this.nodePath = path;
    this.expected = expected;
    this.advice = advice;
  }
}
