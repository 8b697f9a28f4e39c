/** Numbers of the flattened device tree. Reference: Devicetree Specification v0.4, chapter 5. */

export const MAGIC = 0xd00dfeed;
export const VERSION = 17;
export const LAST_COMPATIBLE_VERSION = 16;
export const HEADER_BYTES = 40;

export const BEGIN_NODE = 1;
export const END_NODE = 2;
export const PROP = 3;
export const NOP = 4;
export const END = 9;

/** Deepest nesting of nodes that is read, from DTB and DTS alike; Linux has the same limit. */
export const MAX_DEPTH = 64;

/** Byte offsets of the header's fields. */
export const HEADER = {
  magic: 0,
  totalsize: 4,
  off_dt_struct: 8,
  off_dt_strings: 12,
  off_mem_rsvmap: 16,
  version: 20,
  last_comp_version: 24,
  boot_cpuid_phys: 28,
  size_dt_strings: 32,
  size_dt_struct: 36,
} as const;
