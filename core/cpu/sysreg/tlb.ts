/** TLB maintenance. Reference: Arm DDI 0406C, B4.2.2 and B3.10. */
import type { Scope, Tlb } from '../../mmu/tlb.ts';
import { HCR } from '../controls.ts';
import { isHyp, isSecure } from '../modes.ts';
import { SLOT } from '../slots.ts';
import type { Cpu } from '../state.ts';
import type { System } from '../system.ts';
import { registers, type SystemRegister } from './register.ts';

type Act = (tlb: Tlb, scope: Scope, value: number) => void;

/** Entries of PL1&0 in the current security state, with the current VMID. From Hyp mode, those of the machine that VTTBR names. */
function current(cpu: Cpu): Scope {
  const secure = cpu.model.security && isSecure(cpu) && !isHyp(cpu);
  if (secure || !cpu.model.virtualization) return { kind: 'PL1&0', secure };
  return { kind: 'PL1&0', secure, vmid: ((cpu.system[SLOT.VTTBR + 1] as number) >>> 16) & 0xff };
}

const HYP: Scope = { kind: 'Hyp', secure: false };
const ALL_MACHINES: Scope = { kind: 'PL1&0', secure: false };

/** On this core, or (`IS`) on all of the inner shareable domain. HCR.FB makes the former the latter for a guest. */
function run(system: System, shared: boolean, scope: Scope, act: Act, value: number): void {
  const { cpu, ports } = system;
  const forced = cpu.model.virtualization && !isSecure(cpu) && !isHyp(cpu) && ((cpu.system[SLOT.HCR] as number) & HCR.FB) !== 0;
  const reached = shared || forced ? (ports.shareableTlbs?.() ?? [ports.tlb]) : [ports.tlb];
  for (const tlb of reached) act(tlb, scope, value);
}

const pl1 = (name: string, at: string, shared: boolean, act: Act): SystemRegister => ({
  name,
  at,
  rights: 'wo',
  trap: { hcr: HCR.TTLB },
  write: (system, value) => run(system, shared, current(system.cpu), act, value),
});

const hyp = (name: string, at: string, shared: boolean, scope: Scope, act: Act): SystemRegister => ({
  name,
  at,
  rights: 'wo',
  level: 'PL2',
  needs: 'virtualization',
  write: (system, value) => run(system, shared, scope, act, value),
});

const all: Act = (tlb, scope) => tlb.invalidateAll(scope);
const address: Act = (tlb, scope, value) => tlb.invalidateAddress(scope, (value & ~0xfff) >>> 0, value & 0xff);
const asid: Act = (tlb, scope, value) => tlb.invalidateAsid(scope, value & 0xff);
const everyAsid: Act = (tlb, scope, value) => tlb.invalidateAddressAllAsids(scope, (value & ~0xfff) >>> 0);

export const TLB_REGISTERS = registers(
  pl1('TLBIALLIS', 'p15 0 c8 c3 0', true, all),
  pl1('TLBIMVAIS', 'p15 0 c8 c3 1', true, address),
  pl1('TLBIASIDIS', 'p15 0 c8 c3 2', true, asid),
  pl1('TLBIMVAAIS', 'p15 0 c8 c3 3', true, everyAsid),
  // The TLB is unified: the instruction and data forms reach the same entries.
  ...['I', 'D', ''].flatMap((which, i) => [
    pl1(`${which}TLBIALL`, `p15 0 c8 c${5 + i} 0`, false, all),
    pl1(`${which}TLBIMVA`, `p15 0 c8 c${5 + i} 1`, false, address),
    pl1(`${which}TLBIASID`, `p15 0 c8 c${5 + i} 2`, false, asid),
  ]),
  pl1('TLBIMVAA', 'p15 0 c8 c7 3', false, everyAsid),
  hyp('TLBIALLHIS', 'p15 4 c8 c3 0', true, HYP, all),
  hyp('TLBIMVAHIS', 'p15 4 c8 c3 1', true, HYP, everyAsid),
  hyp('TLBIALLNSNHIS', 'p15 4 c8 c3 4', true, ALL_MACHINES, all),
  hyp('TLBIALLH', 'p15 4 c8 c7 0', false, HYP, all),
  hyp('TLBIMVAH', 'p15 4 c8 c7 1', false, HYP, everyAsid),
  hyp('TLBIALLNSNH', 'p15 4 c8 c7 4', false, ALL_MACHINES, all),
);
