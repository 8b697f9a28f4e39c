/**
 * The local monitor of a core: a physical address with a size. The run loop closes it whenever another core gets to run, so a marked location
 * cannot change behind its back. Reference: Arm DDI 0406C, A3.4 (synchronization and semaphores).
 */
import * as S from './scalars.ts';

export type ExclusiveSize = 1 | 2 | 4 | 8;
const WORD = 0x1_0000_0000;

export function openMonitor(s: Int32Array, pa: number, size: ExclusiveSize): void {
  s[S.EXCLUSIVE] = 1;
  s[S.EXCLUSIVE_LOW] = pa | 0;
  s[S.EXCLUSIVE_HIGH] = Math.floor(pa / WORD);
  s[S.EXCLUSIVE_SIZE] = size;
}

/** Whether it was open for this address and size; it is closed now. */
export function passMonitor(s: Int32Array, pa: number, size: ExclusiveSize): boolean {
  const open = s[S.EXCLUSIVE] !== 0;
  s[S.EXCLUSIVE] = 0;
  const same = s[S.EXCLUSIVE_LOW] === (pa | 0) && s[S.EXCLUSIVE_HIGH] === Math.floor(pa / WORD);
  return open && same && s[S.EXCLUSIVE_SIZE] === size;
}
