/**
 * CP14: debug registers as storage (no debugger is attached and no debug event but BKPT occurs), ThumbEE and Jazelle as trivial
 * implementations have them. Reference: Arm DDI 0406C, C11.11, B4.1, A2.9, A2.10.
 */
import { HCR, HDCR, HSTR } from '../controls.ts';
import { isUser } from '../modes.ts';
import { SLOT, type SlotName } from '../slots.ts';
import type { System } from '../system.ts';
import { registers, type SystemRegister } from './register.ts';

/** The magic that locks DBGOSLAR. */
const OS_LOCK_KEY = 0xc5acce55 | 0;
/** DBGOSLSR: OS lock implemented without save and restore (OSLM), locked (OSLK). */
const OSLM = 0b1000;
const OSLK = 0b0010;
const UDCCdis = 1 << 12;
const DBGDSCR_MASK = 0x6c30fc3c;
const DTR = { RX: 1 << 30, TX: 1 << 29 } as const;

const TDA = { hdcr: HDCR.TDA | HDCR.TDE };
const TDRA = { hdcr: HDCR.TDRA | HDCR.TDA | HDCR.TDE };
const TDOSA = { hdcr: HDCR.TDOSA | HDCR.TDA | HDCR.TDE };

/** Open to User mode unless DBGDSCR.UDCCdis. */
const channel = ({ cpu }: System): void => {
  if (isUser(cpu) && ((cpu.system[SLOT.DBGDSCR] as number) & UDCCdis) !== 0) cpu.undefined();
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

const constant = (name: string, at: string, value: number, more: Partial<SystemRegister> = {}): SystemRegister =>
  debug(name, at, { rights: 'ro', read: () => value, readWide: () => [value, 0], ...more });

/** A family of numbered registers: breakpoints, watchpoints. */
const family = (slot: SlotName, count: number, first: number, at: (n: number) => string, mask = -1): SystemRegister[] =>
  Array.from({ length: count }, (_, i) => debug(`${slot}${first + i}`, at(first + i), { slot, index: i, mask }));

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
    read: ({ cpu }) => cpu.system[SLOT.DBGDSCR] as number,
  }),
  // One word each way, as nobody is at the other end: reads give what was last received, writes are lost.
  debug('DBGDTRint', 'p14 0 c0 c5 0', {
    user: 'rw',
    permit: channel,
    read: ({ cpu }) => cpu.system[SLOT.DBGDTRRX] as number,
    write: () => {},
  }),
  stored('DBGWFAR', 'p14 0 c0 c6 0'),
  stored('DBGVCR', 'p14 0 c0 c7 0'),
  stored('DBGDTRRX', 'p14 0 c0 c0 2'),
  stored('DBGDSCR', 'p14 0 c0 c2 2', { mask: DBGDSCR_MASK & ~(DTR.RX | DTR.TX) }),
  stored('DBGDTRTX', 'p14 0 c0 c3 2'),
  debug('DBGDRCR', 'p14 0 c0 c4 2', { rights: 'wo', write: () => {} }),
  ...family('DBGBVR', 6, 0, (n) => `p14 0 c0 c${n} 4`),
  ...family('DBGBCR', 6, 0, (n) => `p14 0 c0 c${n} 5`),
  ...family('DBGWVR', 4, 0, (n) => `p14 0 c0 c${n} 6`, ~3),
  ...family('DBGWCR', 4, 0, (n) => `p14 0 c0 c${n} 7`),
  ...family('DBGBXVR', 2, 4, (n) => `p14 0 c1 c${n} 1`, 0xff),
  constant('DBGDRAR', 'p14 0 c1 c0 0', 0, { user: 'ro', permit: channel, trap: TDRA }),
  constant('DBGDRAR', 'p14 0 c1', 0, { user: 'ro', permit: channel, trap: TDRA }),
  constant('DBGDSAR', 'p14 0 c2 c0 0', 0, { user: 'ro', permit: channel, trap: TDRA }),
  constant('DBGDSAR', 'p14 0 c2', 0, { user: 'ro', permit: channel, trap: TDRA }),
  debug('DBGOSLAR', 'p14 0 c1 c0 4', {
    rights: 'wo',
    trap: TDOSA,
    write: ({ cpu }, value) => {
      cpu.system[SLOT.DBGOSLSR] = OSLM | (value === OS_LOCK_KEY ? OSLK : 0);
    },
  }),
  stored('DBGOSLSR', 'p14 0 c1 c1 4', { rights: 'ro', trap: TDOSA, reset: OSLM | OSLK }),
  stored('DBGOSDLR', 'p14 0 c1 c3 4', { trap: TDOSA, mask: 1 }),
  stored('DBGPRCR', 'p14 0 c1 c4 4', { trap: TDOSA, mask: 1 }),
  constant('DBGPRSR', 'p14 0 c1 c5 4', 1, { trap: TDOSA }),
  constant('DBGITCTRL', 'p14 0 c7 c0 4', 0),
  debug('DBGCLAIMSET', 'p14 0 c7 c8 6', {
    read: () => 0xff,
    write: ({ cpu }, value) => {
      cpu.system[SLOT.DBGCLAIM] = (cpu.system[SLOT.DBGCLAIM] as number) | (value & 0xff);
    },
  }),
  debug('DBGCLAIMCLR', 'p14 0 c7 c9 6', {
    read: ({ cpu }) => cpu.system[SLOT.DBGCLAIM] as number,
    write: ({ cpu }, value) => {
      cpu.system[SLOT.DBGCLAIM] = (cpu.system[SLOT.DBGCLAIM] as number) & ~value;
    },
  }),
  // Invasive and non-invasive debug implemented and disabled.
  constant('DBGAUTHSTATUS', 'p14 0 c7 c14 6', 0xaa),
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
      if (isUser(cpu) && ((cpu.system[SLOT.TEECR] as number) & 1) !== 0) cpu.undefined();
    },
  },
  { name: 'JIDR', at: 'p14 7 c0 c0 0', rights: 'ro', trap: { hcr: HCR.TID0 }, read: () => 0 },
  { name: 'JOSCR', at: 'p14 7 c1 c0 0', rights: 'rw', trap: { hstr: HSTR.TJDBX }, read: () => 0, write: () => {} },
  { name: 'JMCR', at: 'p14 7 c2 c0 0', rights: 'rw', trap: { hstr: HSTR.TJDBX }, read: () => 0, write: () => {} },
);
