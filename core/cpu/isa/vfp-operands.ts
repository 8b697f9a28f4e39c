/**
 * How the fields of VFP instructions become operands, and what their execution begins with.
 * Reference: Arm DDI 0406C, A7.3 (register encoding), A7.5 to A7.9, and A8.8, the "encoding-specific operations" of each instruction.
 *
 * `sz` tells double from single precision; `d`, `n` and `m` are the manual's numbers of D or S registers.
 */
import { type Encoding, enc, type Field, type Fields, field, type Operands } from '../insn.ts';
import type { Cpu } from '../state.ts';
import { isPC, type With } from './operands.ts';

/** What `enc` gives; named here because two of them stand in a record. */
type Encoded<O extends Operands> = Encoding & { readonly operandType?: O };

/** An encoding that A32 and T32 share, but for the condition at its top: A1 and T1 of the manual, or A2 and T2. */
export function coprocessor<const P extends string, N extends 1 | 2, O extends Operands = Fields<P>>(
  number: N,
  pattern: P,
  more: {
    when?: (fields: Fields<P>) => boolean;
    unpredictable?: (fields: Fields<P>) => boolean;
    operands?: (fields: Fields<P>) => O;
  } = {},
): Readonly<Record<`A${N}` | `T${N}`, Encoded<O>>> {
  const both = {
    [`A${number}`]: enc<string, O>(`cond:4 ${pattern}`, more),
    [`T${number}`]: enc<string, O>(`1110 ${pattern}`, more),
  };
  return both as Readonly<Record<`A${N}` | `T${N}`, Encoded<O>>>;
}

const double = (top: Field, low: Field): Field => field((top << 4) | low);
const single = (low: Field, top: Field): Field => field((top << 1) | low);
/** The register that a bit and four bits name: `D:Vd` as a double, `Vd:D` as a single. */
export const register = (sz: number, bit: Field, four: Field): Field => (sz ? double(bit, four) : single(bit, four));

type Destination = With<'D' | 'Vd'>;
type Source = With<'M' | 'Vm'>;
type First = With<'N' | 'Vn'>;

export const three = {
  operands: ({ sz, D, Vd, N, Vn, M, Vm }: With<'sz'> & Destination & First & Source) => ({
    sz,
    d: register(sz, D, Vd),
    n: register(sz, N, Vn),
    m: register(sz, M, Vm),
  }),
};

export const two = {
  operands: ({ sz, D, Vd, M, Vm }: With<'sz'> & Destination & Source) => ({
    sz,
    d: register(sz, D, Vd),
    m: register(sz, M, Vm),
  }),
};

/** The core register must not be the PC. R13 in T32 is UNPREDICTABLE too: we choose to execute it, as ARMv8 defines it so. */
export const noPC = { unpredictable: ({ Rt }: With<'Rt'>) => isPC(Rt) };

/**
 * What a data-processing instruction begins with: CheckVFPEnabled(), and without short vectors in this processor it is UNDEFINED when
 * FPSCR.LEN or STRIDE asks for them. Comparisons and conversions, which never are vectors, do not care: we choose so because QEMU does.
 */
export function checkScalar(cpu: Cpu): void {
  cpu.sys.checkVfpEnabled();
  if (cpu.fp.shortVectors) cpu.undefined();
}
