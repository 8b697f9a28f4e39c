/** The address translation operations, which leave their result in PAR. Reference: Arm DDI 0406C, B4.2.4, B3.14. */
import { Fault } from '../../mmu/fault.ts';
import { par } from '../../mmu/par.ts';
import type { AccessKind, Regime } from '../../mmu/regime.ts';
import type { Translation } from '../../mmu/translation.ts';
import { HCR, TTBCR } from '../controls.ts';
import { isHyp, isSecure } from '../modes.ts';
import { SLOT } from '../slots.ts';
import type { System } from '../system.ts';
import { activeBank } from '../translation-control.ts';
import { registers, type SystemRegister } from './register.ts';

/**
 * Stores PAR, unless the walk itself failed in a way that is an exception of its own. The copy is that of the current security state, which in
 * Monitor mode is Secure whatever SCR.NS.
 */
function finish(system: System, result: Translation | Fault, long: boolean): void {
  const { cpu } = system;
  if (result instanceof Fault && isException(system, result)) cpu.raise({ kind: 'data abort', fault: result, maintenance: true });
  const [low, high] = par(result, long);
  const slot = SLOT.PAR + 2 * activeBank(cpu);
  cpu.system[slot] = low;
  // A 32-bit result leaves the high word alone (it is UNKNOWN).
  if (long) cpu.system[slot + 1] = high;
}

/** External aborts on a walk, and stage-2 faults that a guest's stage-1 operation meets, which are Hyp mode's business. */
const isException = ({ cpu }: System, fault: Fault): boolean =>
  fault.type === 'external abort on walk' || (fault.stage === 2 && !isHyp(cpu) && activeBank(cpu) === 0 && fault.onWalk);

type Operation = NonNullable<SystemRegister['write']>;

const usesLong = (regime: Regime): boolean => (regime.ttbcr & TTBCR.EAE) !== 0;

/** ATS1C: stage 1 in the current security state; in Hyp mode, of the guest. */
function stage1(kind: AccessKind, privileged: boolean): Operation {
  return (system, va) => {
    const regime = system.regimes.pl1(activeBank(system.cpu) === 1);
    const result = system.ports.mmu.probeStage1(regime, va >>> 0, kind, privileged);
    finish(system, result, usesLong(regime) || isHyp(system.cpu));
  };
}

/** ATS12NSO: both stages of Non-secure PL1&0. The 64-bit format is for long descriptors and for stage 2, wherever it is executed. */
function bothStages(kind: AccessKind, privileged: boolean): Operation {
  return (system, va) => {
    const regime = system.regimes.pl1(false);
    const virtual = system.cpu.model.virtualization && ((system.cpu.system[SLOT.HCR] as number) & (HCR.VM | HCR.DC)) !== 0;
    const result = system.ports.mmu.probe(regime, va >>> 0, kind, privileged);
    finish(system, result, usesLong(regime) || virtual);
  };
}

function hyp(kind: AccessKind): Operation {
  return (system, va) => finish(system, system.ports.mmu.probe(system.regimes.hyp(), va >>> 0, kind, true), true);
}

const operation = (name: string, at: string, write: Operation, more: Partial<SystemRegister> = {}): SystemRegister => ({
  name,
  at,
  rights: 'wo',
  write,
  ...more,
});

/** From Secure PL1 and Hyp mode; UNDEFINED in Non-secure PL1. */
const other: Partial<SystemRegister> = {
  permit: ({ cpu }) => {
    if (!isHyp(cpu) && !(cpu.model.security && isSecure(cpu))) cpu.undefined();
  },
};

export const ADDRESS_TRANSLATION_REGISTERS = registers(
  operation('ATS1CPR', 'p15 0 c7 c8 0', stage1('read', true)),
  operation('ATS1CPW', 'p15 0 c7 c8 1', stage1('write', true)),
  operation('ATS1CUR', 'p15 0 c7 c8 2', stage1('read', false)),
  operation('ATS1CUW', 'p15 0 c7 c8 3', stage1('write', false)),
  operation('ATS12NSOPR', 'p15 0 c7 c8 4', bothStages('read', true), other),
  operation('ATS12NSOPW', 'p15 0 c7 c8 5', bothStages('write', true), other),
  operation('ATS12NSOUR', 'p15 0 c7 c8 6', bothStages('read', false), other),
  operation('ATS12NSOUW', 'p15 0 c7 c8 7', bothStages('write', false), other),
  operation('ATS1HR', 'p15 4 c7 c8 0', hyp('read'), { level: 'PL2', needs: 'virtualization' }),
  operation('ATS1HW', 'p15 4 c7 c8 1', hyp('write'), { level: 'PL2', needs: 'virtualization' }),
);
