/**
 * What an ivshmem function of version 2 has in its configuration space. References: ivshmem v2 specification (Jailhouse,
 * Documentation/ivshmem-v2-specification.md), "Configuration Space Registers"; PCI Express Base Specification 4.0, 7.8.5 (Enhanced Allocation).
 */
import type { FunctionConfig, LinkConfig } from './config.ts';
import { memorySize } from './ivshmem-sections.ts';
import type { ConfigField } from './pci-config-space.ts';

export const [VENDOR, DEVICE] = [0x110a, 0x4106];
const BASE_CLASS = 0xff;

/** Offsets that the function looks at. */
export const CONFIG = { COMMAND: 0x04, STATUS: 0x06, BAR0: 0x10, PRIVILEGED_CONTROL: 0x43 } as const;
export const COMMAND = { MEMORY: 1 << 1, MASTER: 1 << 2, INTX_DISABLE: 1 << 10 } as const;
/** Bits of the status register: a capability list, and an interrupt that waits. */
export const STATUS = { INTERRUPT: 1 << 3, CAPABILITIES: 1 << 4 } as const;
export const ONE_SHOT = 1;
/** Registers take a page of PCI memory, so that a guest's user can be given them alone. */
export const REGISTERS_SIZE = 0x1000;

const VENDOR_CAPABILITY = { at: 0x40, id: 0x09, length: 0x20 } as const;
const ENHANCED_ALLOCATION = { at: 0x60, id: 0x14 } as const;
/** An entry that is enabled, prefetchable memory in place of BAR 2, without second choice, with two words after this one. */
const FIXED_BAR2 = (0x8000_0000 | (0xff << 16) | (0x01 << 8) | (2 << 4) | 2) >>> 0;
const INTA = 1;

const field = (at: number, width: ConfigField['width'], reset: number, writable = 0): ConfigField => ({
  at,
  width,
  reset,
  writable,
});

export function header(link: LinkConfig, { ipa, irq }: FunctionConfig): ConfigField[] {
  return [
    field(0x00, 2, VENDOR),
    field(0x02, 2, DEVICE),
    field(CONFIG.COMMAND, 2, 0, COMMAND.MEMORY | COMMAND.MASTER | COMMAND.INTX_DISABLE),
    field(CONFIG.STATUS, 2, STATUS.CAPABILITIES),
    field(0x09, 2, link.protocol),
    field(0x0b, 1, BASE_CLASS),
    field(CONFIG.BAR0, 4, 0, -REGISTERS_SIZE >>> 0),
    field(0x2c, 2, VENDOR),
    field(0x2e, 2, DEVICE),
    field(0x34, 1, VENDOR_CAPABILITY.at),
    // As firmware would leave it for those who look at no interrupt-map: the interrupt's ID, or "unknown" where it does not fit.
    field(0x3c, 1, Math.min(irq, 0xff), 0xff),
    field(0x3d, 1, INTA),
    ...vendorCapability(link, ipa),
    ...enhancedAllocation(link, ipa),
  ];
}

/** Where the memory is, and its sections. Nobody can move it: there is no BAR 2. */
function vendorCapability({ stateTable, readWrite, output }: LinkConfig, ipa: number): ConfigField[] {
  const { at, id, length } = VENDOR_CAPABILITY;
  return [
    field(at, 1, id),
    field(at + 1, 1, ENHANCED_ALLOCATION.at),
    field(at + 2, 1, length),
    field(CONFIG.PRIVILEGED_CONTROL, 1, 0, ONE_SHOT),
    field(at + 4, 4, stateTable),
    field(at + 8, 4, readWrite),
    field(at + 0x10, 4, output),
    field(at + 0x18, 4, ipa),
  ];
}

/** Says the same of the memory in PCI's own words, so that a stock kernel gives it to its users as the function's resource 2. */
function enhancedAllocation(link: LinkConfig, ipa: number): ConfigField[] {
  const { at, id } = ENHANCED_ALLOCATION;
  return [
    field(at, 1, id),
    field(at + 2, 1, 1),
    field(at + 4, 4, FIXED_BAR2),
    field(at + 8, 4, ipa),
    field(at + 12, 4, (memorySize(link) - 1) & ~3),
  ];
}
