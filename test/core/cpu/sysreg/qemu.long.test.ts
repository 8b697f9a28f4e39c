/**
 * Every encoding of CP14 and CP15, read in every mode of both security states, on both processors: value or exception as in QEMU. And
 * written, where we have no register: what ignores writes there is named too.
 */
import { describe, expect, it } from 'vitest';
import { makeModel } from '../../../../core/cpu/models.ts';
import { SYSTEM_REGISTERS } from '../../../../core/cpu/sysreg/all.ts';
import { type Encoding, RegisterFile } from '../../../../core/cpu/sysreg/register.ts';
import { have } from '../../../support/oracles.ts';
import { everyEncoding, nameOf, transfer } from '../oracle/encode.ts';
import { DIFFERENCES } from './differences.ts';
import { PLACES, runReadings } from './readers.ts';

describe.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc')).each(['cortex-a15', 'cortex-a7'] as const)('%s', (name) => {
  const file = new RegisterFile(SYSTEM_REGISTERS, makeModel(name, { security: true, virtualization: true }));
  const has = ({ wide, coproc, opc1, CRn, CRm, opc2 }: Encoding): boolean =>
    (wide ? file.findWide(coproc, opc1, CRm) : file.find(coproc, opc1, CRn, CRm, opc2)) !== undefined;

  it.each(PLACES)('reads the same from every encoding as QEMU in %s mode', (_place, cpsr, SCR) => {
    const encodings = everyEncoding();
    expect(unexplained(encodings, true, cpsr, SCR)).toEqual([]);
  });

  it.each(PLACES)('has no register to write where QEMU has one, in %s mode', (_place, cpsr, SCR) => {
    const encodings = everyEncoding().filter((encoding) => !has(encoding));
    expect(unexplained(encodings, false, cpsr, SCR)).toEqual([]);
  });

  function unexplained(encodings: readonly Encoding[], read: boolean, cpsr: number, SCR: number): string[] {
    const readings = encodings.map((encoding) => ({ cpsr, SCR, instruction: transfer(encoding, read) }));
    const { qemu, ours } = runReadings(name, readings);
    const place = { mode: cpsr & 31, secure: (SCR & 1) === 0, write: !read, security: true };
    return encodings.flatMap((encoding, i) => {
      const explained = DIFFERENCES.some(({ applies }) => applies(nameOf(encoding), encoding, place));
      return qemu[i] === ours[i] || explained ? [] : [`${nameOf(encoding)}: QEMU ${qemu[i]}, ours ${ours[i]}`];
    });
  }
});
