/**
 * Cache, branch predictor and barrier operations. There are no caches to see: data is always coherent and stores to code take effect at
 * once, so what remains is that operations by address must translate it. Reference: Arm DDI 0406C, B4.2.1, B4.2.2, B2.2.
 */

import { Fault } from '../../mmu/fault.ts';
import { HCR, SCTLR } from '../controls.ts';
import { isUser } from '../modes.ts';
import type { System } from '../system.ts';
import { sctlr } from '../translation-control.ts';
import { registers, type SystemRegister } from './register.ts';

const operation = (name: string, at: string, hcr: number, write: SystemRegister['write'] = () => {}): SystemRegister => ({
  name,
  at,
  rights: 'wo',
  trap: { hcr },
  write,
});

/** The address must have a translation; rights and domain do not matter. */
function byAddress(system: System, va: number): void {
  const { cpu } = system;
  const found = system.ports.mmu.translate(system.regime(), va >>> 0, 'read', !isUser(cpu));
  if (!(found instanceof Fault) || found.type === 'permission' || found.type === 'domain') return;
  cpu.raise({ kind: 'data abort', fault: found, maintenance: true });
}

/** CP15ISB, CP15DSB and CP15DMB are UNDEFINED without SCTLR.CP15BEN. */
const barrier = (name: string, at: string): SystemRegister => ({
  name,
  at,
  rights: 'wo',
  user: 'wo',
  permit: ({ cpu }) => {
    if ((sctlr(cpu) & SCTLR.CP15BEN) === 0) cpu.undefined();
  },
  write: (system) => system.instructionBarrier(),
});

export const CACHE_REGISTERS = registers(
  // The NOP that was WFI before ARMv7.
  { name: 'NOP', at: 'p15 0 c7 c0 4', rights: 'wo', write: () => {} },
  operation('ICIALLUIS', 'p15 0 c7 c1 0', HCR.TPU),
  operation('BPIALLIS', 'p15 0 c7 c1 6', 0),
  operation('ICIALLU', 'p15 0 c7 c5 0', HCR.TPU),
  operation('ICIMVAU', 'p15 0 c7 c5 1', HCR.TPU, byAddress),
  barrier('CP15ISB', 'p15 0 c7 c5 4'),
  operation('BPIALL', 'p15 0 c7 c5 6', 0),
  operation('BPIMVA', 'p15 0 c7 c5 7', 0),
  operation('DCIMVAC', 'p15 0 c7 c6 1', HCR.TPC, byAddress),
  operation('DCISW', 'p15 0 c7 c6 2', HCR.TSW),
  operation('DCCMVAC', 'p15 0 c7 c10 1', HCR.TPC, byAddress),
  operation('DCCSW', 'p15 0 c7 c10 2', HCR.TSW),
  barrier('CP15DSB', 'p15 0 c7 c10 4'),
  barrier('CP15DMB', 'p15 0 c7 c10 5'),
  operation('DCCMVAU', 'p15 0 c7 c11 1', HCR.TPU, byAddress),
  { name: 'NOP (prefetch)', at: 'p15 0 c7 c13 1', rights: 'wo', write: () => {} },
  operation('DCCIMVAC', 'p15 0 c7 c14 1', HCR.TPC, byAddress),
  operation('DCCISW', 'p15 0 c7 c14 2', HCR.TSW),
);
