/** System control and security. Reference: Arm DDI 0406C, B4.1. */
import { CPACR, HCPTR, HCR, NSACR, SCTLR } from '../controls.ts';
import { pendingMask } from '../interrupts.ts';
import { SCTLR_RESET } from '../models.ts';
import { isSecure } from '../modes.ts';
import { SLOT } from '../slots.ts';
import type { Cpu } from '../state.ts';
import { registers } from './register.ts';

const SCTLR_MASK =
  SCTLR.M | SCTLR.A | SCTLR.C | SCTLR.CP15BEN | SCTLR.SW | SCTLR.Z | SCTLR.I | SCTLR.V | SCTLR.WXN | SCTLR.UWXN | SCTLR.EE;
const SCTLR_MASK_HIGH = SCTLR.TRE | SCTLR.AFE | SCTLR.TE;

/** cp10, cp11, D32DIS and ASEDIS. */
const CPACR_MASK = (0xf << 20) | CPACR.D32DIS | CPACR.ASEDIS;

/** Bits of CPACR that Secure software keeps from Non-secure software: there they read as zero and ignore writes. */
function cpacrHidden(cpu: Cpu): number {
  if (!cpu.model.security || isSecure(cpu)) return 0;
  const nsacr = cpu.system[SLOT.NSACR] as number;
  return ((nsacr & NSACR.cp10) === 0 ? 3 << 20 : 0) | ((nsacr & NSACR.cp11) === 0 ? 3 << 22 : 0);
}

export const CONTROL_REGISTERS = registers(
  {
    name: 'SCTLR',
    at: 'p15 0 c1 c0 0',
    rights: 'rw',
    slot: 'SCTLR',
    reset: SCTLR_RESET,
    mask: SCTLR_MASK | SCTLR_MASK_HIGH,
    trap: { hcr: HCR.TVM, on: 'write' },
    regime: true,
  },
  {
    name: 'CPACR',
    at: 'p15 0 c1 c0 2',
    rights: 'rw',
    trap: { hcptr: HCPTR.TCPAC },
    read: ({ cpu }) => (cpu.system[SLOT.CPACR] as number) & ~cpacrHidden(cpu),
    write: ({ cpu }, value) => {
      const mask = CPACR_MASK & ~cpacrHidden(cpu);
      cpu.system[SLOT.CPACR] = ((cpu.system[SLOT.CPACR] as number) & ~mask) | (value & mask);
    },
  },
  {
    name: 'SCR',
    at: 'p15 0 c1 c1 0',
    rights: 'rw',
    level: 'secure',
    needs: 'security',
    slot: 'SCR',
    write: (system, value) => system.setScr(value & 0x3ff),
  },
  { name: 'SDER', at: 'p15 0 c1 c1 1', rights: 'rw', level: 'secure', needs: 'security', slot: 'SDER', mask: 3 },
  {
    name: 'NSACR',
    at: 'p15 0 c1 c1 2',
    rights: 'rw',
    needs: 'security',
    slot: 'NSACR',
    mask: NSACR.cp10 | NSACR.cp11 | NSACR.NSASEDIS | NSACR.NS_SMP,
    // Non-secure software may only read it.
    permit: ({ cpu }, write) => {
      if (write && !isSecure(cpu)) cpu.undefined();
    },
  },
  { name: 'VBAR', at: 'p15 0 c12 c0 0', rights: 'rw', slot: 'VBAR', mask: ~0x1f },
  { name: 'MVBAR', at: 'p15 0 c12 c0 1', rights: 'rw', level: 'secure', needs: 'security', slot: 'MVBAR', mask: ~0x1f },
  { name: 'ISR', at: 'p15 0 c12 c1 0', rights: 'ro', read: ({ cpu }) => pendingMask(cpu) },
);
