/* What every image of the bench consists of: a name, a piece of work that can be repeated, and rounds.c, which repeats it. */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>

/** What the output's lines begin with. */
extern const char bench_name[];

/** Once, before the rounds. */
void bench_start(void);

/** One round; returns a checksum, which must not depend on time. */
uint32_t bench_round(uint32_t round);

/** After the rounds: what has to be checked or stopped. */
void bench_end(void);

/** Marsaglia's xorshift generator; the state must not be 0. */
static inline uint32_t draw(uint32_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

static inline uint32_t mix(uint32_t sum, uint32_t value) { return ((sum << 5) | (sum >> 27)) ^ value; }

#endif
