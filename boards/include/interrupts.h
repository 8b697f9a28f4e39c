/* Cells of a GIC interrupt specifier: kind, number, trigger. */
#define GIC_SPI 0
#define GIC_PPI 1
#define IRQ_TYPE_EDGE_RISING 1
#define IRQ_TYPE_LEVEL_HIGH 4
#define IRQ_TYPE_LEVEL_LOW 8
/* A PPI's trigger cell also names the cores it belongs to. */
#define GIC_CPU_MASK_SIMPLE(cores) (((1 << (cores)) - 1) << 8)
