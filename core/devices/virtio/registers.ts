/**
 * The registers of virtio over MMIO, in both layouts. Reference: Virtual I/O Device 1.1, sections 4.2.2 (MMIO Device Register Layout)
 * and 4.2.4 (Legacy interface). A register that the layout in use lacks reads as zero and ignores writes.
 */
import { registerMap } from '../../bus/registers.ts';

export const VIRTIO_MMIO = registerMap({
  MagicValue: { at: 0x000, access: 'ro', reset: 0x74726976 },
  Version: { at: 0x004, access: 'ro' },
  DeviceID: { at: 0x008, access: 'ro' },
  VendorID: { at: 0x00c, access: 'ro', reset: 0x554d4551 },
  DeviceFeatures: { at: 0x010, access: 'ro' },
  DeviceFeaturesSel: { at: 0x014, access: 'wo' },
  DriverFeatures: { at: 0x020, access: 'wo' },
  DriverFeaturesSel: { at: 0x024, access: 'wo' },
  /** Legacy only. */
  GuestPageSize: { at: 0x028, access: 'wo' },
  QueueSel: { at: 0x030, access: 'wo' },
  QueueNumMax: { at: 0x034, access: 'ro' },
  QueueNum: { at: 0x038, access: 'wo' },
  /** Legacy only, this and the next. */
  QueueAlign: { at: 0x03c, access: 'wo' },
  QueuePFN: { at: 0x040, access: 'rw', reset: 0 },
  QueueReady: { at: 0x044, access: 'rw', mask: 1, reset: 0 },
  QueueNotify: { at: 0x050, access: 'wo' },
  InterruptStatus: { at: 0x060, access: 'ro', mask: 3, reset: 0 },
  InterruptACK: { at: 0x064, access: 'wo', mask: 3 },
  Status: { at: 0x070, access: 'rw', mask: 0xff, reset: 0 },
  /** Low and high half, this and the next two. */
  QueueDesc: { at: 0x080, access: 'wo', count: 2 },
  QueueDriver: { at: 0x090, access: 'wo', count: 2 },
  QueueDevice: { at: 0x0a0, access: 'wo', count: 2 },
  SHMSel: { at: 0x0ac, access: 'wo' },
  /** Length and base in two halves each: all ones, since there is no shared memory. */
  SHMLen: { at: 0x0b0, access: 'ro', count: 2, reset: 0xffffffff },
  SHMBase: { at: 0x0b8, access: 'ro', count: 2 },
  ConfigGeneration: { at: 0x0fc, access: 'ro' },
  Config: { at: 0x100, access: 'rw', width: 1, count: 0x100 },
});

/** Bits of Status, section 2.1. */
export const ACKNOWLEDGE = 1;
export const DRIVER = 2;
export const DRIVER_OK = 4;
export const FEATURES_OK = 8;
export const NEEDS_RESET = 0x40;
export const FAILED = 0x80;

/** Bits of InterruptStatus. */
export const USED_BUFFER = 1;
export const CONFIG_CHANGE = 2;

/** Features that belong to queues and transport, section 6. */
export const F_ANY_LAYOUT = 1n << 27n;
export const F_INDIRECT_DESC = 1n << 28n;
export const F_EVENT_IDX = 1n << 29n;
export const F_VERSION_1 = 1n << 32n;
export const F_RING_PACKED = 1n << 34n;
