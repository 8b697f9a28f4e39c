/**
 * The management page: hypercalls for who cannot execute HVC, as a program of Linux at PL0. A call is made by stores, and its registers and what it
 * wrote are read back. What the caller may do is what it may by HVC: the page gives no right. `docs/management.md` has the layout.
 */
import type { State } from '../base/state.ts';
import type { Caller } from './caller.ts';
import { ERROR, type Hypercall } from './hypercall.ts';
import { PARTITION_INFO } from './hypercalls.ts';
import { INSPECT_BYTES, STATUS_BYTES } from './inspection.ts';
import { MANAGEMENT_CALLS } from './management-calls.ts';

/** Words. Writing R0, which is the number of the call, makes it. */
export const PAGE_AT = { ID: 0x000, R0: 0x010, R1: 0x014, R2: 0x018, R3: 0x01c, BUFFER: 0x100 } as const;
export const PAGE_BYTES = 0x1000;
/** "PMG1" */
export const PAGE_ID = 0x3147_4d50;

const BUFFER_BYTES = Math.max(STATUS_BYTES, INSPECT_BYTES);
const CALLS: ReadonlyMap<number, Hypercall> = new Map([PARTITION_INFO, ...MANAGEMENT_CALLS].map((call) => [call.id, call]));

export class ManagementPage {
  readonly #registers = new Int32Array(4);
  /** What the last call that writes something wrote. */
  readonly #buffer = new Uint8Array(BUFFER_BYTES);

  /** Whole words only; everything else reads as zero. */
  read(offset: number, width: number): number {
    if (width !== 4 || offset % 4 !== 0) return 0;
    if (offset === PAGE_AT.ID) return PAGE_ID;
    const at = offset - PAGE_AT.BUFFER;
    if (at >= 0 && at < BUFFER_BYTES) return new DataView(this.#buffer.buffer).getUint32(at, true);
    return (this.#registers[(offset - PAGE_AT.R0) / 4] ?? 0) >>> 0;
  }

  write(caller: Caller, offset: number, width: number, value: number): void {
    const index = (offset - PAGE_AT.R0) / 4;
    if (width !== 4 || !(index in this.#registers)) return;
    this.#registers[index] = value;
    if (offset === PAGE_AT.R0) this.#call(caller, value >>> 0);
  }

  save(): State {
    return { registers: this.#registers.slice(), buffer: this.#buffer.slice() };
  }

  load(state: State): void {
    this.#registers.set(state['registers'] as Int32Array);
    this.#buffer.set(state['buffer'] as Uint8Array);
  }

  reset(): void {
    this.#registers.fill(0);
    this.#buffer.fill(0);
  }

  #call(caller: Caller, id: number): void {
    const [, ...args] = this.#registers;
    const answer = (bytes: Uint8Array): void => this.#buffer.set(bytes);
    const results = CALLS.get(id)?.call({ ...caller, answer }, args as [number, number, number]) ?? [ERROR.NOT_SUPPORTED];
    this.#registers.set(results);
  }
}
