/** A fault as sentences for people: what was tried, who refused, and the descriptors that say so. */
import { hex } from '../base/bits.ts';
import type { Fault, WalkStep } from './fault.ts';
import type { Regime } from './regime.ts';

const wide = (address: number): string => hex(address, address > 0xffffffff ? 10 : 8);

/** The verdict first, then one line for each descriptor read. `execute` tells an instruction fetch from a read. */
export function explainFault(fault: Fault, regime: Regime, execute = false): string[] {
  const verb = fault.write ? 'write to' : execute ? 'instruction fetch from' : 'read of';
  return [`${verb} VA ${hex(fault.va)}: ${verdict(fault)}`, ...tables(fault, regime), ...fault.walk.map(describeStep)];
}

/** The same on one line, as the `why` of a report. */
export const explainInLine = (fault: Fault, regime: Regime, execute = false): string =>
  explainFault(fault, regime, execute).join('; ');

function verdict(fault: Fault): string {
  const level = fault.level === 0 ? '' : ` at level ${fault.level}`;
  const walk = fault.onWalk ? ', met by the stage 1 walk itself' : '';
  const ipa = fault.stage === 2 ? ` for IPA ${wide(fault.ipa)}${walk}` : '';
  const domain = fault.type === 'domain' ? ` (domain ${fault.domain})` : '';
  return `stage ${fault.stage} ${fault.type} fault${level}${ipa}${domain}`;
}

/** The registers where the tables start, and what to think of a fault that read nothing. */
function tables(fault: Fault, regime: Regime): string[] {
  const stage2 = regime.stage2;
  const lines: string[] = [];
  if (regime.enabled && fault.walk.some((step) => step.stage === 1)) lines.push(stage1Registers(regime));
  if (stage2 !== undefined && fault.stage === 2)
    lines.push(`VTTBR ${wide(stage2.vttbr)}, VMID ${stage2.vmid}, VTCR ${hex(stage2.vtcr)}`);
  if (fault.walk.length === 0)
    lines.push(
      fault.type === 'translation'
        ? 'no descriptor was read: the tables do not reach this address'
        : 'no descriptor was read: the rights come from the TLB',
    );
  return lines;
}

function stage1Registers({ kind, ttbr0, ttbr1, ttbcr }: Regime): string {
  const base = ([low, high]: readonly [number, number]) => wide((high & 0xff) * 0x1_0000_0000 + low);
  return kind === 'Hyp' ? `HTTBR ${base(ttbr0)}` : `TTBR0 ${base(ttbr0)}, TTBR1 ${base(ttbr1)}, TTBCR ${hex(ttbcr)}`;
}

export function describeStep(step: WalkStep): string {
  const value = step.high === 0 ? hex(step.low) : `${hex(step.high)}_${hex(step.low).slice(2)}`;
  const invalid = (step.low & 1) === 0 && (step.low & 2) === 0 ? ' (invalid)' : '';
  return `stage ${step.stage} L${step.level} @${wide(step.at)} = ${value}${invalid}`;
}
