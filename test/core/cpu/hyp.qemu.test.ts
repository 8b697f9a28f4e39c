/** Virtual interrupts, HCR.TGE, VFP access and WFI under random settings, held against QEMU. */
import { expect, it } from 'vitest';
import { HCR } from '../../../core/cpu/controls.ts';
import { MODE } from '../../../core/cpu/modes.ts';
import { have } from '../../support/oracles.ts';
import { type Case, type Outcome, runCases } from './oracle/image.ts';
import { Random } from './oracle/random.ts';

const NOP = 0xe320f000;
const skip = !have('qemu-system-arm', 'arm-none-eabi-gcc');
const comparable = ({ vector, HSR, ELR, SPSR, r0, banked }: Outcome): string =>
  JSON.stringify([vector, HSR.toString(16), ELR.toString(16), SPSR.toString(16), r0.toString(16), banked]);

function differences(
  cases: readonly Case[],
  known: (c: Case, theirs: Outcome, ours: Outcome) => boolean = () => false,
): string[] {
  const { qemu, ours } = runCases(cases);
  return cases.flatMap((c, i) => {
    const [theirs, mine] = [qemu[i] as Outcome, ours[i] as Outcome];
    if (comparable(theirs) === comparable(mine) || known(c, theirs, mine)) return [];
    return [`${c.name}: QEMU ${comparable(theirs)}, ours ${comparable(mine)}`];
  });
}

it.skipIf(skip)('takes virtual interrupts and aborts that HCR makes pending', () => {
  const random = new Random(1);
  // One at a time: in which order several are taken is IMPLEMENTATION DEFINED.
  const pending = [HCR.VA, HCR.VI, HCR.VF];
  const claims = HCR.AMO | HCR.IMO | HCR.FMO;
  const cases = Array.from({ length: 600 }, () => {
    const hcr = random.pick(pending) | (random.word() & claims);
    const cpsr = (random.word() & 0x1c0) | random.pick([MODE.usr, MODE.svc, MODE.sys, MODE.abt, MODE.hyp]);
    return { name: `HCR ${hcr.toString(16)} CPSR ${cpsr.toString(16)}`, instruction: NOP, HCR: hcr, cpsr };
  });
  expect(differences(cases)).toEqual([]);
});

it.skipIf(skip)('routes exceptions of User mode to Hyp mode with HCR.TGE', () => {
  const instructions = [0xef001234, 0xe7f123f4, 0xee101010, 0xe1412374, 0xe5910000];
  const cases = instructions.map((instruction) => ({
    name: (instruction >>> 0).toString(16),
    instruction,
    HCR: HCR.TGE,
    cpsr: 0x1d0,
    r1: 0x40400000,
  }));
  expect(differences(cases)).toEqual([]);
});

it.skipIf(skip)('gives or refuses VFP as CPACR, HCPTR, FPEXC and HCR say', () => {
  const random = new Random(2);
  const [FPSID, FPSCR, MVFR1, MVFR0, FPEXC, FPINST] = [0, 1, 6, 7, 8, 9];
  const vmrs = (reg: number, Rt = 0) => (0xeef00a10 | (reg << 16) | (Rt << 12)) >>> 0;
  const vmsr = (reg: number) => (0xeee00a10 | (reg << 16)) >>> 0;
  const VADD = 0xee300a00;
  const cases = Array.from({ length: 1500 }, (_, i) => {
    const hyp = { name: 'FPEXC', cpsr: 0x1da, instruction: vmsr(FPEXC), r0: random.pick([0, 0x40000000, 0x40000000]) };
    if (i % 3 === 0) return hyp;
    const reg = random.pick([FPSID, FPSCR, MVFR1, MVFR0, FPEXC, FPINST]);
    const instruction = random.pick([vmrs(reg), vmrs(reg), vmsr(FPSID), vmsr(FPSCR), vmrs(FPSCR, 15), VADD]);
    const cpsr = 0x1c0 | random.pick([MODE.usr, MODE.svc, MODE.hyp]);
    const settings = {
      HCR: random.word() & (HCR.TID0 | HCR.TID3),
      HCPTR: random.pick([0, 0, 0xc00]),
      CPACR: random.pick([0, 5, 15]) << 20,
    };
    return {
      name: `${(instruction >>> 0).toString(16)} ${JSON.stringify(settings)} ${cpsr.toString(16)}`,
      cpsr,
      instruction,
      r0: 0,
      ...settings,
    };
  });
  // FPEXC.EN = 0 makes an instruction UNDEFINED before HCPTR is asked, as the manual's pseudocode has it; QEMU asks HCPTR first.
  const EC_COPROCESSOR = 7;
  const order = (c: Case, theirs: Outcome) => c.HCPTR !== 0 && theirs.HSR >>> 26 === EC_COPROCESSOR;
  const isUndefined = ({ vector, HSR }: Outcome) => HSR === 0x4a000101 || (vector === 1 && HSR === 0);
  expect(differences(cases, (c, theirs, ours) => order(c, theirs) && isUndefined(ours))).toEqual([]);
});

it.skipIf(skip)('traps WFI with HCR.TWI', () => {
  // QEMU's WFE never waits, so it is never trapped there.
  const cases = [0x1d3, 0x1d0].map((cpsr) => ({ name: cpsr.toString(16), instruction: 0xe320f003, cpsr, HCR: HCR.TWI }));
  expect(differences(cases)).toEqual([]);
});
