/** Which guest a core holds: its world's registers in, another's out. Reference: Arm DDI 0406C, B1.7 (Hyp mode), B3.9 (TLBs and VMIDs). */
import { CNTHCTL, HCPTR, HCR, HDCR, HSTR } from '../cpu/controls.ts';
import { changeMode, MODE } from '../cpu/modes.ts';
import * as S from '../cpu/scalars.ts';
import { type Cpu, WAIT } from '../cpu/state.ts';
import { loadContext, saveContext } from './context.ts';
import { readSystem, writeSystem, writeWide } from './machine-registers.ts';
import type { Partition } from './partition.ts';
import type { PhysicalGic } from './physical-gic.ts';
import type { CoreSchedule } from './scheduler.ts';

/**
 * What a guest may not do on its own: wait (TWI, TWE), call firmware (TSC), reach implementation-defined registers (TIDCP, TAC), maintain caches by
 * set and way (TSW), look at what the machine can do (TID3), use device memory for its tables (PTW). Interrupts are ours (FMO, IMO, AMO).
 */
const GUEST_HCR =
  HCR.VM |
  HCR.SWIO |
  HCR.PTW |
  HCR.FMO |
  HCR.IMO |
  HCR.AMO |
  HCR.FB |
  HCR.TWI |
  HCR.TWE |
  HCR.TID3 |
  HCR.TSC |
  HCR.TIDCP |
  HCR.TAC |
  HCR.TSW;

/** As a boot loader would leave a core there: all masked, A32, little-endian. */
export function toHypMode(cpu: Cpu): void {
  const { s } = cpu;
  changeMode(cpu, MODE.hyp);
  for (const mask of [S.A, S.I, S.F]) s[mask] = 1;
  for (const state of [S.T, S.E, S.IT, S.J]) s[state] = 0;
  s[S.WAIT] = WAIT.running;
  s[S.ATTENTION] = 1;
}

/** What is the same for all guests. PL1 may read the physical counter, but has no physical timer. */
export function configureCore(cpu: Cpu, vectors: number): void {
  writeSystem(cpu, 'HVBAR', vectors);
  writeSystem(cpu, 'HCR', GUEST_HCR);
  writeSystem(cpu, 'HDCR', (readSystem(cpu, 'HDCR') & HDCR.HPMN) | HDCR.TPM | HDCR.TPMCR | HDCR.TDA | HDCR.TDOSA | HDCR.TDRA);
  writeSystem(cpu, 'HCPTR', HCPTR.TTA);
  writeSystem(cpu, 'HSTR', HSTR.TTEE);
  writeSystem(cpu, 'CNTHCTL', CNTHCTL.PL1PCTEN);
  writeSystem(cpu, 'VPIDR', readSystem(cpu, 'MIDR'));
  writeSystem(cpu, 'TLBIALLNSNHIS', 0);
}

/** Puts the registers of the guest that the core holds away. One that is off has nothing to keep. */
export function unload(cpu: Cpu, core: CoreSchedule, partitions: readonly Partition[]): void {
  const vcpu = core.loadedVcpu;
  if (vcpu === undefined) return;
  partitions[vcpu.partition]?.vgic.leave(cpu, vcpu);
  if (vcpu.power === 'off') writeSystem(cpu, 'CNTV_CTL', 0);
  else saveContext(cpu, vcpu.context, vcpu.fp);
  core.loaded = -1;
}

/** Brings a guest's registers in. Virtual processors of one partition share a VMID but not their TLBs. */
export function load(cpu: Cpu, core: CoreSchedule, partitions: readonly Partition[], index: number): void {
  const vcpu = core.vcpus[index];
  const partition = vcpu === undefined ? undefined : partitions[vcpu.partition];
  if (vcpu === undefined || partition === undefined) return;
  writeWide(cpu, 'VTTBR', ...partition.tables.vttbr);
  writeSystem(cpu, 'VTCR', partition.tables.vtcr);
  writeSystem(cpu, 'VMPIDR', vcpu.mpidr);
  writeWide(cpu, 'CNTVOFF', partition.offset % 0x1_0000_0000, Math.floor(partition.offset / 0x1_0000_0000));
  if (core.lastUser[vcpu.partition] !== vcpu.index) writeSystem(cpu, 'TLBIALL', 0);
  core.lastUser[vcpu.partition] = vcpu.index;
  loadContext(cpu, vcpu.context, vcpu.fp);
  partition.vgic.enter(cpu, vcpu);
  vcpu.power = 'on';
  core.loaded = index;
}

/** An SGI to a core, from the core that works for the hypervisor or, asked from outside, from that core itself. */
export function kick(gic: PhysicalGic, cpus: readonly Cpu[], from: Cpu | undefined, core: number): void {
  const cpu = from ?? cpus[core];
  if (cpu !== undefined && from?.index !== core) gic.kick(cpu, core);
}
