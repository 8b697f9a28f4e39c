/** A processor in Non-secure Supervisor mode whose VFP is enabled, and single instructions on it. */
import { CPACR, FPEXC, NSACR } from '../../../../core/cpu/controls.ts';
import { Decoder } from '../../../../core/cpu/decode.ts';
import type { Exception } from '../../../../core/cpu/exception.ts';
import { INSTRUCTIONS } from '../../../../core/cpu/isa/all.ts';
import { SLOT } from '../../../../core/cpu/slots.ts';
import { makeRig, type Rig } from '../rig.ts';

export const decoder = new Decoder(INSTRUCTIONS);

export function makeVfpRig(): Rig {
  const rig = makeRig({ secure: false });
  rig.cpu.system[SLOT.CPACR] = (3 << CPACR.cp10) | (3 << CPACR.cp11);
  rig.cpu.system[SLOT.NSACR] = NSACR.cp10 | NSACR.cp11;
  rig.cpu.system[SLOT.FPEXC] = FPEXC.EN;
  return rig;
}

/** Executes an A32 word; the exception it ends with, if any. */
export function execute({ cpu }: Rig, bits: number): Exception | undefined {
  const op = decoder.decode('A32', bits | 0, false, false);
  try {
    op.execute(cpu, op.operands);
    return undefined;
  } catch (exception) {
    return exception as Exception;
  }
}
