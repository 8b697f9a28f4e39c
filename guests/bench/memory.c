/*
 * memory: 16 MiB in 4 KiB pages whose order in physical memory is not that of their addresses. A chain through all of it, a word
 * in every page, random updates, block copies.
 */
#include "bench.h"

#include "cp15.h"
#include "mmu.h"

const char bench_name[] = "memory";

#define MEBIBYTE 0x100000u
#define VIRTUAL  0x60000000u
#define PHYSICAL 0x42000000u
#define MIBS     16u
#define BYTES    (MIBS * MEBIBYTE)
#define PAGES    (BYTES / 4096)
#define NODE     64u
#define NODES    (BYTES / NODE)
#define TABLE    1u
#define NORMAL_PAGE 0x45fu /* small page, read and write at PL1, write-back, shareable, never executed */

#define STEPS    100000u

void *memcpy(void *to, const void *from, unsigned bytes);

static uint32_t tables[MIBS][256] __attribute__((aligned(1024)));

static uint32_t *word(uint32_t offset) { return (uint32_t *)(VIRTUAL + offset); }

static void map(void) {
  for (uint32_t page = 0; page < PAGES; page++) tables[page / 256][page % 256] = (PHYSICAL + page * 1237 % PAGES * 4096) | NORMAL_PAGE;
  for (uint32_t i = 0; i < MIBS; i++) mmu_set_first_level(VIRTUAL + i * MEBIBYTE, (uint32_t)tables[i] | TABLE);
}

/** A node's first word is the address of the next one; an odd step with full period visits all nodes. */
static void link(void) {
  uint32_t at = 0;
  for (uint32_t i = 0; i < NODES; i++) {
    uint32_t next = (at * 1664525u + 1013904223u) % NODES;
    *word(at * NODE) = VIRTUAL + next * NODE;
    word(at * NODE)[1] = i;
    at = next;
  }
}

void bench_start(void) {
  map();
  link();
}

static uint32_t chase(uint32_t round) {
  const uint32_t *at = word(round % NODES * NODE);
  uint32_t sum = 0;
  for (uint32_t i = 0; i < STEPS; i++) {
    sum += at[1];
    at = (const uint32_t *)at[0];
  }
  return sum;
}

static void touch(uint32_t round) {
  for (uint32_t page = 0; page < PAGES; page++) word(page * 4096 + page % 32 * NODE)[2] += round;
}

static uint32_t update(uint32_t seed) {
  uint32_t state = seed | 1, sum = 0;
  for (uint32_t i = 0; i < STEPS; i++) {
    uint32_t *at = word(draw(&state) % NODES * NODE);
    at[3] ^= state;
    sum += at[2] + at[3];
  }
  return sum;
}

/** Four blocks of 128 KiB, onto the half of each node that the chain does not use. */
static uint32_t copy(uint32_t round) {
  uint32_t sum = 0;
  for (uint32_t block = 0; block < 4096; block++) {
    uint32_t from = (block * 4 + round) % NODES * NODE, to = (block * 12 + round * 7) % NODES * NODE;
    memcpy(word(to) + 8, word(from), 32);
    sum = mix(sum, word(to)[11]);
  }
  return sum;
}

uint32_t bench_round(uint32_t round) {
  write_TLBIALL(0); /* as when address spaces change */
  dsb();
  isb();
  touch(round);
  return mix(mix(chase(round), update(round * 2654435761u)), copy(round));
}
