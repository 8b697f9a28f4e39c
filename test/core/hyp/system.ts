/** A small machine with GIC, timers and cores of the real models, and partitions under the hypervisor. */

import { AddressMap } from '../../../core/bus/address-map.ts';
import { VirtualClock } from '../../../core/bus/clock.ts';
import { IrqLine } from '../../../core/bus/irq-line.ts';
import { Arena } from '../../../core/bus/memory.ts';
import { DeviceWindow } from '../../../core/bus/window.ts';
import { CodeCache } from '../../../core/cpu/code-cache.ts';
import { Decoder } from '../../../core/cpu/decode.ts';
import { wakes } from '../../../core/cpu/exceptions.ts';
import { INSTRUCTIONS } from '../../../core/cpu/isa/all.ts';
import { CpuMemory } from '../../../core/cpu/memory.ts';
import { makeModel } from '../../../core/cpu/models.ts';
import { resetCpu } from '../../../core/cpu/reset.ts';
import * as S from '../../../core/cpu/scalars.ts';
import { Cpu } from '../../../core/cpu/state.ts';
import { Interpreter } from '../../../core/cpu/step.ts';
import { System } from '../../../core/cpu/system.ts';
import { GenericTimer } from '../../../core/devices/generic-timer.ts';
import { Gic } from '../../../core/devices/gic/gic.ts';
import type { HealthEvent, HypervisorConfig, PartitionConfig } from '../../../core/hyp/config.ts';
import { Hypervisor } from '../../../core/hyp/hypervisor.ts';
import { RunLoop } from '../../../core/machine/run-loop.ts';
import { Mmu } from '../../../core/mmu/mmu.ts';
import { Tlb } from '../../../core/mmu/tlb.ts';
import { Assembler } from './assembler.ts';

export const RAM = 0x8000_0000;
export const RAM_SIZE = 0x200_0000;
const HEAP = { base: 0x8180_0000, size: 0x80_0000 };
export const GUEST_RAM = 0x4000_0000;
export const GUEST_GICD = 0x0300_1000;
export const GUEST_GICC = 0x0300_2000;
export const GUEST_UART = 0x2200_0000;
const GIC = { distributor: 0x2c00_1000, cpuInterface: 0x2c00_2000, virtualControl: 0x2c00_4000, virtualCpu: 0x2c00_6000 };
const FREQUENCY = 100_000_000;
const PARTITION_RAM = 0x20_0000;
const decoder = new Decoder(INSTRUCTIONS);

export type PartitionOptions = Partial<Omit<PartitionConfig, 'id'>> & {
  readonly program?: (a: Assembler) => void;
  readonly ram?: number;
};

/** A partition with 2 MiB of RAM, a console, and a program at the start of RAM. */
export function partition(id: number, options: PartitionOptions): PartitionConfig {
  const { program, ram = PARTITION_RAM, ...config } = options;
  const assembler = new Assembler(GUEST_RAM);
  program?.(assembler);
  const size = ram;
  return {
    name: `p${id}`,
    id,
    vcpus: [{}],
    entry: { address: GUEST_RAM, thumb: false, registers: [] },
    guestGic: { distributor: GUEST_GICD, cpuInterface: GUEST_GICC },
    interruptCount: 96,
    console: { ipa: GUEST_UART, irq: 32 },
    interrupts: [],
    channels: [],
    health: { onFault: 'log', maxRestarts: 0 },
    image: [{ ipa: GUEST_RAM, bytes: assembler.bytes() }],
    ...config,
    regions: [
      { kind: 'ram', name: 'ram', ipa: GUEST_RAM, pa: ramOf(id), size, writable: true, executable: true },
      ...(config.regions ?? []),
    ],
  };
}

/** Physical address of a partition's RAM. */
export const ramOf = (id: number): number => RAM + id * 0x40_0000;

export interface SystemOptions {
  readonly cores?: number;
  readonly slice?: number;
  readonly partitions: readonly PartitionOptions[];
}

export function makeSystem({ cores = 1, slice = 100_000, partitions }: SystemOptions) {
  const arena = new Arena(new ArrayBuffer(RAM_SIZE + 0x200000));
  const map = new AddressMap(arena);
  const clock = new VirtualClock();
  map.addMemory('ram', RAM, RAM_SIZE);
  const model = makeModel('cortex-a15', { security: false, virtualization: true, cores });
  const cpus = Array.from({ length: cores }, (_, i) => new Cpu(i, model, arena));
  const line = (cpu: Cpu, which: number) =>
    new IrqLine((level) => {
      cpu.s[which] = level ? 1 : 0;
      cpu.s[S.ATTENTION] = 1;
    });
  const outputs = cpus.map((cpu) => ({
    irq: line(cpu, S.IRQ),
    fiq: line(cpu, S.FIQ),
    virq: line(cpu, S.VIRQ),
    vfiq: line(cpu, S.VFIQ),
  }));
  const gic = new Gic({ cores, interrupts: 128, securityExtensions: false }, outputs);
  map.addWindow(GIC.distributor, 0x1000, new DeviceWindow('gicd', gic.distributor));
  map.addWindow(GIC.cpuInterface, 0x2000, new DeviceWindow('gicc', gic.cpuInterface));
  map.addWindow(GIC.virtualControl, 0x2000, new DeviceWindow('gich', gic.virtualControl));
  map.addWindow(GIC.virtualCpu, 0x2000, new DeviceWindow('gicv', gic.virtualCpu));
  const cache = new CodeCache(decoder, arena);
  const tlbs = cpus.map(() => new Tlb());
  const timers: GenericTimer[] = [];
  const loopCores = cpus.map((cpu, i) => {
    const tlb = tlbs[i] as Tlb;
    const ppi = (id: number) => gic.ppi(i, id);
    const timer = new GenericTimer(
      clock,
      { frequency: FREQUENCY },
      { physical: ppi(30), securePhysical: ppi(29), virtual: ppi(27), hyp: ppi(26) },
    );
    timers.push(timer);
    const mmu = new Mmu(map, tlb, cpu.initiator);
    const system = new System(cpu, { mmu, tlb, timer, shareableTlbs: () => tlbs });
    cpu.sys = system;
    cpu.mem = new CpuMemory(cpu, mmu, map, () => system.regimes.current());
    tlb.onInvalidate(() => cpu.mem.regimeChanged());
    tlb.onEvict((va) => cpu.mem.pageDropped(va));
    cpu.ports.sendEvent = () => {
      for (const other of cpus) other.s[S.EVENT] = 1;
    };
    resetCpu(cpu, { entry: 0, mode: 'svc', secure: false });
    return { cpu, engine: new Interpreter(cpu, cache), wakes: () => wakes(cpu) };
  });
  const loop = new RunLoop(clock, loopCores);
  const output = partitions.map(() => '');
  const input: number[][] = partitions.map(() => []);
  const events: HealthEvent[] = [];
  const config: HypervisorConfig = {
    cores,
    gic: GIC,
    heap: HEAP,
    slice,
    timerFrequency: FREQUENCY,
    partitions: partitions.map((options, id) => partition(id, options)),
  };
  const hypervisor = new Hypervisor(config, map, cpus, {
    console: (id, byte) => {
      output[id] += String.fromCharCode(byte);
    },
    input: (id) => input[id]?.shift(),
    event: (event) => events.push(event),
    ended: () => loop.end(),
    now: () => clock.now(),
  });
  hypervisor.start();
  const from = { core: 0, secure: false };
  return {
    hypervisor,
    config,
    loop,
    clock,
    map,
    gic,
    cpus,
    timers,
    tlbs,
    output,
    events,
    /** Runs for some virtual nanoseconds more. */
    run: (ns = 1_000_000) => loop.run(clock.now() + ns),
    /** A word of a partition's RAM, by its offset. */
    peek: (id: number, offset: number) => map.read(ramOf(id) + offset, 4, from),
    poke: (id: number, offset: number, value: number) => map.write(ramOf(id) + offset, 4, value >>> 0, from),
    type: (id: number, text: string) => {
      for (const char of text) input[id]?.push(char.charCodeAt(0));
      hypervisor.inputWaits(id);
    },
    report: (id = 0) => {
      const found = hypervisor.report()[id];
      if (found === undefined) throw new Error(`no partition ${id}`);
      return found;
    },
  };
}
