/* Repeatable figures in, figures and hashes out. */
#include <stdio.h>
#include <string.h>

#include "numerics.h"

static uint64_t state = 1;

void seed(uint64_t value) {
  state = value * 0x9e3779b97f4a7c15u | 1;
}

uint32_t random_word(void) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (uint32_t)(state * 0x2545f4914f6cdd1du >> 32);
}

uint32_t random_below(uint32_t limit) {
  return (uint32_t)((uint64_t)random_word() * limit >> 32);
}

double random_unit(void) {
  const uint64_t high = random_word() >> 5;
  return (double)(high << 26 | random_word() >> 6) / 9007199254740992.0;
}

double random_signed(void) {
  return 2 * random_unit() - 1;
}

void tell_bytes(const char *name, const void *data, size_t size) {
  const uint8_t *bytes = data;
  uint64_t hash = 0xcbf29ce484222325u;

  for (size_t i = 0; i < size; i++)
    hash = (hash ^ bytes[i]) * 0x100000001b3u;
  printf("%s: %u bytes, %016llx\n", name, (unsigned)size, (unsigned long long)hash);
}

void tell_doubles(const char *name, const double *values, size_t count) {
  printf("%s:", name);
  for (size_t i = 0; i < count; i++)
    printf("%s%.17g", i % 8 == 0 && i > 0 ? "\n  " : " ", values[i]);
  printf("\n");
}

void tell_floats(const char *name, const float *values, size_t count) {
  printf("%s:", name);
  for (size_t i = 0; i < count; i++)
    printf("%s%.9g", i % 8 == 0 && i > 0 ? "\n  " : " ", (double)values[i]);
  printf("\n");
}

uint64_t double_bits(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

double double_of(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

uint32_t float_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}
