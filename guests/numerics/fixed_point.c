/* Fixed point: Q15 and Q31 with saturation, CORDIC, a square root by Newton, and VCVT's own formats. */
#include <math.h>
#include <stdio.h>

#include "numerics.h"

typedef int16_t q15;
typedef int32_t q31;

static q15 saturated15(int32_t x) { return (q15)(x > INT16_MAX ? INT16_MAX : x < INT16_MIN ? INT16_MIN : x); }
static q31 saturated31(int64_t x) { return (q31)(x > INT32_MAX ? INT32_MAX : x < INT32_MIN ? INT32_MIN : x); }
static q15 times15(q15 a, q15 b) { return saturated15(((int32_t)a * b + 0x4000) >> 15); }
static q31 times31(q31 a, q31 b) { return saturated31(((int64_t)a * b + 0x40000000) >> 31); }

static void arithmetic(void) {
  static const q15 few[] = {INT16_MIN, -16384, -1, 0, 1, 12345, 16384, INT16_MAX};

  for (size_t i = 0; i < COUNT(few); i++)
    for (size_t j = 0; j < COUNT(few); j++)
      printf("%d %d %ld%s", times15(few[i], few[j]), saturated15(few[i] + few[j]),
             (long)times31((q31)few[i] << 16 | 0x7fff, (q31)few[j] * 65536), j == 7 ? "\n" : ", ");
}

/* Rotates (1/gain, 0) by an angle in units of 2^-29; sine and cosine in the same units. */
static void cordic(int32_t angle, int32_t *sine, int32_t *cosine) {
  static int32_t table[28];
  int32_t x = 326016437, y = 0;

  if (table[0] == 0)
    for (int i = 0; i < 28; i++) table[i] = (int32_t)lrint(ldexp(atan(ldexp(1, -i)), 29));
  for (int i = 0; i < 28; i++) {
    const int32_t dx = y >> i, dy = x >> i;
    if (angle >= 0) {
      x -= dx;
      y += dy;
      angle -= table[i];
    } else {
      x += dx;
      y -= dy;
      angle += table[i];
    }
  }
  *sine = y;
  *cosine = x;
}

static uint32_t reciprocal(uint32_t d) {
  const int shift = __builtin_clz(d);
  const uint32_t n = d << shift;
  uint32_t x = 0xffffffff - n + (n >> 3);
  for (int i = 0; i < 5; i++) {
    const uint32_t error = (uint32_t)-(int32_t)(((uint64_t)n * x) >> 32);
    x = (uint32_t)(((uint64_t)x * error) >> 31);
  }
  return x >> (31 - shift);
}

#define FROM_FIXED(form, bits)                                                                        \
  do {                                                                                                      \
    float f_ = float_of(word);                                                                              \
    double d_ = double_of(word);                                                                            \
    __asm__("vcvt.f32." form " %0, %0, #" #bits : "+t"(f_));                                                \
    __asm__("vcvt.f64." form " %P0, %P0, #" #bits : "+w"(d_));                                              \
    printf(" %.9g %.17g", (double)f_, d_);                                                                  \
    __asm__("vcvt." form ".f32 %0, %0, #" #bits : "+t"(f_));                                                \
    __asm__("vcvt." form ".f64 %P0, %P0, #" #bits : "+w"(d_));                                              \
    printf(" %08lx %016llx", (unsigned long)float_bits(f_), (unsigned long long)double_bits(d_));           \
  } while (0)

static void machine_formats(void) {
  static const uint32_t words[] = {0, 1, 0x7fff, 0x8000, 0xffff, 0x12345678, 0x7fffffff, 0x80000000, 0xffffffff, 0x01000001};

  for (size_t i = 0; i < COUNT(words); i++) {
    const uint32_t word = words[i];
    printf("%08lx:", (unsigned long)word);
    FROM_FIXED("s16", 1);
    FROM_FIXED("u16", 16);
    FROM_FIXED("s32", 31);
    FROM_FIXED("u32", 5);
    printf("\n");
  }
}

void fixed_point(void) {
  double worst = 0;

  arithmetic();
  for (int i = -16; i <= 16; i++) {
    const double angle = i * 0.098;
    int32_t sine, cosine;
    cordic((int32_t)lrint(ldexp(angle, 29)), &sine, &cosine);
    worst = fmax(worst, fabs(ldexp(sine, -29) - sin(angle)));
    printf("%ld %ld %.10f\n", (long)sine, (long)cosine, ldexp(sine, -29));
  }
  printf("worst %.3e\n", worst);
  for (uint32_t d = 3; d < 1000000; d = d * 5 / 2 + 1) printf("1/%lu %lu %lu\n", (unsigned long)d, (unsigned long)reciprocal(d),
      (unsigned long)(0xffffffff / d));
  machine_formats();
}
