/* Flattened device tree. Reference: Devicetree Specification v0.4, chapter 5. */
#include "fdt.h"

#include <stdbool.h>
#include <stddef.h>

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

/** A property of a child of the root, and what numbers there are made of. */
struct property {
  const uint32_t *value; /* none: not found */
  uint32_t length, address_cells, size_cells;
};

/** The property `name` of the first child whose name begins with `node`. */
static struct property find(const void *tree, const char *node, const char *name) {
  const struct header *header = tree;
  struct property found = {.value = NULL, .address_cells = 2, .size_cells = 1};
  if (fdt_size(tree) == 0) return found;
  const char *names = (const char *)tree + big_endian(header->off_dt_strings);
  const uint32_t *token = (const uint32_t *)((const char *)tree + big_endian(header->off_dt_struct));
  uint32_t depth = 0;
  bool inside = false;
  for (;;) {
    switch (big_endian(*token++)) {
      case BEGIN_NODE:
        inside = ++depth == 2 && begins((const char *)token, node);
        token = skip_name(token);
        break;
      case END_NODE:
        if (--depth == 0) return found;
        inside = false;
        break;
      case PROP: {
        uint32_t length = big_endian(token[0]);
        const char *property = names + big_endian(token[1]);
        if (depth == 1 && begins(property, "#address-cells")) found.address_cells = big_endian(token[2]);
        if (depth == 1 && begins(property, "#size-cells")) found.size_cells = big_endian(token[2]);
        if (inside && begins(property, name)) {
          found.value = token + 2;
          found.length = length;
          return found;
        }
        token += 2 + (length + 3) / 4;
        break;
      }
      case NOP: break;
      default: return found;
    }
  }
}

/** The last cell of each number is enough: our addresses have 32 bits. */
struct fdt_region fdt_memory(const void *tree) {
  struct property reg = find(tree, "memory", "reg");
  if (!reg.value) return (struct fdt_region){0, 0};
  return (struct fdt_region){big_endian(reg.value[reg.address_cells - 1]),
                             big_endian(reg.value[reg.address_cells + reg.size_cells - 1])};
}

uint32_t fdt_argument(const void *tree, const char *name, uint32_t otherwise) {
  const char *text = (const char *)find(tree, "chosen", "bootargs").value;
  for (; text && *text; text++) {
    if (!begins(text, name)) continue;
    while (*name++) text++;
    uint32_t number = 0;
    for (; *text >= '0' && *text <= '9'; text++) number = 10 * number + (uint32_t)(*text - '0');
    return number;
  }
  return otherwise;
}
