/** Stage 2: from intermediate physical to physical addresses. Reference: DDI 0406C B3.6; VTCR and VTTBR in B4.1. */
import { bit, bits, signExtend } from '../base/bits.ts';
import { isDevice } from './attributes.ts';
import { Fault, type WalkStep } from './fault.ts';
import { descend, type Leaf, tableBase, tableBits } from './long-table.ts';
import { stage2Rights } from './permissions.ts';
import type { Stage2 } from './regime.ts';
import { RIGHT } from './translation.ts';
import type { DescriptorForm, Level, Walk } from './walk.ts';

export interface Stage2Page {
  readonly pa: number;
  readonly rights: number;
  readonly level: Level;
  /** MemAttr[3:0] and SH[1:0] of the descriptor. */
  readonly memAttr: number;
  readonly shareability: number;
}

/** Start level and input size as VTCR gives them; undefined where SL0 and T0SZ do not fit together. */
function geometry(vtcr: number): { readonly start: Level; readonly inputBits: number } | undefined {
  const inputBits = 32 - signExtend(bits(vtcr, 3, 0), 4);
  const sl0 = bits(vtcr, 7, 6);
  if (sl0 > 1) return undefined;
  const start: Level = sl0 === 1 ? 1 : 2;
  // At most sixteen tables may stand side by side at the start level, and at least two entries must be in use.
  const entryBits = tableBits(inputBits, start) - 3;
  return entryBits >= 1 && entryBits <= 13 ? { start, inputBits } : undefined;
}

/** Translates `ipa`; rights are left to the caller. A configuration that fits nothing faults at level 1, as does an IPA beyond the range. */
export function walkStage2(walk: Walk, stage2: Stage2, ipa: number, onWalk: boolean): Stage2Page | Fault {
  const where = { stage: 2, onWalk, ipa } as const;
  const form: DescriptorForm = { long: true, bigEndian: stage2.bigEndian === true, nonSecure: true };
  const shape = geometry(stage2.vtcr);
  if (shape === undefined || ipa >= 2 ** shape.inputBits) return walk.fault('translation', 1, where);
  const high = Math.floor(stage2.vttbr / 0x1_0000_0000);
  const base = tableBase(stage2.vttbr, high, tableBits(shape.inputBits, shape.start));
  const found = descend(
    {
      read: (level, at) => walk.read(2, level, at, form) ?? walk.fault('external abort on walk', level, where),
      fault: (type, level) => walk.fault(type, level, where),
    },
    base,
    shape.start,
    ipa,
  );
  return found instanceof Fault ? found : page(found);
}

function page({ step, level, output }: Leaf): Stage2Page {
  const rights = stage2Rights(bits(step.low, 7, 6), bit(step.high, 22) === 1);
  return { pa: output, rights, level, memAttr: bits(step.low, 5, 2), shareability: bits(step.low, 9, 8) };
}

/**
 * Reads a stage-1 descriptor, through stage 2 where there is one: its tables live in intermediate physical memory.
 * `domain` is what a short first-level descriptor said already; an external abort reports it.
 */
export function readStage1(walk: Walk, level: Level, ipa: number, form: DescriptorForm, domain = 0): WalkStep | Fault {
  const { stage2 } = walk.regime;
  if (stage2 === undefined) return walk.read(1, level, ipa, form) ?? walk.fault('external abort on walk', level, { domain });
  const second = walkStage2(walk, stage2, ipa, true);
  if (second instanceof Fault) return second;
  const forbidden = stage2.protectedWalk && isDevice(second.memAttr);
  if (forbidden || (second.rights & RIGHT.read) === 0) {
    return walk.fault('permission', second.level, { stage: 2, onWalk: true, ipa });
  }
  return walk.read(1, level, second.pa, form) ?? walk.fault('external abort on walk', level, { domain });
}
