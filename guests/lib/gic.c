/* GICv2. Reference: Arm IHI 0048B. */
#include "gic.h"

#include "cp15.h"
#include "platform.h"

#define GICD(offset) (*(volatile uint32_t *)(GICD_BASE + (offset)))
#define GICD_BYTE(offset) (*(volatile uint8_t *)(GICD_BASE + (offset)))
#define GICC(offset) (*(volatile uint32_t *)(GICC_BASE + (offset)))

#define GICD_CTLR       GICD(0x000)
#define GICD_ISENABLER  0x100
#define GICD_ICENABLER  0x180
#define GICD_IPRIORITYR 0x400
#define GICD_ITARGETSR  0x800

#define GICC_CTLR GICC(0x00)
#define GICC_PMR  GICC(0x04)
#define GICC_BPR  GICC(0x08)
#define GICC_IAR  GICC(0x0c)
#define GICC_EOIR GICC(0x10)

static interrupt_handler *handlers[GIC_HANDLERS];

void gic_start(void) {
  GICD_CTLR = 1;
  GICC_PMR = 0xff;
  GICC_BPR = 0;
  GICC_CTLR = 1;
}

void gic_enable(uint32_t id, interrupt_handler *handler) {
  if (id >= GIC_HANDLERS) return;
  handlers[id] = handler;
  GICD_BYTE(GICD_IPRIORITYR + id) = 0x80;
  if (id >= 32) GICD_BYTE(GICD_ITARGETSR + id) = 1u << (read_MPIDR() & 7); /* SGIs and PPIs have no choice of CPU */
  dsb();
  GICD(GICD_ISENABLER + id / 32 * 4) = 1u << id % 32;
}

void gic_disable(uint32_t id) { GICD(GICD_ICENABLER + id / 32 * 4) = 1u << id % 32; }

/** Take interrupts until there are none: cheaper than an exception for each. */
void gic_dispatch(void) {
  for (;;) {
    uint32_t acknowledged = GICC_IAR;
    uint32_t id = acknowledged & 0x3ff;
    if (id >= 1020) return; /* special ids: nothing (more) is pending */
    if (id < GIC_HANDLERS && handlers[id]) handlers[id]();
    GICC_EOIR = acknowledged; /* with the sender's number, which an SGI needs */
  }
}
