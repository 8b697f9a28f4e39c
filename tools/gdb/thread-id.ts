/** Thread ids of the protocol: `pPROCESS.THREAD` in hexadecimal with multiprocess extensions, else one number. -1 is all, 0 any. */
import type { Space, Thread } from '../../core/machine/debug/threads.ts';

/** Undefined stands for all or any. */
export interface ThreadPattern {
  readonly process: number | undefined;
  readonly thread: number | undefined;
}

/** Without multiprocess extensions a thread's number says its process, too. */
const BITS = 8;

export const threadId = ({ space, id }: Thread, multiprocess: boolean): string =>
  multiprocess ? `p${space.id.toString(16)}.${id.toString(16)}` : ((space.id << BITS) | id).toString(16);

export function parseThreadId(text: string): ThreadPattern | undefined {
  const [, process, thread, alone] = /^(?:p(-1|[0-9a-f]{1,8})(?:\.(-1|[0-9a-f]{1,8}))?|(-1|[0-9a-f]{1,8}))$/i.exec(text) ?? [];
  const number = (digits: string | undefined) => {
    const value = digits === undefined || digits === '-1' ? 0 : Number.parseInt(digits, 16);
    return value === 0 ? undefined : value;
  };
  if (process !== undefined) return { process: number(process), thread: number(thread) };
  const value = number(alone);
  if (alone === undefined) return undefined;
  return value === undefined
    ? { process: undefined, thread: undefined }
    : { process: value >>> BITS, thread: value & ((1 << BITS) - 1) };
}

export const matches = ({ space, id }: Thread, { process, thread }: ThreadPattern): boolean =>
  (process === undefined || process === space.id) && (thread === undefined || thread === id);

export const findThread = (spaces: readonly Space[], pattern: ThreadPattern): Thread | undefined =>
  spaces.flatMap(({ threads }) => threads).find((thread) => matches(thread, pattern));
