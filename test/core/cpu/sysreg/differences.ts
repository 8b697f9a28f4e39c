/** Encodings that QEMU 7.2 answers in another way than the cores' manuals have it, with the reasons. */
import type { Encoding } from '../../../../core/cpu/sysreg/register.ts';

/** Where the access was made: mode, and whether Secure software made it with SCR.NS = 0. */
export interface Place {
  readonly mode: number;
  readonly secure: boolean;
  readonly write: boolean;
  /** Whether the processor has the Security Extensions. */
  readonly security: boolean;
}

export interface Difference {
  readonly why: string;
  readonly applies: (name: string, e: Encoding, place: Place) => boolean;
}

const is =
  (...names: readonly string[]): Difference['applies'] =>
  (name) =>
    names.includes(name);

export const DIFFERENCES: readonly Difference[] = [
  {
    why: "Hyp mode's registers are for Hyp mode, and Monitor mode with SCR.NS = 1; QEMU gives them to all Secure software",
    applies: (_, e, { secure }) => secure && e.coproc === 15 && (e.opc1 === 4 || e.opc1 === 6),
  },
  {
    why: 'CPACR bits that NSACR hides read as zero: QEMU 7.2 returns the mask',
    applies: (name, _, { secure, security }) => security && !secure && name === 'p15 0 c1 c0 2',
  },
  { why: 'QEMU has registers of ARMv8 for the highest level', applies: is('p15 6 c5 c1 0', 'p15 6 c5 c1 1') },
  {
    why: 'QEMU ignores writes to all of c7, as processors before ARMv7 had operations there',
    applies: (_, e, { write }) => write && e.coproc === 15 && !e.wide && e.opc1 === 0 && e.CRn === 7,
  },
  { why: 'time passes differently', applies: is('p15 0 c14', 'p15 1 c14', 'p15 0 c14 c2 0', 'p15 0 c14 c3 0', 'p15 4 c14 c2 0') },
  { why: "the rig's timer has no frequency", applies: is('p15 0 c14 c0 0') },
  {
    why: 'QEMU has the event counter registers of ARMv8',
    applies: (_, e) => e.coproc === 15 && e.opc1 === 0 && e.CRn === 14 && e.CRm >= 8,
  },
  {
    why: 'QEMU answers all of c15 with zero: a Cortex-A15 has a few registers there',
    applies: (_, e) => e.coproc === 15 && !e.wide && e.CRn === 15,
  },
  { why: 'the same, 64 bits: L2MERRSR and CPUMERRSR', applies: is('p15 0 c15', 'p15 1 c15') },
  { why: 'QEMU keeps DACR wherever CRn is c3, as before ARMv7', applies: (_, e) => e.coproc === 15 && !e.wide && e.CRn === 3 },
  {
    why: 'QEMU ignores TLB lockdown of before ARMv7; the Cortex-A15 has none, and HCR.TIDCP can trap it',
    applies: (_, e) => e.coproc === 15 && !e.wide && e.CRn === 10 && [0, 1, 4, 8].includes(e.CRm),
  },
  { why: 'QEMU keeps the watchpoint fault address of ARMv6', applies: is('p15 0 c6 c0 1') },
  { why: 'PRRR and NMRR: the Cortex-A15 manual gives reset values, QEMU has 0', applies: is('p15 0 c10 c2 0', 'p15 0 c10 c2 1') },
  {
    why: 'HSCTLR, HCPTR, HTCR, VTCR: QEMU leaves out the bits that always read as one',
    applies: is('p15 4 c1 c0 0', 'p15 4 c1 c1 2', 'p15 4 c2 c0 2', 'p15 4 c2 c1 2'),
  },
  { why: 'ACTLR: the Cortex-A7 manual gives a reset value (L1PCTL), QEMU has 0', applies: is('p15 0 c1 c0 1') },
  { why: 'REVIDR: QEMU repeats MIDR', applies: is('p15 0 c0 c0 6') },
  { why: 'PMCEID0, PMCEID1: QEMU 7.2 has them from ARMv8 on only', applies: is('p15 0 c9 c12 6', 'p15 0 c9 c12 7') },
  {
    why: 'QEMU lacks DBGDTRRXext, DBGDTRTXext, the channel, DBGWFAR, DBGBXVRn, DBGPRCR, DBGPRSR, DBGITCTRL, DBGDEVID2, DBGCLAIM*, DBGAUTHSTATUS',
    applies: is(
      ...['p14 0 c0 c0 2', 'p14 0 c0 c3 2', 'p14 0 c0 c5 0', 'p14 0 c0 c6 0', 'p14 0 c1 c4 1', 'p14 0 c1 c5 1', 'p14 0 c1 c4 4'],
      ...['p14 0 c1 c5 4', 'p14 0 c7 c0 4', 'p14 0 c7 c0 7', 'p14 0 c7 c8 6', 'p14 0 c7 c9 6', 'p14 0 c7 c14 6'],
    ),
  },
  {
    why: 'DBGDEVID and DBGDEVID1: QEMU has them, and DBGDEVID2, with opc2 and CRm exchanged',
    applies: is('p14 0 c7 c0 0', 'p14 0 c7 c0 1', 'p14 0 c7 c0 2', 'p14 0 c7 c1 7', 'p14 0 c7 c2 7'),
  },
  { why: 'DBGVCR: QEMU executes nothing', applies: is('p14 0 c0 c7 0') },
  { why: 'QEMU has DBGDCCINT of ARMv8', applies: is('p14 0 c0 c2 0') },
  { why: 'DBGDSCRint is open to User mode; QEMU keeps it for PL1', applies: is('p14 0 c0 c1 0') },
];
