/* Half precision as storage: every pattern, both formats, and sums that lose everything. Built with -mfp16-format=ieee. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "numerics.h"

#define AHP (1u << 26)

static uint16_t half_bits(__fp16 value) {
  uint16_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static __fp16 half_of(uint16_t bits) {
  __fp16 value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static uint32_t read_fpscr(void) {
  uint32_t value;
  __asm__ volatile("vmrs %0, fpscr" : "=r"(value));
  return value;
}

static void write_fpscr(uint32_t value) { __asm__ volatile("vmsr fpscr, %0" : : "r"(value)); }

static float widen(uint32_t halves, int top) {
  float out;
  if (top) __asm__ volatile("vcvtt.f32.f16 %0, %1" : "=t"(out) : "t"(float_of(halves)));
  else __asm__ volatile("vcvtb.f32.f16 %0, %1" : "=t"(out) : "t"(float_of(halves)));
  return out;
}

static uint32_t narrow(float value, uint32_t other, int top) {
  float out = float_of(other);
  if (top) __asm__ volatile("vcvtt.f16.f32 %0, %1" : "+t"(out) : "t"(value));
  else __asm__ volatile("vcvtb.f16.f32 %0, %1" : "+t"(out) : "t"(value));
  return float_bits(out);
}

static void every_pattern(void) {
  uint64_t sum = 0;
  int changed = 0, nans = 0, subnormal = 0;

  for (uint32_t bits = 0; bits < 0x10000; bits += 3) {
    const float wide = half_of((uint16_t)bits);
    sum = sum * 31 + float_bits(wide);
    nans += isnan(wide);
    subnormal += wide != 0 && fabsf(wide) < 6.103515625e-05f;
    changed += half_bits((__fp16)wide) != bits;
  }
  printf("all patterns %016llx, %d changed, %d NaNs, %d subnormal\n", (unsigned long long)sum, changed, nans, subnormal);
}

static void alternative(void) {
  static const uint16_t patterns[] = {0, 0x8000, 1, 0x3ff, 0x400, 0x3c00, 0x7bff, 0x7c00, 0x7c01, 0x7e00, 0x7fff, 0xfc00, 0xffff};
  static const float values[] = {0, -0.0f, 1, 65504, 65519, 65520, 131008, 131040, 1e6f, 5.9604645e-8f, 2.9802322e-8f, 1e-10f,
      0.333333f};
  static const uint32_t modes[] = {0, 1u << 22, 2u << 22, 3u << 22, AHP, AHP | 1u << 22, AHP | 1u << 25, 1u << 24};

  for (size_t m = 0; m < COUNT(modes); m++) {
    for (size_t i = 0; i < COUNT(patterns); i++) {
      write_fpscr(modes[m]);
      const float wide = widen((uint32_t)patterns[i] << 16 | 0x1234, 1);
      const uint32_t flags = read_fpscr();
      write_fpscr(0);
      printf("%04x %08lx %08lx%s", patterns[i], (unsigned long)float_bits(wide), (unsigned long)flags, i % 4 == 3 ? "\n" : ", ");
    }
    printf("\n");
    for (size_t i = 0; i < COUNT(values); i++) {
      write_fpscr(modes[m]);
      const uint32_t both = narrow(values[i], narrow(-values[i], 0xffffffff, 0), 1);
      const uint32_t flags = read_fpscr();
      write_fpscr(0);
      printf("%.7g %08lx %08lx%s", (double)values[i], (unsigned long)both, (unsigned long)flags, i % 4 == 3 ? "\n" : ", ");
    }
    printf("\n");
  }
}

void half_precision(void) {
  __fp16 sum = 0, product = 1, table[32];
  float exact = 0;

  every_pattern();
  for (int i = 1; i <= 3000; i++) {
    sum = (__fp16)(sum + 1.0f / (float)i);
    exact += 1.0f / (float)i;
  }
  printf("harmonic %.9g against %.9g\n", (double)sum, (double)exact);
  for (int i = 1; i <= 10; i++) {
    product = (__fp16)(product * (float)i);
    printf("%d! = %.9g %04x\n", i, (double)product, half_bits(product));
  }
  for (int i = 0; i < 32; i++) table[i] = (__fp16)ldexpf((float)random_signed(), (int)random_below(40) - 24);
  for (int i = 0; i < 32; i++) printf("%04x %.9g%s", half_bits(table[i]), (double)(float)table[i], i % 8 == 7 ? "\n" : ", ");
  alternative();
}
