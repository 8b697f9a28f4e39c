/* Where the guest's devices are. Normally what Partita's hypervisor shows every partition; BOARD_VIRT is QEMU's bare `virt` board. */
#ifndef PLATFORM_H
#define PLATFORM_H

#include "hyp_abi.h"

#ifdef BOARD_VIRT
#define GICD_BASE   0x08000000
#define GICC_BASE   0x08010000
#define UART_BASE   0x09000000
#else
#define GICD_BASE   GUEST_GICD_BASE
#define GICC_BASE   GUEST_GICC_BASE
#define UART_BASE   GUEST_UART_BASE
#endif

#define GICC_BYTES  0x2000
#define PAGE        0x1000
#define MEGABYTE    0x100000

#endif
