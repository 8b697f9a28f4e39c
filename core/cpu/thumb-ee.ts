/**
 * ThumbEE state: the Thumb instruction set with some 16-bit instructions of its own, and a null check before every load and store. Code in this
 * state is decoded each time, as nobody writes any more: it never enters the tables that the engines execute from. Reference: Arm DDI 0406C, A9.
 *
 * UNPREDICTABLE: a branch to A32 code leaves the state; BXJ and SETEND, which must not be used, are UNDEFINED, as is BLX to A32 code.
 */
import { Decoder, Op } from './decode.ts';
import type { Execute } from './insn.ts';
import * as special from './isa/thumb-ee.ts';
import * as S from './scalars.ts';
import { SLOT } from './slots.ts';
import type { Cpu } from './state.ts';

const SPECIAL = new Decoder({ ...special });

/** Halfwords 1100xxxx, where Thumb has LDM and STM. */
const isReplaced = (halfword: number): boolean => halfword >>> 12 === 0xc;

const FORBIDDEN = /^(BXJ|SETEND|BLX_imm)$/;
/** Wide loads and stores, by what the manual has NullCheckIfThumbEE in; all have their base in bits 19 to 16. Preloads check nothing. */
const CHECKED = /^(LDR|STR|LDM|STM|LDC|STC|TB[BH]|V?LD[1-4RM]|V?ST[1-4RM]|POP|PUSH)/;

/** Decodes what ThumbEE state executes. */
export function decodeThumbEE(decoder: Decoder, bits: number, narrow: boolean, inIT: boolean): Op {
  const own = narrow ? SPECIAL.decode('T32', bits, true, inIT) : undefined;
  const op = own !== undefined && (own.encoding !== '' || isReplaced(bits)) ? own : decoder.decode('T32', bits, narrow, inIT);
  return checked(op, baseOf(op, bits, narrow));
}

/** The base register of a load or store. */
function baseOf(op: Op, bits: number, narrow: boolean): number | undefined {
  if (!narrow) return CHECKED.test(op.name) ? (bits >>> 16) & 15 : undefined;
  const group = bits >>> 12;
  if (group >= 5 && group <= 8) return (bits >>> 3) & 7;
  return isReplaced(bits) ? op.operands['Rn'] : undefined;
}

function checked(op: Op, base: number | undefined): Op {
  const { definition, encoding, name, operands, bits, unpredictable, size } = op;
  const row = { name, encodingName: encoding, width: (8 * size) as 16 | 32 };
  const execute: Execute = (cpu, values) => {
    if (FORBIDDEN.test(name)) cpu.undefined();
    if (base !== undefined && name !== 'CHKA' && isNull(cpu, base)) return callHandler(cpu);
    definition.execute(cpu, values);
    if (cpu.s[S.T] === 0) cpu.s[S.J] = 0;
  };
  return new Op({ ...row, definition: { ...definition, execute } }, operands, bits, unpredictable);
}

/** SP and PC are not to be null: we choose to let them be. */
const isNull = (cpu: Cpu, base: number): boolean => base !== 13 && base !== 15 && cpu.words[base] === 0;

/** NullCheckIfThumbEE(): the handler 4 bytes below the others, with the instruction's address plus 4 in LR. */
function callHandler(cpu: Cpu): void {
  cpu.words[14] = (cpu.words[15] as number) | 1;
  cpu.s[S.IT] = 0;
  cpu.s[S.NEXT] = ((cpu.system[SLOT.TEEHBR] as number) - 4) | 0;
}
