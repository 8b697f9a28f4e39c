/* The guest's own translation (stage 1), short-descriptor format. */
#ifndef MMU_H
#define MMU_H

#include <stdint.h>

/** What may be done with a piece of memory, and how it is cached. */
typedef enum {
  MEMORY_CODE,             /* read and execute */
  MEMORY_CONSTANT,         /* read */
  MEMORY_DATA,             /* read and write */
  MEMORY_DEVICE,           /* read and write, not cached, in order */
  MEMORY_ANYTHING,         /* read, write, execute, from User mode too */
  MEMORY_DEVICE_ANYTHING,  /* the same, not cached */
} memory_kind;

/** Fill the tables with the image's own map; runs once, before any other C. */
void mmu_build_tables(void);

/** Switch on the MMU and the caches of the CPU this runs on. */
void mmu_enable(void);

/** Map [va, va + bytes) to pa. 1 MiB sections where possible, else 4 KiB pages. Returns 0 if all tables are used up. */
int mmu_map(uint32_t va, uint32_t pa, uint32_t bytes, memory_kind kind);

/** Put any first-level descriptor in place, for those who know what they do (or do it on purpose). */
void mmu_set_first_level(uint32_t va, uint32_t descriptor);
uint32_t mmu_first_level(uint32_t va);
uint32_t mmu_section(uint32_t pa, memory_kind kind);

#endif
