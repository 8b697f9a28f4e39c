/** A running board: processors, memory, interrupt controller and devices, wired as the device tree says. */
import { Hash } from '../base/hash.ts';
import type { State, Stateful } from '../base/state.ts';
import { AddressMap } from '../bus/address-map.ts';
import { type Alarm, VirtualClock } from '../bus/clock.ts';
import { IrqLine } from '../bus/irq-line.ts';
import { Arena, PAGE } from '../bus/memory.ts';
import { CodeCache } from '../cpu/code-cache.ts';
import { Decoder } from '../cpu/decode.ts';
import { INSTRUCTIONS } from '../cpu/isa/all.ts';
import { CpuMemory } from '../cpu/memory.ts';
import { makeModel } from '../cpu/models.ts';
import type { PerformancePort } from '../cpu/performance.ts';
import * as S from '../cpu/scalars.ts';
import { Cpu } from '../cpu/state.ts';
import { GenericTimer } from '../devices/generic-timer.ts';
import { Gic, type GicOutputs } from '../devices/gic/gic.ts';
import type { WasmHost } from '../jit/host.ts';
import { type TranslationOptions, Translations } from '../jit/translations.ts';
import { GICS, MEMORIES } from './bindings.ts';
import { type BoardOptions, memoryRegions, readCpus } from './board.ts';
import type { Console } from './console.ts';
import { cpuRegions } from './devicetree/addresses.ts';
import type { DeviceTree, Node } from './devicetree/tree.ts';
import { Networks } from './networks.ts';
import type { Asked } from './outside.ts';
import { makeProcessor, type Processor } from './processor.ts';
import { RunLoop, type Stop } from './run-loop.ts';
import type { VirtioHost } from './virtio.ts';
import { performanceInterrupt, Wiring } from './wiring.ts';

export interface MachineOptions extends BoardOptions {
  /** Seconds since 1970 at virtual time 0, for the real-time clock. */
  readonly date?: number;
  /** WebAssembly, for the translator; without it everything is interpreted. */
  readonly wasm?: MachineWasm;
  readonly translation?: Partial<TranslationOptions>;
  /** Disks, networks and folders for the board's virtio devices. */
  readonly virtio?: VirtioHost;
}

/** The host's WebAssembly, with the memory that all its modules share: zero-filled, of at least so many bytes. */
export interface MachineWasm extends WasmHost {
  allocate(bytes: number): ArrayBuffer;
}

/** 2026-01-01T00:00:00Z: every run starts at the same time. */
export const START_DATE = 1_767_225_600;
const PHYSICAL_COUNTER_HZ = 62_500_000;

/** How a run ended: switched off, reset, a program's exit with its code, or stopped from outside. */
export type Ending = { readonly kind: 'off' | 'reset' | 'stopped' } | { readonly kind: 'exit'; readonly code: number };

/** Something on the board that has state, with the path of its node. */
export interface Part {
  readonly path: string;
  readonly device: Stateful;
  /** It only measures: it is saved, but no part of the state hash. */
  readonly observes?: boolean;
}

/** An access that no model answered, counted by device or address page. */
export interface Stray {
  readonly where: string;
  readonly write: boolean;
  count: number;
}

export class Machine implements Stateful {
  readonly tree: DeviceTree;
  readonly map: AddressMap;
  readonly clock = new VirtualClock();
  readonly processors: readonly Processor[];
  readonly gic: Gic;
  readonly timers: readonly GenericTimer[];
  readonly parts: Part[] = [];
  readonly consoles = new Map<string, Console>();
  /** What a loader has put into memory: the rest is free for a program's heap. */
  readonly loaded: { readonly address: number; readonly size: number }[] = [];
  readonly unmodelled: Node[] = [];
  readonly strays = new Map<string, Stray>();
  readonly loop: RunLoop;
  /** What the translator has made; undefined if everything is interpreted. */
  readonly translations: Translations | undefined;
  readonly date: number;
  readonly virtio: VirtioHost;
  readonly networks: Networks;
  readonly timerFrequency: number;
  /** Why the run ended, once it has. */
  ending: Ending | undefined;
  /** The GIC's signals to each core, and the alarms by which those of another core's making arrive. */
  readonly #lines: readonly GicOutputs[];
  readonly #signals: readonly Alarm[] = [];
  readonly #unmappedReads: number | undefined;

  constructor(tree: DeviceTree, options: MachineOptions) {
    const { count, name } = readCpus(tree);
    this.tree = tree;
    this.#unmappedReads = tree.root.get('partita,unmapped')?.string() === 'ignore' ? 0 : undefined;
    this.date = options.date ?? START_DATE;
    this.virtio = options.virtio ?? {};
    const outsides = { timer: this.clock, open: (node: Node, asked: Asked) => this.virtio.outside?.(node, asked) };
    this.networks = new Networks(tree.root, (name, node) => this.virtio.capture?.(name, node), outsides);
    this.parts.push(...this.networks.parts);
    this.timerFrequency = tree.root.find('/timer')?.get('clock-frequency')?.cell() ?? PHYSICAL_COUNTER_HZ;
    const security = tree.root.find('/cpus')?.has('partita,security-extensions') ?? false;
    const model = makeModel(name, { security, virtualization: options.virtualization || security, cores: count });
    const bytes = arenaBytes(tree, count) + (options.wasm === undefined ? 0 : Translations.BYTES);
    const arena = new Arena(options.wasm?.allocate(bytes) ?? new ArrayBuffer(bytes));
    this.map = new AddressMap(arena);
    this.#lines = this.#outputs(count);
    this.gic = new Gic({ cores: count, ...gicOptions(tree), securityExtensions: security }, this.#lines);
    this.timers = Array.from({ length: count }, (_, core) => this.#timer(core));
    const cache = new CodeCache(new Decoder(INSTRUCTIONS), this.map.arena);
    this.translations = options.wasm && new Translations(arena, cache, options.wasm, options.translation);
    const shared = { map: this.map, cache, translations: this.translations, tlbs: () => this.processors.map(({ tlb }) => tlb) };
    this.processors = this.timers.map((timer, core) =>
      makeProcessor(core, model, { ...shared, timer, monitors: this.#monitors(core) }),
    );
    this.loop = new RunLoop(this.clock, this.processors);
    this.#signals = this.processors.map((_, core) => this.clock.of(core).alarm('signals', () => this.#sample(core)));
    for (const region of memoryRegions(tree)) this.map.addMemory(region.node.name, region.address, region.size);
    new Wiring(this).build();
    this.map.unmapped = (address, _width, write) => this.#unmapped(address, write);
    for (const { cpu } of this.processors) cpu.ports.sendEvent = () => this.#sendEvent();
  }

  get cpus(): readonly Cpu[] {
    return this.processors.map(({ cpu }) => cpu);
  }

  /** Runs until virtual time `until` (ns), the end, or until nothing can happen any more; or until `limit` instructions were retired in all. */
  run(until: number, limit?: number): Stop {
    return this.loop.run(until, limit);
  }

  /** Ends the run: the guest asked for it, or whoever watches saw enough. The first reason stays. */
  end(ending: Ending): undefined {
    this.ending ??= ending;
    this.loop.end();
  }

  /** Counts an access that nobody answers. */
  stray(where: string, write: boolean): void {
    const key = `${write ? 'write' : 'read'} ${where}`;
    const known = this.strays.get(key);
    if (known !== undefined) known.count++;
    else if (this.strays.size < MAX_STRAYS) this.strays.set(key, { where, write, count: 1 });
  }

  /** 16 hexadecimal digits over everything architectural: processors, TLBs, devices, time and memory. */
  stateHash(): string {
    const hash = new Hash().plain(this.#small(false));
    const { arena, regions } = this.map;
    for (const region of regions) {
      if (region.kind !== 'memory') continue;
      for (const page of arena.nonZeroPages(region.offset, region.size)) {
        hash.plain(region.base + page * PAGE).words(arena.i32, (region.offset + page * PAGE) / 4, PAGE / 4);
      }
    }
    return hash.digest();
  }

  save(): State {
    const memories: Record<string, State> = {};
    for (const region of this.map.regions) {
      if (region.kind === 'memory') memories[region.base.toString(16)] = this.map.arena.save(region.offset, region.size);
    }
    const consoles: Record<string, State> = {};
    for (const console of this.consoles.values()) consoles[console.name] = console.save();
    return { ...this.#small(true), memories, consoles, ending: this.ending ?? null };
  }

  load(state: State): void {
    this.clock.reset(state['time'] as number);
    const memories = state['memories'] as Record<string, State>;
    for (const region of this.map.regions) {
      if (region.kind === 'memory') this.map.arena.load(region.offset, region.size, memories[region.base.toString(16)] ?? {});
    }
    this.#each((key, part) => part.load(state[key] as State));
    for (const { cpu } of this.processors) cpu.sys.regimeChanged();
    const consoles = state['consoles'] as Record<string, State>;
    for (const console of this.consoles.values()) console.load(consoles[console.name] as State);
    this.ending = (state['ending'] as Ending | null) ?? undefined;
    if (this.ending !== undefined) this.loop.end();
  }

  /** Power-on reset of everything but memory. */
  reset(): void {
    this.#each((_, part) => part.reset());
  }

  #small(observers: boolean): State {
    const state: Record<string, State | number> = { time: this.clock.now() };
    this.#each((key, part) => {
      state[key] = part.save();
    }, observers);
    return state;
  }

  #each(visit: (key: string, part: Stateful) => void, observers = true): void {
    for (const [i, processor] of this.processors.entries()) {
      visit(`cpu${i}`, processor);
      visit(`tlb${i}`, processor.tlb);
    }
    for (const [i, timer] of this.timers.entries()) visit(`timer${i}`, timer);
    visit('loop', this.loop);
    for (const { path, device, observes } of this.parts) if (observers || observes !== true) visit(path, device);
    visit('gic', this.gic);
  }

  #outputs(cores: number): GicOutputs[] {
    return Array.from({ length: cores }, (_, core) => {
      const line = () => new IrqLine(() => this.#signal(core));
      return { irq: line(), fiq: line(), virq: line(), vfiq: line() };
    });
  }

  /** A line to a core changed. One that another core caused in its turn is seen when the core has got to that time, never before. */
  #signal(core: number): void {
    const alarm = this.#signals[core];
    if (alarm === undefined) return;
    if (this.loop.running === undefined || this.loop.running === core) this.#sample(core);
    else alarm.set(Math.min(alarm.at, this.clock.now()));
  }

  #sample(core: number): void {
    const lines = this.#lines[core];
    const s = this.processors[core]?.cpu.s;
    if (lines === undefined || s === undefined) return;
    s[S.IRQ] = Number(lines.irq.level);
    s[S.FIQ] = Number(lines.fiq.level);
    s[S.VIRQ] = Number(lines.virq.level);
    s[S.VFIQ] = Number(lines.vfiq.level);
    s[S.ATTENTION] = 1;
  }

  #timer(core: number): GenericTimer {
    const ppi = (id: number) => this.gic.ppi(core, id);
    const outputs = {
      securePhysical: ppi(29),
      physical: ppi(30),
      virtual: ppi(27),
      hyp: ppi(26),
      event: () => this.#event(core),
    };
    return new GenericTimer(this.clock.of(core), { frequency: this.timerFrequency }, outputs);
  }

  #monitors(core: number): PerformancePort {
    return {
      now: () => this.clock.now(),
      retired: () => this.loop.retired(core),
      alarm: (fire) => this.clock.of(core).alarm('performance monitors', fire),
      interrupt: performanceInterrupt(this.tree, this.gic, core),
    };
  }

  #unmapped(address: number, write: boolean): number | undefined {
    this.stray(`0x${(address - (address % PAGE)).toString(16)}`, write);
    return this.#unmappedReads;
  }

  #event(core: number): void {
    const s = this.processors[core]?.cpu.s;
    if (s !== undefined) s[S.EVENT] = 1;
  }

  #sendEvent(): void {
    for (const { cpu } of this.processors) cpu.s[S.EVENT] = 1;
  }
}

const MAX_STRAYS = 256;

/** Bytes of host memory: all RAM and flash of the description, and the processors' registers. */
function arenaBytes(tree: DeviceTree, cores: number): number {
  const ram = memoryRegions(tree).reduce((sum, { size }) => sum + roundUp(size), 0);
  const others = [...tree.root.walk()].filter((node) => node.isCompatible(...MEMORIES));
  const rest = others.flatMap((node) => cpuRegions(node)).reduce((sum, { size }) => sum + roundUp(size), 0);
  return ram + rest + cores * (roundUp(Cpu.BYTES) + roundUp(CpuMemory.BYTES));
}

const roundUp = (bytes: number): number => Math.ceil(bytes / PAGE) * PAGE;

function gicOptions(tree: DeviceTree): { readonly interrupts: number } {
  const node = [...tree.root.walk()].find((candidate) => candidate.isCompatible(...GICS));
  if (node === undefined)
    throw tree.root.fail('the board has no interrupt controller', { expected: `compatible = "${GICS.join('" or "')}"` });
  return { interrupts: node.get('partita,interrupts')?.cell() ?? 160 };
}
