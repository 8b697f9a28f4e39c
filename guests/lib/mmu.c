/* Short-descriptor translation tables. Reference: Arm DDI 0406C, B3.5. */
#include "mmu.h"

#include "cp15.h"
#include "platform.h"

#define SECTION    2u
#define PAGE_TABLE 1u
#define SMALL_PAGE 2u

/* Attributes, in the positions of a small-page descriptor. SCTLR.AFE and TRE are 0: AP has three bits, TEX/C/B are direct. */
#define XN         (1u << 0)
#define DEVICE     (1u << 2)                             /* TEX=000 C=0 B=1 */
#define NORMAL     ((1u << 6) | (1u << 3) | (1u << 2))   /* TEX=001 C=1 B=1: write-back, write-allocate */
#define SHAREABLE  (1u << 10)
#define PL1_RW     (1u << 4)
#define PL1_RO     ((1u << 9) | (1u << 4))
#define ALL_RW     (3u << 4)

#define TABLES     12

static uint32_t first_level[4096] __attribute__((aligned(16384)));
static uint32_t second_level[TABLES][256] __attribute__((aligned(1024)));
static unsigned tables_used;

extern char text_end[], rodata_end[];

static uint32_t attributes(memory_kind kind) {
  switch (kind) {
    case MEMORY_CODE: return NORMAL | SHAREABLE | PL1_RO;
    case MEMORY_CONSTANT: return NORMAL | SHAREABLE | PL1_RO | XN;
    case MEMORY_DATA: return NORMAL | SHAREABLE | PL1_RW | XN;
    case MEMORY_DEVICE: return DEVICE | SHAREABLE | PL1_RW | XN;
    case MEMORY_DEVICE_ANYTHING: return DEVICE | SHAREABLE | ALL_RW;
    default: return NORMAL | SHAREABLE | ALL_RW;
  }
}

/** A section descriptor has the same attributes at other places. */
uint32_t mmu_section(uint32_t pa, memory_kind kind) {
  uint32_t page = attributes(kind);
  return (pa & 0xfff00000) | ((page & 0xff0) << 6) | (page & 0xc) | ((page & XN) << 4) | SECTION;
}

/** New descriptors count once the table write is done and the old translations are gone. */
static void forget_translations(void) {
  dsb();
  write_TLBIALL(0);
  write_BPIALL(0);
  dsb();
  isb();
}

/** The second-level table of va's MiB, made on demand. A section that was there is gone then. */
static uint32_t *table_of(uint32_t va) {
  uint32_t *entry = &first_level[va >> 20];
  if ((*entry & 3) == PAGE_TABLE) return (uint32_t *)(*entry & ~0x3ffu);
  if (tables_used == TABLES) return 0;
  uint32_t *table = second_level[tables_used++];
  *entry = (uint32_t)table | PAGE_TABLE;
  return table;
}

static int map_page(uint32_t va, uint32_t pa, memory_kind kind) {
  uint32_t *table = table_of(va);
  if (!table) return 0;
  table[(va >> 12) & 0xff] = (pa & ~0xfffu) | attributes(kind) | SMALL_PAGE;
  return 1;
}

int mmu_map(uint32_t va, uint32_t pa, uint32_t bytes, memory_kind kind) {
  int mapped = 1;
  while (bytes > 0 && mapped) {
    uint32_t size = (va | pa) % MEGABYTE == 0 && bytes >= MEGABYTE ? MEGABYTE : PAGE;
    if (size == MEGABYTE) first_level[va >> 20] = mmu_section(pa, kind);
    else mapped = map_page(va, pa, kind);
    va += size;
    pa += size;
    bytes -= size < bytes ? size : bytes;
  }
  forget_translations();
  return mapped;
}

void mmu_set_first_level(uint32_t va, uint32_t descriptor) {
  first_level[va >> 20] = descriptor;
  forget_translations();
}

uint32_t mmu_first_level(uint32_t va) { return first_level[va >> 20]; }

/** Everything has its own address (VA = PA). Unlisted addresses fault: a null pointer is caught. */
void mmu_build_tables(void) {
  uint32_t text = (uint32_t)text_end, constants = (uint32_t)rodata_end, end = GUEST_RAM_BASE + MEGABYTE;
  mmu_map(GUEST_RAM_BASE, GUEST_RAM_BASE, text - GUEST_RAM_BASE, MEMORY_CODE);
  mmu_map(text, text, constants - text, MEMORY_CONSTANT);
  mmu_map(constants, constants, end - constants, MEMORY_DATA);
  mmu_map(GICD_BASE, GICD_BASE, PAGE, MEMORY_DEVICE);
  mmu_map(GICC_BASE, GICC_BASE, GICC_BYTES, MEMORY_DEVICE);
  mmu_map(UART_BASE, UART_BASE, PAGE, MEMORY_DEVICE);
}

void mmu_enable(void) {
  write_TTBCR(0);
  write_TTBR0((uint32_t)first_level | 0x4a); /* walks: write-back, write-allocate, shareable, as the tables are mapped */
  write_DACR(1);                             /* domain 0: client, permissions are checked */
  write_ICIALLU(0);
  forget_translations();
  uint32_t off = SCTLR_A | SCTLR_V | SCTLR_EE | SCTLR_TRE | SCTLR_AFE | SCTLR_TE;
  write_SCTLR((read_SCTLR() & ~off) | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_Z);
  isb();
}
