/*
 * functions: a program of 3,000 functions, each of 80 to 150 bytes with branches and a loop, called one after the other; a round calls
 * all of them once. The number in a function's name decides its shape and its constants.
 */
#include "bench.h"

const char bench_name[] = "functions";

#define HASH(n) ((n) * 2654435761u)
#define PICK(n, shift, limit) (HASH(n) >> (shift) & ((limit) - 1))

static uint32_t data[256];

static inline __attribute__((always_inline)) uint32_t branches(uint32_t n, uint32_t x) {
  uint32_t a = HASH(n), sum = x;
  for (uint32_t i = 0; i < 2 + PICK(n, 9, 4); i++) {
    if (x & 1u << PICK(n, 13, 16)) sum += data[(x + n) & 255];
    else sum ^= a >> (i & 7);
    x = x * 5 + sum;
  }
  return sum;
}

static inline __attribute__((always_inline)) uint32_t table(uint32_t n, uint32_t x) {
  uint32_t sum = n;
  for (uint32_t i = x & 7; i < 8 + PICK(n, 7, 4); i += 3) {
    sum = mix(sum, data[(n + i * 7) & 255]);
    data[(n + i) & 255] = sum;
  }
  if (sum > HASH(n)) return sum - x;
  return sum + (x >> PICK(n, 20, 8));
}

static inline __attribute__((always_inline)) uint32_t cases(uint32_t n, uint32_t x) {
  for (uint32_t i = 0; i < 3; i++) {
    if (x % 4 == PICK(n, 3, 4)) x = x * 3 + n;
    else if (x % 8 == PICK(n, 5, 8)) x ^= x >> 5;
    else if (x > HASH(n)) x -= n;
    else x += data[n & 255];
  }
  return x;
}

static inline __attribute__((always_inline)) uint32_t bits(uint32_t n, uint32_t x) {
  uint32_t count = 0;
  for (uint32_t y = x & (0xffu << PICK(n, 6, 16)); y; y &= y - 1) count += PICK(n, 11, 32) + 1;
  if (count & 1) x = ~x;
  return x * (HASH(n) | 1) + count - (uint32_t)__builtin_clz(x | 1);
}

/** A leaf that takes part in the calls of others. */
static __attribute__((noinline)) uint32_t leaf(uint32_t a, uint32_t b) { return a > b ? a - b : b ^ a >> 3; }

static inline __attribute__((always_inline)) uint32_t calls(uint32_t n, uint32_t x) {
  uint32_t sum = leaf(x, HASH(n));
  for (uint32_t i = 0; i < 1 + PICK(n, 8, 2); i++) {
    if (sum & 1u << PICK(n, 14, 8)) sum = leaf(sum, x + i) + n;
    else data[(n + i) & 255] ^= sum;
  }
  return sum;
}

/* 1000 to 3999: the digits are glued to the number from the left. */
#define HUNDRED(m, p) m(p##0) m(p##1) m(p##2) m(p##3) m(p##4) m(p##5) m(p##6) m(p##7) m(p##8) m(p##9)
#define THOUSAND(m, p)                                                                                                  \
  HUNDRED(m, p##0) HUNDRED(m, p##1) HUNDRED(m, p##2) HUNDRED(m, p##3) HUNDRED(m, p##4) HUNDRED(m, p##5) HUNDRED(m, p##6) \
  HUNDRED(m, p##7) HUNDRED(m, p##8) HUNDRED(m, p##9)
#define ALL(m) THOUSAND(m, 1) THOUSAND(m, 2) THOUSAND(m, 3)

/** The last digit chooses the shape. */
#define DEFINE(n, shape) \
  static uint32_t f##n(uint32_t x) { return shape(n, x); }
#define DEFINE_TEN(p)                                                                                                        \
  DEFINE(p##0, branches) DEFINE(p##1, table) DEFINE(p##2, cases) DEFINE(p##3, bits) DEFINE(p##4, calls) DEFINE(p##5, branches) \
  DEFINE(p##6, table) DEFINE(p##7, cases) DEFINE(p##8, bits) DEFINE(p##9, cases)
#define NAME_TEN(p) f##p##0, f##p##1, f##p##2, f##p##3, f##p##4, f##p##5, f##p##6, f##p##7, f##p##8, f##p##9,

ALL(DEFINE_TEN)

typedef uint32_t function(uint32_t);
static function *const functions[] = {ALL(NAME_TEN)};

uint32_t bench_round(uint32_t round) {
  uint32_t x = round * 2654435761u;
  for (uint32_t i = 0; i < sizeof functions / sizeof functions[0]; i++) x = mix(x, functions[i](x));
  return x;
}
