/** What firmware of a board does before software in Hyp mode starts: all cores in Non-secure Hyp mode, all interrupts Non-secure. */
import { resetCpu } from '../cpu/reset.ts';
import { GICS } from './bindings.ts';
import { cpuRegions } from './devicetree/addresses.ts';
import type { Machine } from './machine.ts';

const [IGROUPR, PMR] = [0x80, 0x04];

export function enterHypervisor(machine: Machine): void {
  for (const cpu of machine.cpus) {
    resetCpu(cpu, { entry: 0, mode: 'hyp', secure: false });
    openInterrupts(machine, cpu.index);
  }
}

/** Group 1 for every interrupt, and a priority mask that Non-secure software may change (IHI 0048B, 3.9). */
export function openInterrupts(machine: Machine, core: number): void {
  if (machine.cpus[core]?.model.security !== true) return;
  const node = [...machine.tree.root.walk()].find((candidate) => candidate.isCompatible(...GICS));
  const [distributor, cpuInterface] = node === undefined ? [] : cpuRegions(node);
  if (distributor === undefined || cpuInterface === undefined) return;
  const secure = { core, secure: true };
  for (let i = 0; i < 32; i++) machine.map.write(distributor.address + IGROUPR + 4 * i, 4, 0xffffffff, secure);
  machine.map.write(cpuInterface.address + PMR, 4, 0xff, secure);
}
