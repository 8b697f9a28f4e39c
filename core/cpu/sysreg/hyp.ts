/** Registers of Hyp mode. Reference: Arm DDI 0406C, B4.1 and B3.17. */
import { HDCR, SCTLR } from '../controls.ts';
import { SLOT, type SlotName } from '../slots.ts';
import { registers, type SystemRegister } from './register.ts';

const hyp = (name: SlotName, at: string, more: Partial<SystemRegister> = {}): SystemRegister => ({
  name,
  at,
  rights: 'rw',
  level: 'PL2',
  needs: 'virtualization',
  slot: name,
  ...more,
});

/** HSCTLR: the bits that read as one. */
const HSCTLR_RESET = 0x30c50830;
const HSCTLR_MASK = SCTLR.M | SCTLR.A | SCTLR.C | SCTLR.CP15BEN | SCTLR.I | SCTLR.WXN | SCTLR.FI | SCTLR.EE | SCTLR.TE;

/** All of HCR but the reserved bits. */
const HCR_MASK = 0x0ffff3ff;

const HDCR_MASK = 0xfff;

/** HCPTR: the coprocessors that do not exist are trapped for ever. */
const HCPTR_RESET = 0x000033ff;
const HCPTR_MASK = 0x80108c00 | 0;

export const HYP_REGISTERS = registers(
  hyp('HSCTLR', 'p15 4 c1 c0 0', { reset: HSCTLR_RESET, mask: HSCTLR_MASK, regime: true }),
  hyp('HACTLR', 'p15 4 c1 c0 1'),
  hyp('HCR', 'p15 4 c1 c1 0', {
    mask: HCR_MASK,
    regime: true,
    // Virtual interrupts may be pending now: the write sets ATTENTION with the regime.
  }),
  // HPMN starts with all event counters on the guest's side.
  hyp('HDCR', 'p15 4 c1 c1 1', {
    reset: ({ id }) => (id.PMCR >>> 11) & HDCR.HPMN,
    write: ({ cpu, monitors }, value) =>
      monitors.change(() => {
        cpu.system[SLOT.HDCR] = value & HDCR_MASK;
      }),
  }),
  hyp('HCPTR', 'p15 4 c1 c1 2', { reset: HCPTR_RESET, mask: HCPTR_MASK }),
  hyp('HSTR', 'p15 4 c1 c1 3', { mask: 0x0003bfef }),
  hyp('HACR', 'p15 4 c1 c1 7'),
  hyp('HTCR', 'p15 4 c2 c0 2', { reset: 0x80800000 | 0, mask: 0x00003f07, regime: true }),
  hyp('VTCR', 'p15 4 c2 c1 2', { reset: 0x80000000 | 0, mask: 0x00003fdf, regime: true }),
  hyp('HTTBR', 'p15 4 c2', { regime: true }),
  hyp('VTTBR', 'p15 6 c2', { regime: true }),
  hyp('HADFSR', 'p15 4 c5 c1 0'),
  hyp('HAIFSR', 'p15 4 c5 c1 1'),
  hyp('HSR', 'p15 4 c5 c2 0'),
  // The Secure copies of DFAR and IFAR, by their names in Hyp mode.
  hyp('DFAR', 'p15 4 c6 c0 0', { name: 'HDFAR', index: 1 }),
  hyp('IFAR', 'p15 4 c6 c0 2', { name: 'HIFAR', index: 1 }),
  hyp('HPFAR', 'p15 4 c6 c0 4', { mask: ~0xf }),
  hyp('HMAIR0', 'p15 4 c10 c2 0', { regime: true }),
  hyp('HMAIR1', 'p15 4 c10 c2 1', { regime: true }),
  hyp('HAMAIR0', 'p15 4 c10 c3 0'),
  hyp('HAMAIR1', 'p15 4 c10 c3 1'),
  hyp('HVBAR', 'p15 4 c12 c0 0', { mask: ~0x1f }),
  hyp('HTPIDR', 'p15 4 c13 c0 2'),
);
