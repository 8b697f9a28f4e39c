/** Coprocessor instructions as words, and names for encodings. */
import type { Encoding } from '../../../../core/cpu/sysreg/register.ts';

/** MRC or MCR with `Rt`, MRRC or MCRR with R0 and R1. */
export function transfer(encoding: Encoding, read: boolean, Rt = 0): number {
  const { coproc, opc1, CRn, CRm, opc2, wide } = encoding;
  const direction = read ? 1 << 20 : 0;
  const word = wide
    ? 0xec410000 | direction | (coproc << 8) | (opc1 << 4) | CRm
    : 0xee000010 | direction | (opc1 << 21) | (CRn << 16) | (Rt << 12) | (coproc << 8) | (opc2 << 5) | CRm;
  return word >>> 0;
}

export const nameOf = ({ coproc, opc1, CRn, CRm, opc2, wide }: Encoding): string =>
  wide ? `p${coproc} ${opc1} c${CRm}` : `p${coproc} ${opc1} c${CRn} c${CRm} ${opc2}`;

/** Every encoding of MRC (or MRRC) for CP14 and CP15. */
export function everyEncoding(): Encoding[] {
  const all: Encoding[] = [];
  for (const coproc of [14, 15]) {
    for (let n = 0; n < 1 << 14; n++)
      all.push({ coproc, opc1: n >>> 11, CRn: (n >>> 7) & 15, CRm: (n >>> 3) & 15, opc2: n & 7, wide: false });
    for (let n = 0; n < 1 << 8; n++) all.push({ coproc, opc1: n >>> 4, CRn: 0, CRm: n & 15, opc2: 0, wide: true });
  }
  return all;
}
