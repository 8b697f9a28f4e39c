/** Where a guest sees its things: the map Xen gives its dom0less guests (xen/include/public/arch-arm.h of Xen 4.17). */

export const GUEST = {
  GICD: 0x03001000,
  GICC: 0x03002000,
  UART: 0x22000000,
  UART_IRQ: 32,
  /** The management page, of who has one. */
  MANAGEMENT: 0x22010000,
  /** Virtio devices, one behind the other, and their interrupts. */
  VIRTIO: 0x02000000,
  VIRTIO_IRQ: 33,
  RAM: 0x40000000,
  /** Doorbells are given out from here upwards. */
  DOORBELL: 48,
  VTIMER_IRQ: 27,
  /** Configuration space of one bus, and a window for registers, where Xen has its virtual PCI host. */
  PCI: { ECAM: 0x10000000, ECAM_SIZE: 0x100000, WINDOW: 0x23000000, WINDOW_SIZE: 0x100000 },
  /** Memories of ivshmem links, from here upwards. */
  IVSHMEM: 0x30000000,
} as const;
