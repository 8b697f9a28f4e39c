/** The register maps of a GICv2, after IHI 0048B chapter 4 (distributor, CPU interface) and chapter 5 (virtualization). */
import { registerMap } from '../../bus/registers.ts';

/** Interrupt IDs that say something other than an interrupt (IHI 0048B §3.2.5). */
export const SPURIOUS = 1023;
export const OTHER_GROUP = 1022;

/** No interrupt is active: lower than every priority. */
export const IDLE = 0x100;

/** The private interrupt that the virtual interface raises for its hypervisor (GIC-400 and Cortex-A15: PPI 25). */
export const MAINTENANCE = 25;

export const LIST_REGISTERS = 4;

export const GICD = registerMap({
  CTLR: { at: 0x000, access: 'rw', mask: 0x3, reset: 0, ref: 'IHI 0048B §4.3.1' },
  TYPER: { at: 0x004, access: 'ro', ref: 'IHI 0048B §4.3.2' },
  IIDR: { at: 0x008, access: 'ro', reset: 0x0000043b, ref: 'IHI 0048B §4.3.3' },
  IGROUPR: { at: 0x080, access: 'rw', count: 32, reset: 0, ref: 'IHI 0048B §4.3.4' },
  ISENABLER: { at: 0x100, access: 'rw', count: 32, ref: 'IHI 0048B §4.3.5' },
  ICENABLER: { at: 0x180, access: 'rw', count: 32, ref: 'IHI 0048B §4.3.6' },
  ISPENDR: { at: 0x200, access: 'rw', count: 32, ref: 'IHI 0048B §4.3.7' },
  ICPENDR: { at: 0x280, access: 'rw', count: 32, ref: 'IHI 0048B §4.3.8' },
  ISACTIVER: { at: 0x300, access: 'rw', count: 32, ref: 'IHI 0048B §4.3.9' },
  ICACTIVER: { at: 0x380, access: 'rw', count: 32, ref: 'IHI 0048B §4.3.10' },
  IPRIORITYR: { at: 0x400, access: 'rw', width: 1, count: 1020, reset: 0, ref: 'IHI 0048B §4.3.11' },
  ITARGETSR: { at: 0x800, access: 'rw', width: 1, count: 1020, ref: 'IHI 0048B §4.3.12' },
  ICFGR: { at: 0xc00, access: 'rw', count: 64, ref: 'IHI 0048B §4.3.13' },
  NSACR: { at: 0xe00, access: 'rw', count: 64, mask: 0, reset: 0, ref: 'IHI 0048B §4.3.14' },
  SGIR: { at: 0xf00, access: 'wo', mask: 0x03ff_800f, ref: 'IHI 0048B §4.3.15' },
  CPENDSGIR: { at: 0xf10, access: 'rw', width: 1, count: 16, reset: 0, ref: 'IHI 0048B §4.3.16' },
  SPENDSGIR: { at: 0xf20, access: 'rw', width: 1, count: 16, reset: 0, ref: 'IHI 0048B §4.3.17' },
  /** ICPIDR4-7, ICPIDR0-3, ICCIDR0-3, in the order of their addresses. */
  ID: { at: 0xfd0, access: 'ro', count: 12, mask: 0xff, ref: 'IHI 0048B §4.3.18' },
});

export const GICC = registerMap({
  CTLR: { at: 0x0000, access: 'rw', mask: 0x7ff, reset: 0, ref: 'IHI 0048B §4.4.1' },
  PMR: { at: 0x0004, access: 'rw', mask: 0xff, reset: 0, ref: 'IHI 0048B §4.4.2' },
  BPR: { at: 0x0008, access: 'rw', mask: 0x7, ref: 'IHI 0048B §4.4.3' },
  IAR: { at: 0x000c, access: 'ro', mask: 0x1fff, ref: 'IHI 0048B §4.4.4' },
  EOIR: { at: 0x0010, access: 'wo', mask: 0x1fff, ref: 'IHI 0048B §4.4.5' },
  RPR: { at: 0x0014, access: 'ro', mask: 0xff, reset: 0xff, ref: 'IHI 0048B §4.4.6' },
  HPPIR: { at: 0x0018, access: 'ro', mask: 0x1fff, reset: SPURIOUS, ref: 'IHI 0048B §4.4.7' },
  ABPR: { at: 0x001c, access: 'rw', mask: 0x7, ref: 'IHI 0048B §4.4.8' },
  AIAR: { at: 0x0020, access: 'ro', mask: 0x1fff, ref: 'IHI 0048B §4.4.9' },
  AEOIR: { at: 0x0024, access: 'wo', mask: 0x1fff, ref: 'IHI 0048B §4.4' },
  AHPPIR: { at: 0x0028, access: 'ro', mask: 0x1fff, reset: SPURIOUS, ref: 'IHI 0048B §4.4' },
  APR: { at: 0x00d0, access: 'rw', count: 4, reset: 0, ref: 'IHI 0048B §4.4' },
  NSAPR: { at: 0x00e0, access: 'rw', count: 4, reset: 0, ref: 'IHI 0048B §4.4' },
  IIDR: { at: 0x00fc, access: 'ro', reset: 0x0002043b, ref: 'IHI 0048B §4.4' },
  DIR: { at: 0x1000, access: 'wo', mask: 0x1fff, ref: 'IHI 0048B §4.4' },
});

export const GICH = registerMap({
  HCR: { at: 0x000, access: 'rw', mask: 0xf800_00ff, reset: 0, ref: 'IHI 0048B §5.3.1' },
  VTR: { at: 0x004, access: 'ro', reset: 0x9000_0003, ref: 'IHI 0048B §5.3.2' },
  VMCR: { at: 0x008, access: 'rw', mask: 0xf8fc_021f, reset: 0x004c_0000, ref: 'IHI 0048B §5.3.3' },
  MISR: { at: 0x010, access: 'ro', mask: 0xff, reset: 0, ref: 'IHI 0048B §5.3.4' },
  EISR: { at: 0x020, access: 'ro', count: 2, reset: 0, ref: 'IHI 0048B §5.3.5' },
  ELRSR: { at: 0x030, access: 'ro', count: 2, ref: 'IHI 0048B §5.3.6' },
  APR: { at: 0x0f0, access: 'rw', reset: 0, ref: 'IHI 0048B §5.3.7' },
  LR: { at: 0x100, access: 'rw', count: LIST_REGISTERS, mask: 0xff8f_ffff, reset: 0, ref: 'IHI 0048B §5.3.8' },
});

export const GICV = registerMap({
  CTLR: { at: 0x0000, access: 'rw', mask: 0x21f, reset: 0, ref: 'IHI 0048B §5.5' },
  PMR: { at: 0x0004, access: 'rw', mask: 0xf8, reset: 0, ref: 'IHI 0048B §5.5' },
  BPR: { at: 0x0008, access: 'rw', mask: 0x7, reset: 2, ref: 'IHI 0048B §5.5' },
  IAR: { at: 0x000c, access: 'ro', mask: 0x1fff, ref: 'IHI 0048B §5.5' },
  EOIR: { at: 0x0010, access: 'wo', mask: 0x1fff, ref: 'IHI 0048B §5.5' },
  RPR: { at: 0x0014, access: 'ro', mask: 0xff, reset: 0xff, ref: 'IHI 0048B §5.5' },
  HPPIR: { at: 0x0018, access: 'ro', mask: 0x1fff, reset: SPURIOUS, ref: 'IHI 0048B §5.5' },
  ABPR: { at: 0x001c, access: 'rw', mask: 0x7, reset: 3, ref: 'IHI 0048B §5.5' },
  AIAR: { at: 0x0020, access: 'ro', mask: 0x1fff, ref: 'IHI 0048B §5.5' },
  AEOIR: { at: 0x0024, access: 'wo', mask: 0x1fff, ref: 'IHI 0048B §5.5' },
  AHPPIR: { at: 0x0028, access: 'ro', mask: 0x1fff, reset: SPURIOUS, ref: 'IHI 0048B §5.5' },
  APR: { at: 0x00d0, access: 'rw', count: 1, reset: 0, ref: 'IHI 0048B §5.5' },
  IIDR: { at: 0x00fc, access: 'ro', reset: 0x0002043b, ref: 'IHI 0048B §5.5' },
  DIR: { at: 0x1000, access: 'wo', mask: 0x1fff, ref: 'IHI 0048B §5.5' },
});
