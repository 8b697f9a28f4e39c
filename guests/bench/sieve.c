/* sieve: prime numbers by bytes and by bits. */
#include "bench.h"

const char bench_name[] = "sieve";

#define BYTES 100000
#define BITS  262144

static uint8_t composite[BYTES];
static uint32_t odd[BITS / 32];

static uint32_t by_bytes(uint32_t limit) {
  uint32_t primes = 0;
  for (uint32_t i = 0; i < limit; i++) composite[i] = 0;
  for (uint32_t i = 2; i < limit; i++) {
    if (composite[i]) continue;
    primes++;
    for (uint32_t j = 2 * i; j < limit; j += i) composite[j] = 1;
  }
  return primes;
}

/** Bit i stands for 2 * i + 1. */
static uint32_t by_bits(uint32_t limit) {
  uint32_t primes = 1;
  for (uint32_t i = 0; i < BITS / 32; i++) odd[i] = 0;
  for (uint32_t i = 1; i < limit; i++) {
    if (odd[i / 32] >> i % 32 & 1) continue;
    primes++;
    for (uint32_t j = 2 * i * (i + 1); j < limit && i < 1024; j += 2 * i + 1) odd[j / 32] |= 1u << j % 32;
  }
  return primes;
}

uint32_t bench_round(uint32_t round) { return mix(by_bytes(BYTES - round % 64), by_bits(BITS - round % 1000)); }
