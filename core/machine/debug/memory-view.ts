/**
 * Memory as a processor sees it, through both stages, without leaving a trace: TLBs are looked at and not filled, devices are not touched.
 * Reference: Arm DDI 0406C, B3 (translation).
 */
import type { AddressMap } from '../../bus/address-map.ts';
import { SCTLR, TTBCR } from '../../cpu/controls.ts';
import { Regimes } from '../../cpu/regime.ts';
import { CONTEXT_PLACES } from '../../hyp/context.ts';
import type { Partition } from '../../hyp/partition.ts';
import type { Vcpu } from '../../hyp/vcpu.ts';
import { Fault } from '../../mmu/fault.ts';
import { type Explained, Mmu } from '../../mmu/mmu.ts';
import type { Regime } from '../../mmu/regime.ts';
import { Tlb } from '../../mmu/tlb.ts';
import { RIGHT, type Translation } from '../../mmu/translation.ts';
import type { TableMemory } from '../../mmu/walk.ts';
import type { Machine } from '../machine.ts';
import type { Processor } from '../processor.ts';
import { holds, type Thread } from './threads.ts';

const PAGE = 4096;
const WORD = 0x1_0000_0000;

/** How an address came about: by the TLB of the core, or by the tables. */
export interface Found extends Explained {
  readonly regime: Regime;
  readonly cached: Translation | undefined;
}

export class MemoryView {
  readonly #machine: Machine;
  readonly #tables: TableMemory;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#tables = quiet(machine.map);
  }

  /** What reading at a virtual address would find, with the rights of PL1. */
  find(thread: Thread, va: number): Found {
    const processor = this.#machine.processors[thread.core] as Processor;
    const { cpu, tlb } = processor;
    const { vcpu } = thread;
    const { partition } = thread.space;
    const mmu = new Mmu(this.#tables, new Tlb(), cpu.initiator);
    const away = vcpu !== undefined && partition !== undefined && !holds(cpu, vcpu, partition);
    const regimes = new Regimes(cpu);
    const regime = away ? storedRegime(vcpu, partition) : vcpu === undefined ? regimes.current() : regimes.pl1(false);
    const explained = mmu.explain(regime, va >>> 0, 'read', true);
    return { ...explained, regime, cached: away ? undefined : tlb.lookup(regime, va >>> 0) };
  }

  /** The page of a virtual address; undefined if reading there would fault. */
  translate(thread: Thread, va: number): Translation | undefined {
    const { cached, result } = this.find(thread, va);
    return cached ?? (result instanceof Fault ? undefined : result);
  }

  /** Bytes from a virtual address on, as far as there is memory. */
  read(thread: Thread, va: number, length: number): Uint8Array {
    return this.#gather(va >>> 0, length, WORD, (page) => this.translate(thread, page)?.pa);
  }

  readPhysical(pa: number, length: number): Uint8Array {
    return this.#gather(pa, length, 2 ** 40, (page) => page);
  }

  readIntermediate(partition: Partition, ipa: number, length: number): Uint8Array {
    return this.#gather(ipa, length, 2 ** 40, (page) => partition.tables.lookup(page)?.pa);
  }

  /** All bytes or none. What stage 1 has read-only is written, as a debugger must; what stage 2 does not let the guest write is not. */
  write(thread: Thread, va: number, bytes: Uint8Array): boolean {
    return this.#scatter(va >>> 0, bytes, WORD, (page) => {
      const translation = this.translate(thread, page);
      return translation !== undefined && (translation.stage2 & RIGHT.write) !== 0 ? translation.pa : undefined;
    });
  }

  writePhysical(pa: number, bytes: Uint8Array): boolean {
    return this.#scatter(pa, bytes, 2 ** 40, (page) => page);
  }

  #gather(from: number, length: number, end: number, physical: (page: number) => number | undefined): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, end - from)));
    let done = 0;
    for (const { at, count } of pages(from, bytes.length)) {
      const pa = physical(at - (at % PAGE));
      const part = pa === undefined ? undefined : this.#dump(pa + (at % PAGE), count);
      if (part === undefined) break;
      bytes.set(part, done);
      done += count;
    }
    return bytes.subarray(0, done);
  }

  #scatter(from: number, bytes: Uint8Array, end: number, physical: (page: number) => number | undefined): boolean {
    if (from + bytes.length > end) return false;
    const parts = [...pages(from, bytes.length)].map(({ at, count }) => ({
      count,
      pa: physical(at - (at % PAGE)),
      offset: at % PAGE,
    }));
    if (!parts.every(({ pa }) => pa !== undefined && this.#writable(pa))) return false;
    let done = 0;
    for (const { pa = 0, offset, count } of parts) {
      this.#machine.map.load(pa + offset, bytes.subarray(done, done + count));
      done += count;
    }
    return true;
  }

  #dump(pa: number, count: number): Uint8Array | undefined {
    const region = this.#machine.map.find(pa);
    return region?.kind === 'memory' && region.direct ? this.#machine.map.dump(pa, count) : undefined;
  }

  #writable(pa: number): boolean {
    const region = this.#machine.map.find(pa);
    return region?.kind === 'memory' && !region.readOnly;
  }
}

/** The parts of a range, one in each page. */
function* pages(from: number, length: number): Iterable<{ readonly at: number; readonly count: number }> {
  for (let done = 0; done < length; ) {
    const at = from + done;
    const count = Math.min(length - done, PAGE - (at % PAGE));
    yield { at, count };
    done += count;
  }
}

/** Descriptors come from memory alone: a walk that would read a device ends in an external abort. */
const quiet = (map: AddressMap): TableMemory => ({
  read(address, width) {
    const region = map.find(address);
    if (region?.kind !== 'memory' || !region.direct) return undefined;
    return map.arena.read(region.offset + (address - region.base), width);
  },
});

/** The PL1&0 regime of a guest whose registers the hypervisor has put away, as `cpu/regime.ts` would make it in its core. */
function storedRegime({ context }: Vcpu, { tables }: Partition): Regime {
  const at = (name: string): number => (context[CONTEXT_PLACES.get(name)?.at ?? 0] as number) >>> 0;
  const wide = (name: string): readonly [number, number] => {
    const place = CONTEXT_PLACES.get(name)?.at ?? 0;
    return [(context[place] as number) >>> 0, (context[place + 1] as number) >>> 0];
  };
  const [sctlr, ttbcr, ttbr0, ttbr1] = [at('SCTLR'), at('TTBCR'), wide('TTBR0'), wide('TTBR1')];
  const long = (ttbcr & TTBCR.EAE) !== 0;
  const holder = (ttbcr & TTBCR.A1) !== 0 ? ttbr1 : ttbr0;
  const [low, high] = tables.vttbr;
  return {
    kind: 'PL1&0',
    secure: false,
    sctlr,
    enabled: (sctlr & SCTLR.M) !== 0,
    defaultCacheable: false,
    long,
    ttbcr,
    ttbr0,
    ttbr1,
    asid: long ? (holder[1] >>> 16) & 0xff : at('CONTEXTIDR') & 0xff,
    dacr: at('DACR'),
    mair0: at('MAIR0'),
    mair1: at('MAIR1'),
    secureInstructionFetch: false,
    stage2: { vttbr: (high & 0xff) * WORD + (low >>> 0), vmid: tables.vmid, vtcr: tables.vtcr >>> 0, protectedWalk: true },
  };
}
