/** What a session knows of its client, and does for it: every command works on this. */
import type { Debugger, StepRequest } from '../../core/machine/debug/debugger.ts';
import type { Space, Thread } from '../../core/machine/debug/threads.ts';

export interface Client {
  readonly debug: Debugger;
  /** The spaces that the client has as processes: at first the machine, since gdb learns of the registers of others only by attaching to them. */
  readonly attached: Set<Space>;
  /** The thread that commands are about. */
  thread: Thread;
  multiprocess: boolean;
  /** Stops may say that a breakpoint was a software or hardware one. */
  readonly reasons: Set<'swbreak' | 'hwbreak'>;
  noAck: boolean;
  /** The answer comes when the machine stops. */
  resume(steps: readonly StepRequest[]): void;
  attach(space: Space): void;
  detach(spaces: readonly Space[]): void;
  kill(): void;
  /** A stop reply: why the machine stands still, or that it has ended. */
  whyStopped(): string;
  /** Text for the user. */
  say(text: string): void;
}

/** Takes what follows its name; returns the answer, or undefined if that comes later or never. '' says that the command is not known. */
export type Command = (client: Client, rest: string) => string | undefined;

/** Numbers of errors; gdb shows them and cares for none. */
export const ERROR = { malformed: 'E01', memory: 'E14', invalid: 'E22' } as const;

/** A hexadecimal number below 2^40, or undefined. */
export const hexNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^[0-9a-f]{1,10}$/i.test(text) ? Number.parseInt(text, 16) : undefined;
