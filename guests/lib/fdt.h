/* What our guests want to know from the device tree: where their RAM is, and what they were told. */
#ifndef FDT_H
#define FDT_H

#include <stdint.h>

struct fdt_region {
  uint32_t base, bytes; /* bytes = 0: not found */
};

/** Total size of the blob at `tree`, 0 if there is none. */
uint32_t fdt_size(const void *tree);

/** First region of the first memory node. */
struct fdt_region fdt_memory(const void *tree);

/** The number that follows `name` (such as "periods=") in /chosen's bootargs. */
uint32_t fdt_argument(const void *tree, const char *name, uint32_t otherwise);

#endif
