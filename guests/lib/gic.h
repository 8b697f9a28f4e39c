/* GICv2, as a guest sees it. */
#ifndef GIC_H
#define GIC_H

#include <stdint.h>

#define GIC_SPURIOUS 1023
#define GIC_HANDLERS 128

typedef void interrupt_handler(void);

/** Distributor and this CPU's interface on, every priority let through. */
void gic_start(void);

/** Have an interrupt delivered to this CPU and handled. The handler runs with interrupts masked. */
void gic_enable(uint32_t id, interrupt_handler *handler);
void gic_disable(uint32_t id);

/** Called by the IRQ vector. */
void gic_dispatch(void);

#endif
