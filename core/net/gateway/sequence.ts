/** Places in the sequence space of TCP. Reference: RFC 9293, section 3.4. */

/** How `a` lies to `b`: negative before, positive after. */
export const distance = (a: number, b: number): number => (a - b) | 0;
export const plus = (sequence: number, count: number): number => (sequence + count) >>> 0;
