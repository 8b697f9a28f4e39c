/** A caller's memory, by its own physical addresses and with its own rights: hypercall buffers are copied once, as a whole or not at all. */
import { PAGE } from '../bus/memory.ts';
import type { Caller } from './caller.ts';
import type { PhysicalMemory } from './physical-memory.ts';
import type { Stage2Tables } from './stage2-tables.ts';

/** The most that one call may ask for, so that no call takes long. */
export const LONGEST_COPY = 4096;

/**
 * A private copy of the bytes, or undefined if any of them is not readable memory of the caller. Whatever another processor writes during
 * the call, the caller is judged by this copy alone.
 */
export function copyFromGuest(tables: Stage2Tables, memory: PhysicalMemory, ipa: number, length: number): Uint8Array | undefined {
  const parts = partsOf(tables, ipa, length, false);
  if (parts === undefined) return undefined;
  const copy = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    const bytes = memory.copyOut(part.pa, part.length);
    if (bytes === undefined) return undefined;
    copy.set(bytes, at);
    at += part.length;
  }
  return copy;
}

/** Puts a call's answer where it goes. */
export type Put = (bytes: Uint8Array) => void;

/** Where a call's answer goes: memory that the caller may write itself, all of it, or undefined. */
export function answerAt({ partition, services, answer }: Caller, ipa: number, length: number): Put | undefined {
  if (answer !== undefined) return answer;
  const parts = guestBuffer(partition.tables, ipa, length);
  return parts && ((bytes) => copyToGuest(services.memory, parts, bytes));
}

const guestBuffer = (tables: Stage2Tables, ipa: number, length: number): readonly Part[] | undefined =>
  partsOf(tables, ipa, length, true);

function copyToGuest(memory: PhysicalMemory, parts: readonly Part[], bytes: Uint8Array): void {
  let at = 0;
  for (const { pa, length } of parts) {
    memory.copyIn(pa, bytes.subarray(at, at + length));
    at += length;
  }
}

interface Part {
  readonly pa: number;
  readonly length: number;
}

function partsOf(tables: Stage2Tables, ipa: number, length: number, write: boolean): readonly Part[] | undefined {
  if (length > LONGEST_COPY) return undefined;
  const parts: Part[] = [];
  for (let done = 0; done < length; ) {
    const found = tables.lookup(ipa + done);
    if (found === undefined || !found.memory || !(write ? found.writable : found.readable)) return undefined;
    const count = Math.min(length - done, PAGE - ((ipa + done) % PAGE));
    parts.push({ pa: found.pa, length: count });
    done += count;
  }
  return parts;
}
