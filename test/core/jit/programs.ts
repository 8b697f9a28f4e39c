/** Small programs on two processors, one interpreted and one translated, compared after each window of some instructions. */
import * as S from '../../../core/cpu/scalars.ts';
import { type Cpu, WAIT } from '../../../core/cpu/state.ts';
import { assemble } from '../../support/assemble.ts';
import { difference, memoryDifference, RAM, Side, type SideOptions, tlbDifference } from './pair.ts';

/** Where things are: programs from `RAM` on, one in each `ROOM`; data; tables of the MMU; exception vectors. */
const ROOM = 0x1_0000;
export const DATA = RAM + 0x18_0000;
export const TABLE = RAM + 0x1e_0000;
export const VECTORS = RAM + 0x1f_0000;
const SETUP = RAM + 0x1f_1000;

export interface Program {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** Programs by name, assembled together. In each, the registers of `Start` are what they say, and `wfi` ends it. */
export function assembleAll<N extends string>(texts: Readonly<Record<N, string>>): Readonly<Record<N, Program>> {
  const names = Object.keys(texts) as N[];
  const parts = names.map((name) => `.balign ${ROOM}\n.arm\n${texts[name]}\n.arm\nwfi\n.ltorg\n`);
  const all = assemble(`.fpu neon-vfpv4\n.arch_extension virt\n.arch_extension sec\n${parts.join('')}`, RAM);
  return Object.fromEntries(
    names.map((name, i) => [name, { at: RAM + i * ROOM, bytes: all.slice(i * ROOM, (i + 1) * ROOM) }]),
  ) as unknown as Record<N, Program>;
}

const [WFI, RETURN, SKIP] = [0xe320f003, 0xe1b0f00e, 0xe25ef004];
/** Reset, prefetch aborts and Hyp traps end the program; UNDEFINED, SVC, data aborts and interrupts go on after the instruction. */
const HANDLERS = [WFI, RETURN, RETURN, WFI, SKIP, WFI, SKIP, SKIP];
/** Small pages of the mebibyte of `DATA`, in place of its section: all flat, but for one that is not there and one that is read only. */
const PAGES = TABLE + 0x4000;
export const [ABSENT, READ_ONLY] = [DATA + 0x2000, DATA + 0x4000];
const smallPages = (): number[] => {
  const base = RAM + 0x10_0000;
  const pages = Array.from({ length: 256 }, (_, i) => (base + 0x1000 * i) | 0x47e);
  pages[(ABSENT - base) >>> 12] = 0;
  pages[(READ_ONLY - base) >>> 12] = READ_ONLY | 0x67e;
  return pages;
};

/** VBAR, TTBR0, DACR, CPACR and SCTLR from R0 to R4, VFP on by R5. */
const SETUP_CODE = [0xee0c0f10, 0xee021f10, 0xee032f10, 0xee013f50, 0xeee85a10, 0xee014f10, 0xe320f003];
const [FULL_ACCESS, VFP_ON, MMU_OFF] = [0xf0_0000, 1 << 30, 0xc5_1878];

export class Pair {
  readonly interpreted: Side;
  readonly translated: Side;
  readonly sides: readonly Side[];

  constructor(options: SideOptions = {}) {
    this.interpreted = new Side(false, options);
    this.translated = new Side(true, options);
    this.sides = [this.interpreted, this.translated];
    for (const side of this.sides) {
      side.poke(VECTORS, HANDLERS);
      side.poke(SETUP, SETUP_CODE);
      // A flat map of the RAM: read and write for all, Normal memory.
      side.poke(TABLE + (RAM >>> 18), [RAM | 0x11c0e, (RAM + 0x10_0000) | 0x11c0e]);
      for (const i of side.processors.keys()) setUp(side, MMU_OFF, i);
    }
  }

  /** Sets both up anew, with the MMU on. */
  mmu(): this {
    for (const side of this.sides) {
      side.poke(PAGES, smallPages());
      side.poke(TABLE + ((RAM + 0x10_0000) >>> 18), [PAGES | 1]);
      for (const i of side.processors.keys()) setUp(side, MMU_OFF | 1, i);
    }
    return this;
  }

  /** Puts a program into memory and the processor at its beginning. */
  load({ at, bytes }: Program, change: (cpu: Cpu, side: Side) => void = () => {}): void {
    for (const side of this.sides) {
      // What is there already stays, and with it what was translated of it.
      const { arena } = side.map;
      const offset = side.map.page(at, true);
      if (bytes.some((byte, i) => arena.u8[offset + i] !== byte)) arena.copyIn(offset, bytes);
      this.restart(side, at, change);
    }
  }

  /** The processor at an address, with the registers that every program begins with. */
  restart(side: Side, at: number, change: (cpu: Cpu, side: Side) => void = () => {}, core = 0): void {
    const cpu = side.processors[core]?.cpu as Cpu;
    for (let i = 0; i < 15; i++) cpu.words[i] = (i * 0x1111_1111) | 0;
    cpu.words[10] = DATA;
    cpu.words[13] = DATA + 0x8000;
    cpu.s[S.NEXT] = at & ~1;
    cpu.s[S.T] = at & 1;
    cpu.s[S.WAIT] = WAIT.running;
    cpu.s[S.ATTENTION] = 1;
    change(cpu, side);
  }

  get waits(): boolean {
    return this.interpreted.cpu.s[S.WAIT] !== WAIT.running;
  }

  /** Runs both for so many instructions in windows; what differs after one of them, or undefined. */
  run(total: number, window = total): string | undefined {
    for (let done = 0; done < total && !this.waits; done += window) {
      for (const side of this.sides) side.run(Math.min(window, total - done));
      const found = difference(this.interpreted, this.translated);
      if (found !== undefined) return `${found} after ${done} to ${done + window} instructions`;
    }
    return memoryDifference(this.interpreted, this.translated) ?? tlbDifference(this.interpreted, this.translated);
  }

  /** Runs a program several times, in windows of several sizes; what differs first. */
  compare(program: Program, { total = 20_000, windows = WINDOWS, change = () => {} }: CompareOptions = {}): string | undefined {
    for (const window of windows) {
      this.load(program, change);
      const found = this.run(total, window);
      if (found !== undefined) return `${found}, in windows of ${window}`;
    }
    return undefined;
  }
}

export interface CompareOptions {
  readonly total?: number;
  readonly windows?: readonly number[];
  readonly change?: (cpu: Cpu, side: Side) => void;
}

/** The first decode, the next translate. */
const WINDOWS = [20_000, 20_000, 20_000, 1, 2, 7, 64, 20_000];

function setUp(side: Side, control: number, core: number): void {
  const cpu = side.processors[core]?.cpu as Cpu;
  [VECTORS, TABLE, 1, FULL_ACCESS, control, VFP_ON].forEach((value, i) => {
    cpu.words[i] = value;
  });
  cpu.s[S.M] = 0x13;
  cpu.s[S.T] = 0;
  cpu.s[S.IT] = 0;
  cpu.s[S.NEXT] = SETUP;
  cpu.s[S.WAIT] = WAIT.running;
  cpu.s[S.ATTENTION] = 1;
  side.run(100, core);
  if (cpu.s[S.WAIT] !== WAIT.interrupt) throw new Error('the processor was not set up');
}
