/** Access rights: what descriptors grant, and what is left after domain, privilege, WXN and SIF. Reference: DDI 0406C B3.7. */
import { bit, bits } from '../base/bits.ts';
import type { FaultType } from './fault.ts';
import { type AccessKind, type Regime, SCTLR } from './regime.ts';
import { RIGHT, type Translation } from './translation.ts';

export const ALL_RIGHTS = RIGHT.read | RIGHT.write | RIGHT.execute;
const NONE = 0;
const READ = RIGHT.read;
const WRITE = RIGHT.read | RIGHT.write;

export interface Rights {
  readonly privileged: number;
  readonly user: number;
}

/** AP[2:0] of short descriptors while SCTLR.AFE is 0. The reserved 0b100 is UNPREDICTABLE: we choose no access. */
const AP = [
  { privileged: NONE, user: NONE },
  { privileged: WRITE, user: NONE },
  { privileged: WRITE, user: READ },
  { privileged: WRITE, user: WRITE },
  { privileged: NONE, user: NONE },
  { privileged: READ, user: NONE },
  { privileged: READ, user: READ },
  { privileged: READ, user: READ },
] as const;

/** AP[2:1], for long descriptors, and for short ones while SCTLR.AFE is 1. */
const SIMPLE_AP = [AP[1], AP[3], AP[5], AP[7]] as const;

export function apRights(ap: number, simple: boolean, xn: boolean, pxn: boolean): Rights {
  const data = (simple ? SIMPLE_AP[ap >>> 1] : AP[ap]) as Rights;
  return { privileged: executable(data.privileged, xn || pxn), user: executable(data.user, xn) };
}

/** Execution needs the right to read. */
const executable = (data: number, xn: boolean): number => ((data & READ) !== 0 && !xn ? data | RIGHT.execute : data);

/** HAP of a stage-2 descriptor: no access, read, write, both. */
export const stage2Rights = (hap: number, xn: boolean): number => executable(hap, xn);

/** Of the domains, 0b10 is reserved and UNPREDICTABLE: we choose no access. */
const DOMAIN = { client: 1, manager: 3 } as const;

const domainAccess = (regime: Regime, domain: number): number =>
  regime.long || !regime.enabled ? DOMAIN.client : bits(regime.dacr, 2 * domain + 1, 2 * domain);

/** What of a page decides about accesses, beside its rights. */
type Owner = Pick<Translation, 'domain' | 'nonSecure'>;

/** SCTLR.WXN and UWXN take execution away from what may be written. They may be cached in a TLB; here they act at once. */
function withoutWritable(regime: Regime, rights: Rights, privileged: boolean): number {
  const granted = privileged ? rights.privileged : rights.user;
  if (!regime.enabled) return granted;
  const wxn = (regime.sctlr & SCTLR.wxn) !== 0 && (granted & RIGHT.write) !== 0;
  const unprivileged = regime.kind === 'PL1&0' && privileged && (rights.user & RIGHT.write) !== 0;
  const uwxn = (regime.sctlr & SCTLR.uwxn) !== 0 && unprivileged;
  return wxn || uwxn ? granted & ~RIGHT.execute : granted;
}

/** Why stage 1 refuses an access, or undefined. SCR.SIF keeps Secure state from executing what is in Non-secure memory. */
export function stage1Refusal(
  regime: Regime,
  rights: Rights,
  page: Owner,
  kind: AccessKind,
  privileged: boolean,
): FaultType | undefined {
  const access = domainAccess(regime, page.domain);
  if (bit(access, 0) === 0) return 'domain';
  const granted = access === DOMAIN.manager ? ALL_RIGHTS : withoutWritable(regime, rights, privileged);
  const foreign = regime.secure && page.nonSecure && regime.secureInstructionFetch;
  const allowed = foreign ? granted & ~RIGHT.execute : granted;
  return (allowed & RIGHT[kind]) === 0 ? 'permission' : undefined;
}
