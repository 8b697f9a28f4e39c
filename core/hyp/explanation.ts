/** Why stage 2 refused an access, in sentences for people: the region, the rights, and the descriptors that say so. */
import { hex } from '../base/bits.ts';
import { Regimes } from '../cpu/regime.ts';
import { explainInLine } from '../mmu/explain.ts';
import { Fault } from '../mmu/fault.ts';
import { Mmu } from '../mmu/mmu.ts';
import type { AccessKind } from '../mmu/regime.ts';
import { Tlb } from '../mmu/tlb.ts';
import type { Caller } from './caller.ts';
import type { PartitionConfig, RegionConfig } from './config.ts';
import { emulatedAt } from './emulated-devices.ts';
import { readModeOfGuest } from './machine-registers.ts';

export interface Refused {
  readonly va: number;
  readonly ipa: number;
  readonly kind: AccessKind;
  /** Stage 1's own walk met it. */
  readonly onWalk: boolean;
}

export interface Explanation {
  why(): string;
  /** Level of the stage-1 table whose descriptor could not be read: one more than were read. */
  level(): number;
}

const VERB = { read: 'read of', write: 'write to', execute: 'instruction fetch from' } as const;
const USER = 0x10;
const EAE_LEVEL_2_ONLY = 3;

/** The tables are walked again, when someone asks. The caller's registers must still be the guest's. */
export function explainAccess(caller: Caller, refused: Refused): Explanation {
  return { why: () => `${sentence(caller, refused)} ${descriptors(caller, refused)}`, level: () => stage1Level(caller, refused) };
}

function walkAgain({ cpu, services }: Caller, { va, kind }: Refused) {
  const regime = new Regimes(cpu).pl1(false);
  const mmu = new Mmu(services.map, new Tlb(), cpu.initiator);
  return { regime, ...mmu.explain(regime, va, kind, readModeOfGuest(cpu) !== USER) };
}

/** 32-bit descriptors start at level 1; long ones at level 1 or, for a small table, 2. */
function stage1Level(caller: Caller, refused: Refused): number {
  const { walk } = walkAgain(caller, refused);
  const read = walk.filter(({ stage }) => stage === 1);
  const last = read.at(-1);
  return Math.min(last === undefined ? 1 : last.level + 1, EAE_LEVEL_2_ONLY);
}

function descriptors(caller: Caller, refused: Refused): string {
  const { regime, result } = walkAgain(caller, refused);
  if (!(result instanceof Fault)) return '(the tables would allow it now: the rights came from the TLB)';
  return `[${explainInLine(result, regime, refused.kind === 'execute')}]`;
}

function sentence({ partition }: Caller, { ipa, kind, onWalk }: Refused): string {
  const at = `guest physical address ${hex(ipa)}`;
  const walk = onWalk ? 'the stage 1 table walk: ' : '';
  const region = partition.regionAt(ipa);
  if (region !== undefined) return `${walk}${VERB[kind]} ${rights(region, kind)} '${region.name}' at ${at}.`;
  const device = deviceName(partition.config, ipa);
  if (device !== undefined) return `${walk}${VERB[kind]} the ${device} at ${at}.`;
  return `${walk}${VERB[kind]} ${at}, where the partition has nothing.${nearest(partition.config.regions, ipa)}`;
}

const KIND = { ram: 'RAM', device: 'device', channel: 'channel' } as const;

function rights(region: RegionConfig, kind: AccessKind): string {
  if (kind === 'write' && !region.writable) return `read-only ${KIND[region.kind]}`;
  if (kind === 'execute' && !region.executable) return `execute-never ${KIND[region.kind]}`;
  return KIND[region.kind];
}

/** What is not a region of the description: emulated devices, and the interface that stage 2 maps of its own accord. */
function deviceName(config: PartitionConfig, ipa: number): string | undefined {
  const { cpuInterface } = config.guestGic;
  if (ipa >= cpuInterface && ipa < cpuInterface + 0x1000) return 'virtual GIC CPU interface';
  return emulatedAt(config, ipa)?.name;
}

/** The region below, if the address lies not far behind its end: the usual overrun. */
function nearest(regions: readonly RegionConfig[], ipa: number): string {
  const below = regions.filter((region) => region.ipa + region.size <= ipa).sort((a, b) => b.ipa + b.size - (a.ipa + a.size))[0];
  if (below === undefined) return '';
  const end = below.ipa + below.size;
  return ` ${KIND[below.kind]} '${below.name}' ends at ${hex(end)}, ${ipa - end} bytes before.`;
}
