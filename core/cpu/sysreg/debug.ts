/**
 * CP14: debug registers as software sees them (`../debug.ts` makes breakpoints and watchpoints of them; no external debugger is attached),
 * ThumbEE and Jazelle. Registers that the cores' manuals have in the memory-mapped view alone (DBGECR, DBGDRCR, DBGITR, DBGPCSR) are
 * UNDEFINED here. Reference: Arm DDI 0406C, C11.11, B4.1, A2.9, A2.10; Cortex-A15 TRM DDI 0438, 10.3.
 */
import { HCR, HDCR, HSTR } from '../controls.ts';
import { DSCR, OSLK } from '../debug.ts';
import { isUser } from '../modes.ts';
import { SLOT, type SlotName } from '../slots.ts';
import type { Cpu } from '../state.ts';
import type { System } from '../system.ts';
import { registers, type SystemRegister } from './register.ts';

/** The magic that locks DBGOSLAR. */
const OS_LOCK_KEY = 0xc5acce55 | 0;
/** DBGOSLSR: OS lock implemented without save and restore (OSLM). */
const OSLM = 0b1000;
/** What software may write of DBGDSCR: ExtDCCmode, MDBGen, ITRen, UDCCdis, INTdis, DBGack, MOE; with the OS lock what a debugger has too. */
const DSCR_MASK = 0x0030bc3c;
const DSCR_MASK_LOCKED = DSCR_MASK | DSCR.HDBGen | DSCR.RXfull | DSCR.TXfull;
/** E, PMC, BAS, HMC, SSC, LBN, BT: address masks are for watchpoints alone. */
const BCR_MASK = 0x00ffe1e7;
const WCR_MASK = 0x1f1fffff;
/** DBGPRSR: powered up. */
const PU = 1;

const TDA = { hdcr: HDCR.TDA | HDCR.TDE };
const TDRA = { hdcr: HDCR.TDRA | HDCR.TDA | HDCR.TDE };
const TDOSA = { hdcr: HDCR.TDOSA | HDCR.TDA | HDCR.TDE };

const get = (cpu: Cpu, slot: SlotName): number => cpu.system[SLOT[slot]] as number;

/** Open to User mode unless DBGDSCR.UDCCdis. */
const channel = ({ cpu }: System): void => {
  if (isUser(cpu) && (get(cpu, 'DBGDSCR') & DSCR.UDCCdis) !== 0) cpu.undefined();
};

const debug = (name: string, at: string, more: Partial<SystemRegister> = {}): SystemRegister => ({
  name,
  at,
  rights: 'rw',
  trap: TDA,
  ...more,
});

const stored = (slot: SlotName, at: string, more: Partial<SystemRegister> = {}): SystemRegister =>
  debug(slot, at, { slot, ...more });

/** A register that breakpoints and watchpoints go by. */
const governing = (slot: SlotName, at: string, mask: (cpu: Cpu) => number, index = 0): SystemRegister =>
  stored(slot, at, {
    write: ({ cpu, debug: events }, value) => {
      const place = SLOT[slot] + index;
      const writable = mask(cpu);
      cpu.system[place] = ((cpu.system[place] as number) & ~writable) | (value & writable);
      events.update();
    },
  });

const constant = (name: string, at: string, value: number, more: Partial<SystemRegister> = {}): SystemRegister =>
  debug(name, at, { rights: 'ro', read: () => value, readWide: () => [value, 0], ...more });

/** A family of numbered registers: breakpoints, watchpoints. */
const family = (slot: SlotName, count: number, first: number, at: (n: number) => string, mask = -1): SystemRegister[] =>
  Array.from({ length: count }, (_, i) => ({
    ...governing(slot, at(first + i), () => mask, i),
    name: `${slot}${first + i}`,
    index: i,
  }));

/** Enabled for all, invasive or not: NSE, NSI, NSNE and NSNI with their "implemented" bits; the Secure ones where there is Secure state. */
const authentication = ({ cpu }: System): number => (cpu.model.security ? 0xff : 0x0f);

/** DBGDTRRX, whose content is gone when it has been read. */
export function receive({ cpu }: System): number {
  cpu.system[SLOT.DBGDSCR] = get(cpu, 'DBGDSCR') & ~DSCR.RXfull;
  return get(cpu, 'DBGDTRRX');
}

const DTR = 'p14 0 c0 c5 0';

export const DEBUG_REGISTERS = registers(
  debug('DBGDIDR', 'p14 0 c0 c0 0', {
    rights: 'ro',
    user: 'ro',
    permit: channel,
    read: ({ cpu }) => cpu.model.id.DBGDIDR,
  }),
  debug('DBGDSCRint', 'p14 0 c0 c1 0', {
    rights: 'ro',
    user: 'ro',
    permit: channel,
    read: ({ cpu }) => get(cpu, 'DBGDSCR'),
  }),
  // One word each way, as nobody is at the other end: reads give what was last put into DBGDTRRX, writes are taken at once.
  debug('DBGDTRint', DTR, { user: 'rw', permit: channel, read: receive, write: () => {} }),
  stored('DBGWFAR', 'p14 0 c0 c6 0'),
  stored('DBGVCR', 'p14 0 c0 c7 0'),
  stored('DBGDTRRX', 'p14 0 c0 c0 2', {
    write: ({ cpu }, value) => {
      cpu.system[SLOT.DBGDTRRX] = value;
      cpu.system[SLOT.DBGDSCR] = get(cpu, 'DBGDSCR') | DSCR.RXfull;
    },
  }),
  governing('DBGDSCR', 'p14 0 c0 c2 2', (cpu) => ((get(cpu, 'DBGOSLSR') & OSLK) !== 0 ? DSCR_MASK_LOCKED : DSCR_MASK)),
  stored('DBGDTRTX', 'p14 0 c0 c3 2'),
  ...family('DBGBVR', 6, 0, (n) => `p14 0 c0 c${n} 4`),
  ...family('DBGBCR', 6, 0, (n) => `p14 0 c0 c${n} 5`, BCR_MASK),
  ...family('DBGWVR', 4, 0, (n) => `p14 0 c0 c${n} 6`, ~3),
  ...family('DBGWCR', 4, 0, (n) => `p14 0 c0 c${n} 7`, WCR_MASK),
  ...family('DBGBXVR', 2, 4, (n) => `p14 0 c1 c${n} 1`, 0xff),
  constant('DBGDRAR', 'p14 0 c1 c0 0', 0, { user: 'ro', permit: channel, trap: TDRA }),
  constant('DBGDRAR', 'p14 0 c1', 0, { user: 'ro', permit: channel, trap: TDRA }),
  constant('DBGDSAR', 'p14 0 c2 c0 0', 0, { user: 'ro', permit: channel, trap: TDRA }),
  constant('DBGDSAR', 'p14 0 c2', 0, { user: 'ro', permit: channel, trap: TDRA }),
  debug('DBGOSLAR', 'p14 0 c1 c0 4', {
    rights: 'wo',
    trap: TDOSA,
    write: ({ cpu, debug: events }, value) => {
      cpu.system[SLOT.DBGOSLSR] = OSLM | (value === OS_LOCK_KEY ? OSLK : 0);
      events.update();
    },
  }),
  stored('DBGOSLSR', 'p14 0 c1 c1 4', { rights: 'ro', trap: TDOSA, reset: OSLM | OSLK }),
  { ...governing('DBGOSDLR', 'p14 0 c1 c3 4', () => 1), trap: TDOSA },
  stored('DBGPRCR', 'p14 0 c1 c4 4', { trap: TDOSA, mask: 1 }),
  debug('DBGPRSR', 'p14 0 c1 c5 4', {
    rights: 'ro',
    trap: TDOSA,
    read: ({ cpu }) => PU | ((get(cpu, 'DBGOSLSR') & OSLK) << 4) | (get(cpu, 'DBGOSDLR') << 6),
  }),
  constant('DBGITCTRL', 'p14 0 c7 c0 4', 0),
  debug('DBGCLAIMSET', 'p14 0 c7 c8 6', {
    read: () => 0xff,
    write: ({ cpu }, value) => {
      cpu.system[SLOT.DBGCLAIM] = get(cpu, 'DBGCLAIM') | (value & 0xff);
    },
  }),
  debug('DBGCLAIMCLR', 'p14 0 c7 c9 6', {
    read: ({ cpu }) => get(cpu, 'DBGCLAIM'),
    write: ({ cpu }, value) => {
      cpu.system[SLOT.DBGCLAIM] = get(cpu, 'DBGCLAIM') & ~value;
    },
  }),
  debug('DBGAUTHSTATUS', 'p14 0 c7 c14 6', { rights: 'ro', read: authentication }),
  constant('DBGDEVID2', 'p14 0 c7 c0 7', 0),
  debug('DBGDEVID1', 'p14 0 c7 c1 7', { rights: 'ro', read: ({ cpu }) => cpu.model.id.DBGDEVID1 }),
  debug('DBGDEVID', 'p14 0 c7 c2 7', { rights: 'ro', read: ({ cpu }) => cpu.model.id.DBGDEVID }),
  { name: 'TEECR', at: 'p14 6 c0 c0 0', rights: 'rw', slot: 'TEECR', mask: 1, trap: { hstr: HSTR.TTEE } },
  {
    name: 'TEEHBR',
    at: 'p14 6 c1 c0 0',
    rights: 'rw',
    user: 'rw',
    slot: 'TEEHBR',
    mask: ~3,
    trap: { hstr: HSTR.TTEE },
    permit: ({ cpu }) => {
      if (isUser(cpu) && (get(cpu, 'TEECR') & 1) !== 0) cpu.undefined();
    },
  },
  { name: 'JIDR', at: 'p14 7 c0 c0 0', rights: 'ro', trap: { hcr: HCR.TID0 }, read: () => 0 },
  { name: 'JOSCR', at: 'p14 7 c1 c0 0', rights: 'rw', trap: { hstr: HSTR.TJDBX }, read: () => 0, write: () => {} },
  { name: 'JMCR', at: 'p14 7 c2 c0 0', rights: 'rw', trap: { hstr: HSTR.TJDBX }, read: () => 0, write: () => {} },
);
