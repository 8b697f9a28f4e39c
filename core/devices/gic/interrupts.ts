/**
 * The state of every interrupt of a GICv2: enabled, pending, active, group, configuration, priority and targets (IHI 0048B §3.2).
 * One bit per interrupt in words of 32; the word of the private interrupts (SGIs and PPIs, IDs 0 to 31) is banked by core.
 */
import type { State } from '../../base/state.ts';
import { IDLE, SPURIOUS } from './registers.ts';

const SGIS = 0xffff;

export class Interrupts {
  readonly cores: number;
  /** Number of interrupt IDs, the 32 private ones included. */
  readonly count: number;
  readonly words: number;
  readonly enabled: Int32Array;
  readonly group: Int32Array;
  readonly active: Int32Array;
  /** 1 is edge-triggered, 0 level-sensitive. */
  readonly edge: Int32Array;
  /** Pending by an edge, an SGI or a write to GICD_ISPENDR. */
  readonly latched: Int32Array;
  readonly line: Int32Array;
  readonly priority: Uint8Array;
  /** For an SPI, one bit per core. */
  readonly targets: Uint8Array;
  /** For each core and SGI, the cores that sent it, one bit each. */
  readonly sources: Uint8Array;
  /** `targets` turned round: for each core, the SPIs that go to it. */
  readonly #targeted: Int32Array;

  constructor(cores: number, count: number) {
    this.cores = cores;
    this.count = count;
    this.words = Math.ceil(count / 32);
    const slots = cores + this.words - 1;
    this.enabled = new Int32Array(slots);
    this.group = new Int32Array(slots);
    this.active = new Int32Array(slots);
    this.edge = new Int32Array(slots);
    this.latched = new Int32Array(slots);
    this.line = new Int32Array(slots);
    this.priority = new Uint8Array(slots * 32);
    this.targets = new Uint8Array(count);
    this.sources = new Uint8Array(cores * 16);
    this.#targeted = new Int32Array(cores * this.words);
    this.reset();
  }

  /** Index of the word with interrupts 32 * `word` and up, as `core` sees them. */
  slot(core: number, word: number): number {
    return word === 0 ? core : this.cores + word - 1;
  }

  /** Index of an interrupt's priority. */
  place(core: number, id: number): number {
    return this.slot(core, id >>> 5) * 32 + (id & 31);
  }

  /** The bits of a word that stand for an interrupt: there are none above 1019. */
  existing(word: number): number {
    const above = this.count - word * 32;
    return above >= 32 ? -1 : above <= 0 ? 0 : (1 << above) - 1;
  }

  /** A level-sensitive interrupt is pending while its line is high, an edge-triggered one since its edge (IHI 0048B §4.3.7). */
  pending(slot: number): number {
    return (this.latched[slot] as number) | ((this.line[slot] as number) & ~(this.edge[slot] as number));
  }

  isActive(core: number, id: number): boolean {
    return (((this.active[this.slot(core, id >>> 5)] as number) >>> (id & 31)) & 1) !== 0;
  }

  lineOf(core: number, id: number): boolean {
    return (((this.line[this.slot(core, id >>> 5)] as number) >>> (id & 31)) & 1) !== 0;
  }

  groupOf(core: number, id: number): 0 | 1 {
    return (((this.group[this.slot(core, id >>> 5)] as number) >>> (id & 31)) & 1) as 0 | 1;
  }

  priorityOf(core: number, id: number): number {
    return this.priority[this.place(core, id)] as number;
  }

  /** The cores that an interrupt of `core` concerns. */
  concerned(core: number, id: number): number {
    return id < 32 ? 1 << core : (this.targets[id] as number);
  }

  /** The pending interrupt of highest priority in `groups` (bit 0: Group 0, bit 1: Group 1); of equals, that of the lowest ID. */
  highestPending(core: number, groups: number): number {
    let best = SPURIOUS;
    let bestPriority = IDLE;
    for (let word = 0; word < this.words; word++) {
      const slot = this.slot(core, word);
      const group = this.group[slot] as number;
      let bits = this.pending(slot) & (this.enabled[slot] as number) & ~(this.active[slot] as number);
      bits &= ((groups & 1) !== 0 ? ~group : 0) | ((groups & 2) !== 0 ? group : 0);
      if (word !== 0) bits &= this.#targeted[core * this.words + word] as number;
      while (bits !== 0) {
        const n = 31 - Math.clz32(bits & -bits);
        bits &= bits - 1;
        const priority = this.priority[slot * 32 + n] as number;
        if (priority >= bestPriority) continue;
        bestPriority = priority;
        best = word * 32 + n;
      }
    }
    return best;
  }

  /** Pending becomes active. Returns what an acknowledge reads: the ID, for an SGI with its source in bits 12:10. */
  activate(core: number, id: number): number {
    const slot = this.slot(core, id >>> 5);
    const mask = 1 << (id & 31);
    this.active[slot] = (this.active[slot] as number) | mask;
    if (id >= 16) {
      this.latched[slot] = (this.latched[slot] as number) & ~mask;
      return id;
    }
    const sources = this.sources[core * 16 + id] as number;
    const source = 31 - Math.clz32(sources & -sources);
    this.setSources(core, id, sources & (sources - 1));
    return id | (source << 10);
  }

  deactivate(core: number, id: number): void {
    const slot = this.slot(core, id >>> 5);
    this.active[slot] = (this.active[slot] as number) & ~(1 << (id & 31));
  }

  setSources(core: number, id: number, sources: number): void {
    this.sources[core * 16 + id] = sources;
    const mask = 1 << id;
    this.latched[core] = sources !== 0 ? (this.latched[core] as number) | mask : (this.latched[core] as number) & ~mask;
  }

  /** The input of a PPI or SPI changes. */
  setLine(core: number, id: number, level: boolean): void {
    const slot = this.slot(core, id >>> 5);
    const mask = 1 << (id & 31);
    const before = this.line[slot] as number;
    if (((before & mask) !== 0) === level) return;
    this.line[slot] = before ^ mask;
    if (level) this.latched[slot] = (this.latched[slot] as number) | (mask & (this.edge[slot] as number));
  }

  setTargets(id: number, cores: number): void {
    this.targets[id] = cores;
    for (let core = 0; core < this.cores; core++) {
      const at = core * this.words + (id >>> 5);
      const others = (this.#targeted[at] as number) & ~(1 << (id & 31));
      this.#targeted[at] = others | (((cores >>> core) & 1) << (id & 31));
    }
  }

  /** The inputs keep their levels. */
  reset(): void {
    for (const words of [this.group, this.active, this.latched, this.enabled, this.edge]) words.fill(0);
    this.priority.fill(0);
    this.sources.fill(0);
    // SGIs are always enabled and edge-triggered; the PPIs of a Cortex-A15 are level-sensitive.
    this.enabled.fill(SGIS, 0, this.cores);
    this.edge.fill(SGIS, 0, this.cores);
    // With one core, all SPIs go to it and GICD_ITARGETSR does not exist (IHI 0048B §4.3.12).
    for (let id = 32; id < this.count; id++) this.setTargets(id, this.cores === 1 ? 1 : 0);
  }

  save(): State {
    return {
      enabled: this.enabled.slice(),
      group: this.group.slice(),
      active: this.active.slice(),
      edge: this.edge.slice(),
      latched: this.latched.slice(),
      line: this.line.slice(),
      priority: this.priority.slice(),
      targets: this.targets.slice(),
      sources: this.sources.slice(),
    };
  }

  load(state: State): void {
    for (const name of ['enabled', 'group', 'active', 'edge', 'latched', 'line'] as const)
      this[name].set(state[name] as Int32Array);
    this.priority.set(state['priority'] as Uint8Array);
    this.sources.set(state['sources'] as Uint8Array);
    (state['targets'] as Uint8Array).forEach((cores, id) => {
      if (id >= 32) this.setTargets(id, cores);
    });
  }
}
