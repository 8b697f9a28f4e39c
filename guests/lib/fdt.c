/* Flattened device tree. Reference: Devicetree Specification v0.4, chapter 5. */
#include "fdt.h"

#include <stdbool.h>

#define MAGIC      0xd00dfeed
#define BEGIN_NODE 1
#define END_NODE   2
#define PROP       3
#define NOP        4

struct header {
  uint32_t magic, totalsize, off_dt_struct, off_dt_strings, off_mem_rsvmap, version;
};

static uint32_t big_endian(uint32_t word) { return __builtin_bswap32(word); }

static bool begins(const char *text, const char *prefix) {
  while (*prefix) {
    if (*text++ != *prefix++) return false;
  }
  return true;
}

uint32_t fdt_size(const void *tree) {
  const struct header *header = tree;
  return tree && big_endian(header->magic) == MAGIC ? big_endian(header->totalsize) : 0;
}

static const uint32_t *skip_name(const uint32_t *token) {
  const char *text = (const char *)token;
  while (*text) text++;
  return token + (text - (const char *)token) / 4 + 1;
}

/** The last cell of each number is enough: our addresses have 32 bits. */
static struct fdt_region region(const uint32_t *reg, uint32_t address_cells, uint32_t size_cells) {
  return (struct fdt_region){big_endian(reg[address_cells - 1]), big_endian(reg[address_cells + size_cells - 1])};
}

struct fdt_region fdt_memory(const void *tree) {
  const struct header *header = tree;
  if (fdt_size(tree) == 0) return (struct fdt_region){0, 0};
  const char *names = (const char *)tree + big_endian(header->off_dt_strings);
  const uint32_t *token = (const uint32_t *)((const char *)tree + big_endian(header->off_dt_struct));
  uint32_t depth = 0, address_cells = 2, size_cells = 1;
  bool in_memory = false;
  for (;;) {
    switch (big_endian(*token++)) {
      case BEGIN_NODE:
        in_memory = ++depth == 2 && begins((const char *)token, "memory");
        token = skip_name(token);
        break;
      case END_NODE:
        if (--depth == 0) return (struct fdt_region){0, 0};
        in_memory = false;
        break;
      case PROP: {
        uint32_t length = big_endian(token[0]);
        const char *name = names + big_endian(token[1]);
        if (depth == 1 && begins(name, "#address-cells")) address_cells = big_endian(token[2]);
        if (depth == 1 && begins(name, "#size-cells")) size_cells = big_endian(token[2]);
        if (in_memory && begins(name, "reg")) return region(token + 2, address_cells, size_cells);
        token += 2 + (length + 3) / 4;
        break;
      }
      case NOP: break;
      default: return (struct fdt_region){0, 0};
    }
  }
}
