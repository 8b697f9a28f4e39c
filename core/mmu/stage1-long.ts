/** Stage 1 with Long-descriptor translation tables, for PL1&0 and for Hyp. Reference: DDI 0406C B3.6. The contiguous hint is ignored. */
import { bit, bits } from '../base/bits.ts';
import { mairAttributes } from './attributes.ts';
import { Fault } from './fault.ts';
import { descend, LEVEL_BITS, type Leaf, tableBase, tableBits } from './long-table.ts';
import { apRights, type Rights } from './permissions.ts';
import { type Regime, SCTLR } from './regime.ts';
import type { Stage1Page } from './stage1.ts';
import { readStage1 } from './stage2.ts';
import type { Level, Walk } from './walk.ts';

/** NSTable, APTable, XNTable and PXNTable as `descend` gathers them. */
const TABLE = { pxn: 1, xn: 2, ap0: 4, ap1: 8, ns: 16 } as const;

interface Region {
  readonly ttbr: readonly [number, number];
  readonly inputBits: number;
}

/** Which table maps `va`: TTBCR.T0SZ and T1SZ leave a hole in between; EPD0 and EPD1 switch walks off. */
function region(regime: Regime, va: number): Region | undefined {
  const { ttbcr, ttbr0, ttbr1 } = regime;
  const t0sz = bits(ttbcr, 2, 0);
  const inLow = t0sz === 0 || va >>> (32 - t0sz) === 0;
  const lower = { ttbr: ttbr0, inputBits: 32 - t0sz };
  if (regime.kind === 'Hyp') return inLow ? lower : undefined;
  const t1sz = bits(ttbcr, 18, 16);
  const inHigh = t1sz === 0 ? !inLow : va >>> (32 - t1sz) === 2 ** t1sz - 1;
  if (inHigh) return bit(ttbcr, 23) === 1 ? undefined : { ttbr: ttbr1, inputBits: 32 - t1sz };
  return inLow && bit(ttbcr, 7) === 0 ? lower : undefined;
}

export function walkLong(walk: Walk): Stage1Page | Fault {
  const { regime, va } = walk;
  const where = region(regime, va);
  if (where === undefined) return walk.fault('translation', 1);
  const start: Level = where.inputBits > LEVEL_BITS[1] ? 1 : 2;
  const [low, high] = where.ttbr;
  const base = tableBase(low, high, tableBits(where.inputBits, start));
  const bigEndian = (regime.sctlr & SCTLR.ee) !== 0;
  const found = descend(
    {
      read: (level, at, tables) =>
        readStage1(walk, level, at, { long: true, bigEndian, nonSecure: !regime.secure || (tables & TABLE.ns) !== 0 }),
      fault: (type, level) => walk.fault(type, level),
    },
    base,
    start,
    where.inputBits === 32 ? va : va & ((1 << where.inputBits) - 1),
  );
  return found instanceof Fault ? found : page(regime, found);
}

function page(regime: Regime, leaf: Leaf): Stage1Page {
  const { low } = leaf.step;
  const fromNonSecureTable = (leaf.tables & TABLE.ns) !== 0;
  // A Secure walk that went through a Non-secure table makes non-global entries (B3.9).
  const notGlobal = bit(low, 11) === 1 || (regime.secure && fromNonSecureTable);
  return {
    rights: rights(regime, leaf),
    memory: mairAttributes(regime, low),
    output: leaf.output,
    blockBits: LEVEL_BITS[leaf.level],
    level: leaf.level,
    nonSecure: !regime.secure || bit(low, 5) === 1 || fromNonSecureTable,
    global: regime.kind === 'Hyp' || !notGlobal,
    domain: 0,
  };
}

/** AP[2:1], XN and PXN, restricted by the tables above. Hyp has no unprivileged side, so AP[1] and PXN mean nothing there. */
function rights(regime: Regime, { step, tables }: Leaf): Rights {
  const readOnly = bit(step.low, 7) === 1 || (tables & TABLE.ap1) !== 0;
  const user = bit(step.low, 6) === 1 && (tables & TABLE.ap0) === 0;
  const xn = bit(step.high, 22) === 1 || (tables & TABLE.xn) !== 0;
  const pxn = bit(step.high, 21) === 1 || (tables & TABLE.pxn) !== 0;
  const hyp = regime.kind === 'Hyp';
  return apRights((readOnly ? 4 : 0) | (user && !hyp ? 2 : 0), true, xn, pxn && !hyp);
}
