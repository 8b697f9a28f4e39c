/** Reset, and the states in which boot loaders leave a processor. Reference: Arm DDI 0406C, B1.9.1. */
import { NSACR, SCR } from './controls.ts';
import { MODE } from './modes.ts';
import * as S from './scalars.ts';
import { bankWords, SLOT } from './slots.ts';
import type { Cpu } from './state.ts';
import { SYSTEM_REGISTERS } from './sysreg/all.ts';
import { mpidr } from './sysreg/id.ts';

export interface ResetOptions {
  /** Where execution starts; bit 0 selects Thumb. */
  readonly entry: number;
  readonly mode: 'svc' | 'hyp';
  /** Secure state, where the processor has it. Otherwise Secure software is taken to have opened VFP and HVC to Non-secure software. */
  readonly secure: boolean;
}

export function resetCpu(cpu: Cpu, { entry, mode, secure }: ResetOptions): void {
  cpu.words.fill(0);
  cpu.banked.fill(0);
  cpu.s.fill(0);
  cpu.fp.reset();
  resetSystemRegisters(cpu);
  if (cpu.model.security && !secure) {
    cpu.system[SLOT.SCR] = SCR.NS | SCR.HCE;
    cpu.system[SLOT.NSACR] = NSACR.cp10 | NSACR.cp11;
  }
  const { s } = cpu;
  s[S.M] = MODE[mode];
  s[S.A] = 1;
  s[S.I] = 1;
  s[S.F] = 1;
  s[S.T] = entry & 1;
  s[S.NEXT] = entry & ~1;
  s[S.ATTENTION] = 1;
  cpu.initiator = { core: cpu.index, secure: cpu.model.security && secure };
  cpu.sys.monitors.change(() => {});
  cpu.sys.debug.update();
  cpu.sys.regimeChanged();
}

/** Both copies of every register. The timer is a device and resets itself. */
function resetSystemRegisters(cpu: Cpu): void {
  cpu.system.fill(0);
  for (const { slot, reset, index = 0 } of SYSTEM_REGISTERS) {
    if (slot === undefined || reset === undefined) continue;
    const value = typeof reset === 'number' ? reset : reset(cpu.model);
    cpu.system[SLOT[slot] + index] = value;
    if (bankWords(slot) === 1) cpu.system[SLOT[slot] + 1] = value;
  }
  cpu.system[SLOT.VMPIDR] = mpidr(cpu);
}
