/**
 * System registers of the Versatile Express motherboard (arm,vexpress-sysreg). Reference: Arm DUI 0447 (Motherboard Express µATX).
 * The configuration bus (SYS_CFG*) answers at once: oscillators and voltages, and requests for reset and shutdown, which go to the ports.
 * Switches are off, no memory card is in.
 */
import { bits } from '../base/bits.ts';
import { Rate } from '../base/rate.ts';
import type { State } from '../base/state.ts';
import type { Clock } from '../bus/clock.ts';
import { type Device, type Readable, registerMap, type Writable } from '../bus/registers.ts';

export const VEXPRESS_SYSREG = registerMap({
  SYS_ID: { at: 0x00, access: 'ro' },
  SYS_SW: { at: 0x04, access: 'ro', reset: 0 },
  SYS_LED: { at: 0x08, access: 'rw', mask: 0xff, reset: 0 },
  SYS_100HZ: { at: 0x24, access: 'ro' },
  SYS_FLAGS: { at: 0x30, access: 'rw', reset: 0 },
  SYS_FLAGSCLR: { at: 0x34, access: 'wo' },
  SYS_NVFLAGS: { at: 0x38, access: 'rw', reset: 0 },
  SYS_NVFLAGSCLR: { at: 0x3c, access: 'wo' },
  SYS_MCI: { at: 0x48, access: 'ro', reset: 0 },
  SYS_FLASH: { at: 0x4c, access: 'rw', mask: 0, reset: 0 },
  SYS_CFGSW: { at: 0x58, access: 'ro', reset: 0 },
  SYS_24MHZ: { at: 0x5c, access: 'ro' },
  SYS_MISC: { at: 0x60, access: 'ro', reset: 0 },
  SYS_PROCID0: { at: 0x84, access: 'ro' },
  SYS_PROCID1: { at: 0x88, access: 'ro' },
  SYS_CFGDATA: { at: 0xa0, access: 'rw', reset: 0 },
  SYS_CFGCTRL: { at: 0xa4, access: 'rw', mask: 0xfff3ffff, reset: 0 },
  SYS_CFGSTAT: { at: 0xa8, access: 'rw', mask: 3, reset: 0 },
});

/** What one site (the motherboard or a daughterboard) offers on the configuration bus, by device number. */
export interface ConfigSite {
  /** Oscillators, in hertz. */
  readonly oscillators: readonly number[];
  /** Voltages, in microvolts. */
  readonly voltages: readonly number[];
}

export interface VexpressBoard {
  readonly id: number;
  /** Processor IDs of daughterboard sites 1 and 2. */
  readonly procIds: readonly [number, number];
  /** The motherboard, and the daughterboard of site 1. */
  readonly sites: readonly [ConfigSite, ConfigSite];
}

/** The V2P-CA15 (Arm DUI 0604) on its motherboard. Oscillators 1 to 3 of the daughterboard are reserved. */
export const V2P_CA15: VexpressBoard = {
  id: 0x1190f500,
  procIds: [0x14000237, 0xff000000],
  sites: [
    { oscillators: [50e6, 23.75e6, 24e6, 24e6, 24e6, 24e6], voltages: [3_300_000] },
    { oscillators: [60e6, 0, 0, 0, 40e6, 23.75e6, 50e6, 60e6, 40e6], voltages: [900_000] },
  ],
};

export interface VexpressPorts {
  reset(): void;
  shutdown(): void;
}

/** Functions of the configuration bus (SYS_CFGCTRL[25:20]). */
const OSC = 1;
const VOLT = 2;
const RESET_BOARD = 5;
const MUXFPGA = 7;
const SHUTDOWN = 8;
const REBOOT = 9;
const DVIMODE = 11;

const START = 1 << 31;
const WRITE = 1 << 30;
const COMPLETE = 1;
const ERROR = 2;

const CLEARED = { SYS_LED: 0, SYS_FLAGS: 0, SYS_NVFLAGS: 0, SYS_CFGDATA: 0, SYS_CFGCTRL: 0, SYS_CFGSTAT: 0 };

export class VexpressSysreg implements Device<typeof VEXPRESS_SYSREG> {
  readonly registers = VEXPRESS_SYSREG;
  readonly #ports: VexpressPorts;
  readonly #clock: Clock;
  readonly #board: VexpressBoard;
  readonly #slow = new Rate(100);
  readonly #fast = new Rate(24_000_000);
  #r = { ...CLEARED };
  #oscillators: number[][] = [];

  constructor(ports: VexpressPorts, clock: Clock, board: VexpressBoard = V2P_CA15) {
    this.#ports = ports;
    this.#clock = clock;
    this.#board = board;
    this.reset();
  }

  read(register: Readable<typeof VEXPRESS_SYSREG>): number {
    switch (register) {
      case 'SYS_ID':
        return this.#board.id;
      case 'SYS_100HZ':
        return this.#slow.ticksAt(this.#clock.now()) >>> 0;
      case 'SYS_24MHZ':
        return this.#fast.ticksAt(this.#clock.now()) >>> 0;
      case 'SYS_PROCID0':
        return this.#board.procIds[0];
      case 'SYS_PROCID1':
        return this.#board.procIds[1];
      case 'SYS_SW':
      case 'SYS_MCI':
      case 'SYS_FLASH':
      case 'SYS_CFGSW':
      case 'SYS_MISC':
        return 0;
      default:
        return this.#r[register];
    }
  }

  write(register: Writable<typeof VEXPRESS_SYSREG>, value: number): void {
    switch (register) {
      case 'SYS_FLAGS':
      case 'SYS_NVFLAGS':
        this.#r[register] = (this.#r[register] | value) >>> 0;
        break;
      case 'SYS_FLAGSCLR':
        this.#r.SYS_FLAGS = (this.#r.SYS_FLAGS & ~value) >>> 0;
        break;
      case 'SYS_NVFLAGSCLR':
        this.#r.SYS_NVFLAGS = (this.#r.SYS_NVFLAGS & ~value) >>> 0;
        break;
      case 'SYS_CFGCTRL':
        this.#r.SYS_CFGCTRL = (value & ~START) >>> 0;
        if (value & START) this.#transfer(value);
        break;
      case 'SYS_FLASH':
        break;
      default:
        this.#r[register] = value;
    }
  }

  save(): State {
    return { ...this.#r, oscillators: this.#oscillators.map((site) => [...site]) };
  }

  load(state: State): void {
    const { oscillators, ...registers } = state as typeof CLEARED & { oscillators: number[][] };
    this.#r = registers;
    this.#oscillators = oscillators.map((site) => [...site]);
  }

  reset(): void {
    this.load({ ...CLEARED, oscillators: this.#board.sites.map((site) => site.oscillators) });
  }

  #transfer(control: number): void {
    const fields = {
      controller: bits(control, 29, 26),
      call: bits(control, 25, 20),
      site: bits(control, 17, 16),
      device: bits(control, 11, 0),
    };
    const here = fields.controller === 0 && bits(control, 15, 12) === 0 && fields.site < 2;
    const done = here && (control & WRITE ? this.#set(fields) : this.#get(fields));
    this.#r.SYS_CFGSTAT = done ? COMPLETE : COMPLETE | ERROR;
  }

  #get({ call, site, device }: { call: number; site: number; device: number }): boolean {
    const values = call === OSC ? this.#oscillators[site] : call === VOLT ? this.#board.sites[site]?.voltages : undefined;
    const value = values?.[device];
    if (value !== undefined) this.#r.SYS_CFGDATA = value;
    return value !== undefined;
  }

  #set({ call, site, device }: { call: number; site: number; device: number }): boolean {
    if (call === OSC) {
      const oscillators = this.#oscillators[site] as number[];
      if (device >= oscillators.length) return false;
      oscillators[device] = this.#r.SYS_CFGDATA;
      return true;
    }
    if (site !== 0 || device !== 0) return false;
    if (call === RESET_BOARD || call === REBOOT) this.#ports.reset();
    else if (call === SHUTDOWN) this.#ports.shutdown();
    return call === RESET_BOARD || call === REBOOT || call === SHUTDOWN || call === MUXFPGA || call === DVIMODE;
  }
}
