/** Stage 1 with Short-descriptor translation tables. Reference: DDI 0406C B3.5. */
import { bit, bits } from '../base/bits.ts';
import { shortAttributes } from './attributes.ts';
import { Fault, type WalkStep } from './fault.ts';
import { apRights } from './permissions.ts';
import { SCTLR } from './regime.ts';
import type { Stage1Page } from './stage1.ts';
import { readStage1 } from './stage2.ts';
import type { DescriptorForm, Level, Walk } from './walk.ts';

const form = (walk: Walk): DescriptorForm => ({
  long: false,
  bigEndian: (walk.regime.sctlr & SCTLR.ee) !== 0,
  nonSecure: !walk.regime.secure,
});

/** TTBCR.N divides the address space; PD0 and PD1 switch walks of either half off. */
function firstLevelAddress(walk: Walk): number | undefined {
  const { ttbcr, ttbr0, ttbr1 } = walk.regime;
  const n = bits(ttbcr, 2, 0);
  const low = n === 0 || walk.va >>> (32 - n) === 0;
  if (bit(ttbcr, low ? 4 : 5) === 1) return undefined;
  const alignment = low ? 14 - n : 14;
  const base = ((low ? ttbr0 : ttbr1)[0] & (-1 << alignment)) >>> 0;
  const index = low ? (walk.va << n) >>> (n + 20) : walk.va >>> 20;
  return base + 4 * index;
}

export function walkShort(walk: Walk): Stage1Page | Fault {
  const at = firstLevelAddress(walk);
  if (at === undefined) return walk.fault('translation', 1);
  const first = readStage1(walk, 1, at, form(walk));
  if (first instanceof Fault) return first;
  switch (first.low & 3) {
    case 0:
      return walk.fault('translation', 1);
    case 1:
      return walkSecondLevel(walk, first.low);
    default:
      return bit(first.low, 18) === 1 ? supersection(walk, first) : section(walk, first);
  }
}

/** What a descriptor says, wherever its format keeps it. */
interface Fields {
  readonly level: Level;
  readonly domain: number;
  readonly output: number;
  readonly blockBits: number;
  readonly ap: number;
  readonly tex: number;
  readonly cb: number;
  readonly s: number;
  readonly ng: number;
  readonly ns: number;
  readonly xn: number;
  readonly pxn: number;
}

function finish(walk: Walk, f: Fields): Stage1Page | Fault {
  const { regime } = walk;
  const simple = (regime.sctlr & SCTLR.afe) !== 0;
  if (simple && (f.ap & 1) === 0) return walk.fault('access flag', f.level, { domain: f.domain });
  return {
    rights: apRights(f.ap, simple, f.xn === 1, f.pxn === 1),
    memory: shortAttributes(regime, f.tex, f.cb, f.s),
    output: f.output,
    blockBits: f.blockBits,
    level: f.level,
    nonSecure: !regime.secure || f.ns === 1,
    global: f.ng === 0,
    domain: f.domain,
  };
}

function section(walk: Walk, { low: d }: WalkStep): Stage1Page | Fault {
  const output = ((d & 0xfff00000) | (walk.va & 0xfffff)) >>> 0;
  return finishSection(walk, d, bits(d, 8, 5), output, 20);
}

/** A supersection is 16 MiB in a 40-bit space; its domain is 0. */
function supersection(walk: Walk, { low: d }: WalkStep): Stage1Page | Fault {
  const low = ((d & 0xff000000) | (walk.va & 0xffffff)) >>> 0;
  const output = ((bits(d, 8, 5) << 4) | bits(d, 23, 20)) * 0x1_0000_0000 + low;
  return finishSection(walk, d, 0, output, 24);
}

function finishSection(walk: Walk, d: number, domain: number, output: number, blockBits: number): Stage1Page | Fault {
  return finish(walk, {
    level: 1,
    domain,
    output,
    blockBits,
    ap: (bit(d, 15) << 2) | bits(d, 11, 10),
    tex: bits(d, 14, 12),
    cb: bits(d, 3, 2),
    s: bit(d, 16),
    ng: bit(d, 17),
    ns: bit(d, 19),
    xn: bit(d, 4),
    pxn: bit(d, 0),
  });
}

function walkSecondLevel(walk: Walk, first: number): Stage1Page | Fault {
  const domain = bits(first, 8, 5);
  const at = ((first & 0xfffffc00) >>> 0) + 4 * bits(walk.va, 19, 12);
  const step = readStage1(walk, 2, at, form(walk), domain);
  if (step instanceof Fault) return step;
  const d = step.low;
  if ((d & 3) === 0) return walk.fault('translation', 2, { domain });
  const large = (d & 2) === 0;
  const blockBits = large ? 16 : 12;
  const offset = large ? 0xffff : 0xfff;
  return finish(walk, {
    level: 2,
    domain,
    output: ((d & ~offset) | (walk.va & offset)) >>> 0,
    blockBits,
    ap: (bit(d, 9) << 2) | bits(d, 5, 4),
    tex: large ? bits(d, 14, 12) : bits(d, 8, 6),
    cb: bits(d, 3, 2),
    s: bit(d, 10),
    ng: bit(d, 11),
    ns: bit(first, 3),
    xn: large ? bit(d, 15) : bit(d, 0),
    pxn: bit(first, 2),
  });
}
