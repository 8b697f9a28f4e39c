/**
 * The distributor of a GICv2. Reference: IHI 0048B §4.3; where that leaves a choice, the Cortex-A15's (SGIs always enabled, PPIs fixed as
 * level-sensitive, GICD_NSACR absent). Registers of interrupts that do not exist read as zero and ignore writes.
 */
import { bits } from '../../base/bits.ts';
import type { State } from '../../base/state.ts';
import type { Device, Initiator, Readable, Writable } from '../../bus/registers.ts';
import type { Interrupts } from './interrupts.ts';
import { fromNonSecure } from './priority.ts';
import { GICD } from './registers.ts';

const GROUP1 = 0x2;
const SGIS = 0xffff;
const IDENTIFICATION = [0x04, 0x00, 0x00, 0x00, 0x90, 0xb4, 0x2b, 0x00, 0x0d, 0xf0, 0x05, 0xb1] as const;

export interface DistributorOptions {
  readonly securityExtensions: boolean;
  /** The bits of a priority that are implemented. */
  readonly priorityMask: number;
  /** Told which cores (one bit each) may see another highest pending interrupt. */
  changed(cores: number): void;
}

type WordRegister = 'IGROUPR' | 'ISENABLER' | 'ICENABLER' | 'ISPENDR' | 'ICPENDR' | 'ISACTIVER' | 'ICACTIVER';

export class Distributor implements Device<typeof GICD> {
  readonly registers = GICD;
  readonly #interrupts: Interrupts;
  readonly #options: DistributorOptions;
  readonly #all: number;
  #control = 0;

  constructor(interrupts: Interrupts, options: DistributorOptions) {
    this.#interrupts = interrupts;
    this.#options = options;
    this.#all = (1 << interrupts.cores) - 1;
  }

  /** The groups whose interrupts are forwarded: bit 0 for Group 0, bit 1 for Group 1. */
  get groups(): number {
    return this.#control;
  }

  read(register: Readable<typeof GICD>, index: number, from: Initiator): number {
    switch (register) {
      case 'CTLR':
        return this.#nonSecure(from) ? this.#control >>> 1 : this.#control;
      case 'TYPER':
        return this.#type();
      case 'IIDR':
        return 0x0000_043b;
      case 'IPRIORITYR':
        return this.#readPriority(index, from);
      case 'ITARGETSR':
        return this.#readTargets(index, from);
      case 'ICFGR':
        return this.#readConfiguration(index, from);
      case 'NSACR':
        return 0;
      case 'CPENDSGIR':
      case 'SPENDSGIR':
        return this.#hidden(index, from) ? 0 : (this.#interrupts.sources[from.core * 16 + index] as number);
      case 'ID':
        return IDENTIFICATION[index] as number;
      default:
        return index < this.#interrupts.words ? this.#readWord(register, index, from) : 0;
    }
  }

  write(register: Writable<typeof GICD>, value: number, index: number, from: Initiator): void {
    switch (register) {
      case 'CTLR':
        this.#control = this.#nonSecure(from) ? (this.#control & ~GROUP1) | ((value & 1) << 1) : value & 3;
        this.#options.changed(this.#all);
        break;
      case 'IPRIORITYR':
        this.#writePriority(value, index, from);
        break;
      case 'ITARGETSR':
        this.#writeTargets(value, index, from);
        break;
      case 'ICFGR':
        this.#writeConfiguration(value, index, from);
        break;
      case 'NSACR':
        break;
      case 'SGIR':
        this.#generate(value, from);
        break;
      case 'CPENDSGIR':
        this.#setSources(index, from, (sources) => sources & ~value);
        break;
      case 'SPENDSGIR':
        this.#setSources(index, from, (sources) => sources | (value & this.#all));
        break;
      default:
        if (index < this.#interrupts.words) this.#writeWord(register, value, index, from);
    }
  }

  save(): State {
    return { control: this.#control };
  }

  load(state: State): void {
    this.#control = state['control'] as number;
  }

  reset(): void {
    this.#control = 0;
  }

  #nonSecure(from: Initiator): boolean {
    return this.#options.securityExtensions && !from.secure;
  }

  /** The interrupts of a word that the access may see: a Non-secure one sees Group 1 alone. */
  #visible(word: number, from: Initiator): number {
    const group = this.#nonSecure(from) ? (this.#interrupts.group[this.#interrupts.slot(from.core, word)] as number) : -1;
    return this.#interrupts.existing(word) & group;
  }

  #hidden(id: number, from: Initiator): boolean {
    return id >= this.#interrupts.count || ((this.#visible(id >>> 5, from) >>> (id & 31)) & 1) === 0;
  }

  #type(): number {
    const { words, cores, count } = this.#interrupts;
    // Cortex-A15: the first 31 SPIs can be locked (by an input that no board here drives).
    const security = this.#options.securityExtensions ? (1 << 10) | (Math.min(31, count - 32) << 11) : 0;
    return (words - 1) | ((cores - 1) << 5) | security;
  }

  #readWord(register: WordRegister, word: number, from: Initiator): number {
    const interrupts = this.#interrupts;
    const slot = interrupts.slot(from.core, word);
    const visible = this.#visible(word, from);
    switch (register) {
      case 'IGROUPR':
        return this.#nonSecure(from) ? 0 : (interrupts.group[slot] as number);
      case 'ISENABLER':
      case 'ICENABLER':
        return (interrupts.enabled[slot] as number) & visible;
      case 'ISPENDR':
      case 'ICPENDR':
        return interrupts.pending(slot) & visible;
      case 'ISACTIVER':
      case 'ICACTIVER':
        return (interrupts.active[slot] as number) & visible;
    }
  }

  #writeWord(register: WordRegister, value: number, word: number, from: Initiator): void {
    const interrupts = this.#interrupts;
    const slot = interrupts.slot(from.core, word);
    const seen = value & this.#visible(word, from);
    // SGIs cannot be disabled, and are made pending by GICD_SGIR or GICD_SPENDSGIR only.
    const notSgis = word === 0 ? seen & ~SGIS : seen;
    if (register === 'IGROUPR') {
      if (!this.#nonSecure(from)) interrupts.group[slot] = seen;
    } else if (register === 'ISENABLER') set(interrupts.enabled, slot, notSgis);
    else if (register === 'ICENABLER') clear(interrupts.enabled, slot, notSgis);
    else if (register === 'ISPENDR') set(interrupts.latched, slot, notSgis);
    else if (register === 'ICPENDR') clear(interrupts.latched, slot, notSgis);
    else if (register === 'ISACTIVER') set(interrupts.active, slot, seen);
    else clear(interrupts.active, slot, seen);
    this.#options.changed(word === 0 ? 1 << from.core : this.#all);
  }

  /** Non-secure software sees the priority shifted, whichever half of the range Secure software has put it in. */
  #readPriority(id: number, from: Initiator): number {
    if (this.#hidden(id, from)) return 0;
    const priority = this.#interrupts.priorityOf(from.core, id);
    return this.#nonSecure(from) ? (priority << 1) & 0xff : priority;
  }

  #writePriority(value: number, id: number, from: Initiator): void {
    if (this.#hidden(id, from)) return;
    const priority = this.#nonSecure(from) ? fromNonSecure(value) : value;
    this.#interrupts.priority[this.#interrupts.place(from.core, id)] = priority & this.#options.priorityMask;
    this.#options.changed(this.#interrupts.concerned(from.core, id));
  }

  /** Private interrupts read as the asking core; a uniprocessor has no such registers. */
  #readTargets(id: number, from: Initiator): number {
    if (this.#interrupts.cores === 1 || this.#hidden(id, from)) return 0;
    return this.#interrupts.concerned(from.core, id);
  }

  #writeTargets(value: number, id: number, from: Initiator): void {
    if (id < 32 || this.#interrupts.cores === 1 || this.#hidden(id, from)) return;
    const before = this.#interrupts.concerned(0, id);
    this.#interrupts.setTargets(id, value & this.#all);
    this.#options.changed(before | (value & this.#all));
  }

  /** Two bits for each interrupt, of which the upper is 1 for edge-triggered. */
  #readConfiguration(index: number, from: Initiator): number {
    const word = index >>> 1;
    if (word >= this.#interrupts.words) return 0;
    const edge = (this.#interrupts.edge[this.#interrupts.slot(from.core, word)] as number) & this.#visible(word, from);
    let value = 0;
    for (let n = 0; n < 16; n++) value |= ((edge >>> ((index & 1) * 16 + n)) & 1) << (2 * n + 1);
    return value;
  }

  #writeConfiguration(value: number, index: number, from: Initiator): void {
    const word = index >>> 1;
    if (word === 0 || word >= this.#interrupts.words) return;
    let edge = 0;
    for (let n = 0; n < 16; n++) edge |= ((value >>> (2 * n + 1)) & 1) << ((index & 1) * 16 + n);
    const mask = this.#visible(word, from) & (0xffff << ((index & 1) * 16));
    const slot = this.#interrupts.slot(from.core, word);
    clear(this.#interrupts.edge, slot, mask);
    set(this.#interrupts.edge, slot, edge & mask);
    this.#options.changed(this.#all);
  }

  /** GICD_SGIR (IHI 0048B §4.3.15). The reserved target filter sends nothing. */
  #generate(value: number, from: Initiator): void {
    const self = 1 << from.core;
    const targets = [bits(value, 23, 16) & this.#all, this.#all & ~self, self, 0][bits(value, 25, 24)] as number;
    const id = value & 0xf;
    for (let core = 0; core < this.#interrupts.cores; core++) {
      if (((targets >>> core) & 1) === 0 || !this.#forwards(core, id, value, from)) continue;
      this.#interrupts.setSources(core, id, (this.#interrupts.sources[core * 16 + id] as number) | self);
    }
    this.#options.changed(targets);
  }

  /** With Security Extensions, an SGI reaches a core only in the group that the write is meant for: NSATT if Secure, else Group 1. */
  #forwards(core: number, id: number, value: number, from: Initiator): boolean {
    if (!this.#options.securityExtensions) return true;
    return this.#interrupts.groupOf(core, id) === (from.secure ? bits(value, 15, 15) : 1);
  }

  #setSources(id: number, from: Initiator, change: (sources: number) => number): void {
    if (this.#hidden(id, from)) return;
    this.#interrupts.setSources(from.core, id, change(this.#interrupts.sources[from.core * 16 + id] as number));
    this.#options.changed(1 << from.core);
  }
}

function set(words: Int32Array, slot: number, mask: number): void {
  words[slot] = (words[slot] as number) | mask;
}

function clear(words: Int32Array, slot: number, mask: number): void {
  words[slot] = (words[slot] as number) & ~mask;
}
