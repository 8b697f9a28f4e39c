/**
 * Long pseudo-random sequences of GIC accesses that make sense: they are made while our GIC answers, so that what is acknowledged is
 * also ended. What the architecture leaves UNPREDICTABLE is left out, as is what QEMU does not model (each place says so).
 */
import type { Width } from '../../core/bus/window.ts';
import { GICC, GICD, GICH, GICV, GicBench } from './gic-bench.ts';
import type { CoreAccess, ReplayMachine } from './gic-replay.ts';

/** A PL011: UARTIMSC.TXIM switches its interrupt line once a byte was sent. */
const UARTDR = 0x0900_0000;
const UARTIMSC = 0x0900_0038;
const TXIM = 0x20;

interface Layout {
  readonly interrupts: number;
  /** The SPI of the PL011. */
  readonly uart: number;
  /** Where the machine has what the sequence has at its own address. */
  readonly blocks: readonly (readonly [own: number, machine: number])[];
}

const LAYOUT: Readonly<Record<ReplayMachine, Layout>> = {
  virt: { interrupts: 288, uart: 1, blocks: [] },
  'vexpress-a15': {
    interrupts: 160,
    uart: 5,
    blocks: [
      [0x0900_0000, 0x1c09_0000],
      [GICV, 0x2c00_6000],
      [GICH, 0x2c00_4000],
      [GICC, 0x2c00_2000],
      [GICD, 0x2c00_1000],
    ],
  },
};

/** Reasons for which QEMU reads something else. */
export const RUNNING =
  'QEMU says "a Group 1 interrupt is pending" (1022) even when its priority does not suffice (IHI 0048B §3.2.5: only if it does)';
export const MASKED = 'QEMU applies the priority mask to GICC_HPPIR';
export const SOURCE = 'QEMU leaves out the source processor of an SGI in HPPIR';
export const LOCKABLE = 'QEMU has no lockable SPIs (GICD_TYPER.LSPI); a Cortex-A15 has 31';

export interface Step extends CoreAccess {
  readonly expected: number;
  readonly signals: readonly string[];
  /** QEMU's physical signals follow with the next access only. */
  readonly late?: boolean;
  /** What QEMU may read instead, by the reason. */
  readonly otherwise: Readonly<Record<string, number>>;
}

/** A small generator of pseudo-random numbers (mulberry32). */
export function random(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

export class Sequence {
  readonly steps: Step[] = [];
  readonly bench: GicBench;
  readonly #random: (below: number) => number;
  readonly #cores: number;
  readonly #layout: Layout;
  readonly #securityExtensions: boolean;
  /** The security state that accesses are made in. */
  #secure = true;
  /** What each core acknowledged and has not ended, physical and virtual; ended and not deactivated. */
  readonly #running: number[][];
  readonly #virtual: number[][];
  readonly #dropped: number[][];
  readonly #virtualDropped: number[][];

  constructor(seed: number, machine: ReplayMachine, cores: number) {
    this.#random = random(seed);
    this.#cores = cores;
    this.#layout = LAYOUT[machine];
    this.#securityExtensions = machine === 'vexpress-a15';
    const { interrupts } = this.#layout;
    // QEMU has 8 bits of priority.
    this.bench = new GicBench({ cores, interrupts, securityExtensions: this.#securityExtensions, priorityBits: 8 });
    const stacks = () => Array.from({ length: cores }, (): number[] => []);
    [this.#running, this.#virtual, this.#dropped, this.#virtualDropped] = [stacks(), stacks(), stacks(), stacks()];
  }

  /** Lets everything through, and gives each SPI its core: QEMU keeps the pending state of an SPI by target, so none changes later. */
  start(): void {
    this.write(0, UARTDR, 0x55);
    for (let id = 32; id < 288; id += 4) this.write(0, GICD + 0x800 + id, (1 << ((id >>> 2) % this.#cores)) * 0x0101_0101);
    for (let core = 0; core < this.#cores; core++) {
      for (let n = 0; n < 9; n++) this.write(core, GICD + 0x100 + 4 * n, 0xffff_ffff);
      for (let id = 0; id < 288; id += 4) this.write(core, GICD + 0x400 + id, this.#word());
      this.write(core, GICC + 0x04, 0xff);
      this.write(core, GICC + 0x00, 0x7);
      this.write(core, GICH + 0x08, 0xf84c_0003);
      this.write(core, GICH + 0x00, 1);
    }
    this.write(0, GICD, 3);
  }

  /** Interrupts that some processor has taken, physical and virtual ones. */
  get acknowledged(): number {
    const iars = [GICC, GICV].map((base) => this.#onMachine(base + 0x0c));
    return this.steps.filter(({ address, expected }) => iars.includes(address) && (expected & 0x3ff) < 1020).length;
  }

  run(count: number): void {
    while (this.steps.length < count) {
      const core = this.#random(this.#cores);
      this.#secure = !this.#securityExtensions || this.#random(2) === 0;
      for (let n = this.#random(12) + 1; n > 0; n--) this.#one(core);
    }
  }

  read(core: number, address: number, width: Width = 4): number {
    const otherwise = this.#deviations(core, address);
    const expected = this.bench.read(address, core, this.#secure, width);
    this.#step({ core, secure: this.#secure, address, width, expected, otherwise: otherwise(expected) });
    return expected;
  }

  write(core: number, address: number, value: number, width: Width = 4): void {
    if (address === UARTIMSC) this.bench.gic.spi(this.#layout.uart).set((value & TXIM) !== 0);
    else if (address !== UARTDR) this.bench.write(address, value, core, this.#secure, width);
    this.#step({ core, secure: this.#secure, address, width, write: value >>> 0, expected: 0, otherwise: {} });
  }

  #step(step: Omit<Step, 'signals'>): void {
    this.steps.push({ ...step, address: this.#onMachine(step.address), signals: this.bench.signals(step.core) });
  }

  #onMachine(address: number): number {
    const block = this.#layout.blocks.find(([own]) => address >= own && address < own + 0x2000);
    return block === undefined ? address : address - block[0] + block[1];
  }

  /** Both groups or, of those that the security state can switch, none. */
  #groups(core: number, base: number): number {
    return this.#secure ? this.#pick(0, 3, 3, 3, 3, 3) : this.bench.read(base, core) & 1;
  }

  #word(): number {
    return (this.#random(0x1_0000) * 0x1_0000 + this.#random(0x1_0000)) >>> 0;
  }

  #sparse(): number {
    return (this.#word() & this.#word() & this.#word()) >>> 0;
  }

  #pick<T>(...choices: readonly T[]): T {
    return choices[this.#random(choices.length)] as T;
  }

  /** Mostly the words with interrupts that are used much, sometimes one that does not exist. */
  #wordIndex(): number {
    return this.#pick(0, 0, 0, 1, 1, 1, 2, 8, 9, this.#random(32));
  }

  /** With more cores than one, QEMU sets no PPI pending by a write, and clears that of all cores. */
  #pendingIndex(): number {
    return Math.max(this.#wordIndex(), this.#cores === 1 ? 0 : 1);
  }

  #one(core: number): void {
    const kind = this.#random(100);
    if (kind < 22) this.#make(core);
    else if (kind < 40) this.#handle(core);
    else if (kind < 55) this.#distributor(core);
    else if (kind < 63) this.#interface(core);
    else if (kind < 75) this.#look(core);
    else if (kind < 86) this.#hypervisor(core);
    else this.#guest(core);
  }

  /** Makes interrupts pending, or takes that back. */
  #make(core: number): void {
    const others = (1 << this.#cores) - 1;
    switch (this.#random(8)) {
      case 0:
        return this.#send(core);
      case 1:
        // Never 0, which in QEMU makes an SGI pending that nobody sent; it ends when that is acknowledged.
        return this.write(
          core,
          GICD + 0xf20 + this.#random(16),
          (this.#random(256) & others) | (1 << this.#random(this.#cores)),
          1,
        );
      case 2:
        return this.write(core, GICD + 0xf10 + this.#random(16), this.#random(256), 1);
      case 3:
        return this.write(core, GICD + 0x280 + 4 * this.#pendingIndex(), this.#word());
      case 4:
        return this.write(core, UARTIMSC, this.#pick(0, TXIM));
      default:
        return this.write(core, GICD + 0x200 + 4 * this.#pendingIndex(), this.#sparse());
    }
  }

  /** Never the reserved target filter, which in QEMU means all; and only in the SGI's group, which QEMU does not ask for. */
  #send(core: number): void {
    const id = this.#random(16);
    const group = (this.bench.read(GICD + 0x80, core) >>> id) & 1;
    if (!this.#secure && group === 0) return;
    const attribute = this.#secure ? group << 15 : 0;
    this.write(core, GICD + 0xf00, (this.#random(3) << 24) | (this.#random(256) << 16) | attribute | id);
  }

  /** Acknowledges, ends, deactivates. */
  #handle(core: number): void {
    const running = this.#running[core]!;
    const dropped = this.#dropped[core]!;
    const choice = this.#random(10);
    if (choice < 5) {
      const id = this.read(core, GICC + 0x0c);
      if ((id & 0x3ff) < 1020) running.push(id);
    } else if (choice < 8) {
      const id = running.pop();
      if (id === undefined) return this.write(core, GICC + 0x10, this.#pick(1023, 1022, 300, 5));
      this.write(core, GICC + 0x10, id);
      dropped.push(id);
    } else if (dropped.length > 0) this.write(core, GICC + 0x1000, dropped.splice(this.#random(dropped.length), 1)[0]!);
  }

  #distributor(core: number): void {
    const word = this.#wordIndex();
    switch (this.#random(11)) {
      case 0:
        // Both groups or none: QEMU lets an interrupt of a disabled group hide one of the other group, and acknowledges it.
        return this.write(core, GICD, this.#groups(core, GICD));
      case 1:
        return this.write(core, GICD + 0x80 + 4 * word, this.#word());
      case 2:
      case 3:
        return this.write(core, GICD + 0x100 + 4 * word, this.#word());
      case 4:
        return this.write(core, GICD + 0x180 + 4 * word, this.#sparse());
      case 5:
        // No SPI: QEMU makes it active for all cores, and inactive for one.
        return this.write(core, GICD + 0x300 + 4 * this.#pick(0, 0, 0, 9), this.#sparse() & this.#sparse());
      case 6:
        return this.write(core, GICD + 0x380 + 4 * word, this.#word());
      case 7:
        return this.write(core, GICD + 0x400 + this.#random(1020), this.#random(256), 1);
      case 8:
        return this.write(core, GICD + 0x400 + 4 * this.#random(80), this.#word());
      case 9:
        // The PPIs of a Cortex-A15 are fixed as level-sensitive; in QEMU they are not.
        return this.write(core, GICD + 0xc00 + 4 * this.#pick(0, 2, 3, 4, 5, 17, 18, 40), this.#word());
      default:
        return this.write(core, GICD + 0xe00 + 4 * word, this.#word());
    }
  }

  #interface(core: number): void {
    switch (this.#random(4)) {
      case 0:
        // Both groups or none, as above; no bypass bits, which QEMU lacks.
        return this.write(
          core,
          GICC,
          this.#groups(core, GICC) | (this.#pick(0, 1, 1) << 2) | (this.#random(4) << 3) | (this.#random(2) << 9),
        );
      case 1:
      case 2:
        return this.write(core, GICC + 0x04, this.#pick(0xff, 0xff, 0xf0, 0x80, this.#random(256)));
      default: {
        // QEMU compares a priority, not the group priority, with the running priority: the same only while all have one binary point.
        if (this.bench.read(GICC + 0x14, core) !== 0xff || !this.#secure) return;
        const point = this.#random(7);
        this.write(core, GICC + 0x08, point);
        return this.write(core, GICC + 0x1c, point + 1);
      }
    }
  }

  #look(core: number): void {
    const word = 4 * this.#wordIndex();
    const choice = this.#random(8);
    if (choice === 0) this.read(core, GICD + this.#pick(0, 4, 8, 0xfd0, 0xfe0, 0xfe4, 0xfe8, 0xff0));
    else if (choice === 1) this.read(core, GICD + this.#pick(0x400, 0x800) + this.#random(1020), 1);
    else if (choice === 2) this.read(core, GICD + this.#pick(0x400, 0x800) + 4 * this.#random(255));
    else if (choice === 3) this.read(core, GICD + 0xc00 + 4 * this.#random(64));
    else if (choice === 4) this.read(core, GICD + 0xf10 + 4 * this.#random(8));
    else if (choice < 7) this.read(core, GICD + this.#pick(0x80, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380, 0xe00) + word);
    else
      this.read(
        core,
        GICC + this.#pick(0, 4, 8, 0x14, 0x14, 0x18, 0x18, 0x18, 0x1c, 0xd0, 0xd4, 0xd8, 0xdc, 0xe0, 0xe4, 0xe8, 0xec, 0xfc),
      );
  }

  #hypervisor(core: number): void {
    const choice = this.#random(16);
    if (choice < 5) this.#fill(core);
    else if (choice < 6) this.write(core, GICH, this.#pick(0, 1, 1, 1, 1) | (this.#random(128) << 1) | (this.#random(4) << 27));
    else if (choice < 7) this.#machine(core);
    else this.read(core, GICH + this.#pick(0, 4, 8, 0x10, 0x10, 0x20, 0x24, 0x30, 0x34, 0xf0, 0x100, 0x104, 0x108, 0x10c));
  }

  /** GICH_VMCR; the binary point only while nothing is active, as above. */
  #machine(core: number): void {
    const point = 2 + this.#random(5);
    const idle = this.bench.read(GICH + 0xf0, core) === 0;
    const points = idle ? (point << 21) | ((point + 1) << 18) : this.bench.read(GICH + 8, core) & 0x00fc_0000;
    const control = this.#pick(0, 7, 7, 3, 3) | (this.#random(4) << 3) | (this.#random(2) << 9);
    this.write(core, GICH + 8, (this.#pick(31, 31, 30, 16, this.#random(32)) << 27) | points | control);
  }

  /** A list register gets an interrupt that no other has (IHI 0048B: two valid ones with one ID are UNPREDICTABLE). */
  #fill(core: number): void {
    const index = this.#random(4);
    const taken = [0, 1, 2, 3].filter((i) => i !== index).map((i) => this.bench.read(GICH + 0x100 + 4 * i, core) & 0x3ff);
    const id = this.#pick(this.#random(16), 16 + this.#random(16), 32 + this.#random(8));
    if (taken.includes(id)) return;
    // No SGI: QEMU would take its source from the physical ID.
    const hardware = id >= 16 && this.#random(3) === 0;
    const detail = hardware ? this.#physical(core) << 10 : (this.#random(2) << 19) | (id < 16 ? this.#random(8) << 10 : 0);
    const state = this.#pick(0, 1, 1, 1, 1, 2, 3);
    this.write(
      core,
      GICH + 0x100 + 4 * index,
      ((hardware ? 1 : 0) << 31) | (this.#random(2) << 30) | (state << 28) | (this.#random(32) << 23) | detail | id,
    );
  }

  /** A PPI, or an SPI of the core: QEMU keeps an active state for each core. */
  #physical(core: number): number {
    const id = 16 + this.#random(80);
    return id < 32 || (id >>> 2) % this.#cores === core ? id : 16 + (id & 15);
  }

  #guest(core: number): void {
    const running = this.#virtual[core]!;
    const dropped = this.#virtualDropped[core]!;
    const choice = this.#random(20);
    if (choice < 7) {
      const id = this.read(core, GICV + 0x0c);
      if ((id & 0x3ff) < 1020) running.push(id);
    } else if (choice < 11) {
      const id = running.pop();
      if (id === undefined) return this.write(core, GICV + 0x10, 1023);
      this.#end(core, GICV + 0x10, id);
      dropped.push(id);
    } else if (choice < 13) {
      if (dropped.length > 0) this.#end(core, GICV + 0x1000, dropped.splice(this.#random(dropped.length), 1)[0]!);
    } else if (choice < 14) this.write(core, GICV, this.#pick(0, 7, 7, 3) | (this.#random(4) << 3) | (this.#random(2) << 9));
    else if (choice < 15) this.write(core, GICV + 4, this.#pick(0xff, 0xf8, 0xf0, 0x80, this.#random(256)));
    else this.read(core, GICV + this.#pick(0, 4, 8, 0x14, 0x18, 0x18, 0x1c, 0xd0, 0xfc));
  }

  /** After a list register deactivated a physical interrupt, QEMU looks for pending ones only at the next physical access. */
  #end(core: number, address: number, id: number): void {
    this.write(core, address, id);
    const last = this.steps.pop()!;
    this.steps.push({ ...last, late: true });
    this.write(core, GICC + 0x04, this.bench.read(GICC + 0x04, core, this.#secure));
  }

  /** What QEMU is known to read otherwise; asked before the access, told the value after it. */
  #deviations(core: number, address: number): (expected: number) => Record<string, number> {
    const base = address >= GICV ? GICV : GICC;
    const look = (offset: number) => this.bench.read(base + offset, core, this.#secure);
    if (address === base + 0x0c) {
      const withheld = look(0x18) === 1022 && this.#priority(core, base, look(0x28)) < look(0x04);
      if (withheld) return (expected) => (expected === 1023 ? { [RUNNING]: 1022 } : {});
    }
    if (address === base + 0x18) {
      const id = look(0x18) === 1022 ? look(0x28) : look(0x18);
      if ((id & 0x3ff) < 1020 && this.#priority(core, base, id) >= look(0x04)) return () => ({ [MASKED]: 1023 });
    }
    if (address === base + 0x18) return (expected) => ({ [SOURCE]: expected & 0x3ff });
    if (address === GICD + 0x04) return (expected) => ({ [LOCKABLE]: expected & ~0xf800 });
    return () => ({});
  }

  #priority(core: number, base: number, id: number): number {
    if (base === GICC) return this.bench.read(GICD + 0x400 + (id & 0x3ff), core, true, 1);
    const lrs = [0, 1, 2, 3].map((i) => this.bench.read(GICH + 0x100 + 4 * i, core));
    const pending = lrs.find((lr) => (lr & 0x3ff) === (id & 0x3ff) && ((lr >>> 28) & 3) === 1)!;
    return ((pending >>> 23) & 0x1f) << 3;
  }
}
