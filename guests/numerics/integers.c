/* Division of every width, bits turned and counted, saturation, and the number theory of 64-bit words. */
#include <stdio.h>
#include <stdlib.h>

#include "numerics.h"

static const int64_t edges[] = {0, 1, -1, 2, 3, -7, 10, 127, 128, 255, 256, 32767, -32768, 65537, 1000003, INT32_MAX, INT32_MIN,
                                4294967296, -4294967297, 999999999999, INT64_MAX, INT64_MIN, INT64_MAX - 1, 0x5555555555555555};

static void divisions(void) {
  uint64_t sum = 0;

  for (size_t i = 0; i < COUNT(edges); i++) {
    for (size_t j = 0; j < COUNT(edges); j++) {
      const int64_t a = edges[i], b = edges[j];
      if (b == 0) continue;
      const uint64_t ua = (uint64_t)a, ub = (uint64_t)b;
      if (!(a == INT64_MIN && b == -1)) sum = sum * 31 + (uint64_t)(a / b) * 7 + (uint64_t)(a % b);
      sum = sum * 31 + ua / ub * 7 + ua % ub;
      const int32_t c = (int32_t)a, d = (int32_t)b;
      if (d == 0) continue;
      if (!(c == INT32_MIN && d == -1)) sum = sum * 31 + (uint32_t)(c / d) * 7 + (uint32_t)(c % d);
      sum = sum * 31 + (uint32_t)c / (uint32_t)d * 7 + (uint32_t)c % (uint32_t)d;
    }
    printf("%lld: %lld %lld %lld %lld %016llx\n", (long long)edges[i], (long long)(edges[i] / 10), (long long)(edges[i] % 10),
           (long long)(edges[i] / -1000), (long long)(edges[i] >> 7), (unsigned long long)sum);
  }
  const div_t small = div(-17, 5);
  const lldiv_t large = lldiv(-1234567890123456789, 987654321);
  printf("%d %d %lld %lld\n", small.quot, small.rem, large.quot, large.rem);
}

static uint32_t reversed(uint32_t x) {
  x = (x >> 1 & 0x55555555) | (x & 0x55555555) << 1;
  x = (x >> 2 & 0x33333333) | (x & 0x33333333) << 2;
  x = (x >> 4 & 0x0f0f0f0f) | (x & 0x0f0f0f0f) << 4;
  return x << 24 | (x & 0xff00) << 8 | (x >> 8 & 0xff00) | x >> 24;
}

static uint32_t gather(uint32_t x, uint32_t mask) {
  uint32_t out = 0;
  for (uint32_t bit = 1; mask != 0; bit <<= 1, mask &= mask - 1)
    if (x & mask & -mask) out |= bit;
  return out;
}

static void bits(void) {
  for (int i = 0; i < 40; i++) {
    const uint32_t x = i < 8 ? 0xf0u << i * 3 : random_word() >> random_below(32);
    const uint64_t y = (uint64_t)random_word() << 32 | x;
    printf("%08lx %08lx %2d %2d %2d %d %08lx %08lx %04x ", (unsigned long)x, (unsigned long)reversed(x), x
        ? __builtin_clz(x) : 32,
           x ? __builtin_ctz(x) : 32, __builtin_popcount(x), __builtin_parityll(y), (unsigned long)__builtin_bswap32(x),
           (unsigned long)gather(x, 0x5a5af0f3), __builtin_bswap16((uint16_t)x));
    printf("%016llx %016llx %d %d %016llx %lld\n", (unsigned long long)(y << (x & 63)), (unsigned long long)(y >> (x & 63)),
           __builtin_clzll(y | 1), __builtin_ffsll((long long)y), (unsigned long long)__builtin_bswap64(y),
           (long long)y >> (x & 31));
  }
}

static void overflows(void) {
  int count = 0;
  uint32_t sum = 0;

  for (size_t i = 0; i < COUNT(edges); i++)
    for (size_t j = 0; j < COUNT(edges); j++) {
      int32_t narrow;
      int64_t wide;
      count += __builtin_add_overflow((int32_t)edges[i], (int32_t)edges[j], &narrow);
      sum = sum * 31 + (uint32_t)narrow;
      count += __builtin_sub_overflow(edges[i], edges[j], &wide) * 2;
      sum = sum * 31 + (uint32_t)(wide >> 20);
      count += __builtin_mul_overflow(edges[i], edges[j], &wide) * 4;
      sum = sum * 31 + (uint32_t)(wide >> 30);
      count += __builtin_mul_overflow((int32_t)edges[i], (int32_t)edges[j], &narrow) * 8;
      sum = sum * 31 + (uint32_t)narrow;
    }
  printf("%d overflows, %08lx\n", count, (unsigned long)sum);
}

static uint64_t multiply_modulo(uint64_t a, uint64_t b, uint64_t m) {
  uint64_t out = 0;
  for (; b != 0; b >>= 1) {
    if (b & 1) out = out >= m - a ? out - (m - a) : out + a;
    a = a >= m - a ? a - (m - a) : a + a;
  }
  return out;
}

static int is_prime(uint64_t n) {
  static const uint32_t bases[] = {2, 3, 5, 7, 11, 13};
  uint64_t odd = n - 1;
  int twos = 0;

  for (; odd % 2 == 0; odd /= 2) twos++;
  for (size_t i = 0; i < COUNT(bases); i++) {
    if (n % bases[i] == 0) return n == bases[i];
    uint64_t x = 1, power = bases[i];
    for (uint64_t e = odd; e != 0; e >>= 1) {
      if (e & 1) x = multiply_modulo(x, power, n);
      power = multiply_modulo(power, power, n);
    }
    int witness = x != 1 && x != n - 1;
    for (int t = 1; t < twos && witness; t++) {
      x = multiply_modulo(x, x, n);
      if (x == n - 1) witness = 0;
    }
    if (witness) return 0;
  }
  return 1;
}

static uint64_t common_divisor(uint64_t a, uint64_t b) {
  while (b != 0) {
    const uint64_t t = a % b;
    a = b;
    b = t;
  }
  return a;
}

static uint32_t square_root(uint64_t n) {
  uint64_t root = 0;
  for (uint64_t bit = 1ull << 62; bit != 0; bit >>= 2) {
    if (n >= root + bit) {
      n -= root + bit;
      root = (root >> 1) + bit;
    } else root >>= 1;
  }
  return (uint32_t)root;
}

static void number_theory(void) {
  static uint8_t sieve[4000];
  int primes = 0, last = 0;

  for (int i = 2; i < 4000; i++)
    if (!sieve[i]) {
      primes++;
      last = i;
      for (int j = i * i; j < 4000; j += i) sieve[j] = 1;
    }
  printf("%d primes, the last %d\n", primes, last);
  for (uint64_t n = 1000000007; n < 1000000040; n += 2)
    if (is_prime(n)) printf("prime %llu\n", (unsigned long long)n);
  printf("%d %d\n", is_prime(18446744073709551557u), is_prime(3215031751u));
  for (int i = 0; i < 24; i++) {
    const uint64_t a = (uint64_t)random_word() * random_below(1000), b = (uint64_t)random_word() * 360;
    printf("%llu %lu %d\n", (unsigned long long)common_divisor(a, b), (unsigned long)square_root(a * a + b),
           square_root(a) == square_root(a + 1));
  }
}

void integers(void) {
  divisions();
  bits();
  overflows();
  number_theory();
}
