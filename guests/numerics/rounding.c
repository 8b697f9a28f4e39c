/* The same operations in every rounding mode, with flush-to-zero and default NaNs too, and the flags that they leave behind. */
#include <math.h>
#include <stdio.h>

#include "numerics.h"

#define FLAGS 0x9fu

static uint32_t fpscr(void) {
  uint32_t value;
  __asm__ volatile("vmrs %0, fpscr" : "=r"(value) : : "memory");
  return value;
}

static void set_fpscr(uint32_t value) { __asm__ volatile("vmsr fpscr, %0" : : "r"(value) : "memory"); }

static const uint32_t modes[] = {0, 1u << 22, 2u << 22, 3u << 22, 1u << 24, 1u << 25, 1u << 24 | 3u << 22};

static const double pairs[][2] = {
  {1, 3},          {1, 0x1p-60},     {0x1.fffffffffffffp+1023, 0x1p970}, {0x1p-1022, 0x1p-1},    {0x1.8p-1060, 3},
  {-1, 0},         {0, 0},           {INFINITY, -INFINITY},              {NAN, 1},               {-7.25, 0.5},
  {0x1p-600, 0x1p-600}, {0x1p600, -0x1p600}, {2, 0x1.fffffffffffffp-1},  {0x1p-1074, 0x1p-1074}, {1e308, 10},
};

#define IN_MODE(mode, type, expression, flags)     \
  ({                                               \
    set_fpscr(mode);                               \
    const volatile type result_ = (expression);    \
    (flags) = fpscr() & FLAGS;                     \
    set_fpscr(0);                                  \
    result_;                                       \
  })

static void doubles(void) {
  for (size_t i = 0; i < COUNT(pairs); i++) {
    volatile double a = pairs[i][0], b = pairs[i][1];
    for (size_t m = 0; m < COUNT(modes); m++) {
      uint32_t f[6];
      const double sum = IN_MODE(modes[m], double, a + b, f[0]), difference = IN_MODE(modes[m], double, a - b, f[1]);
      const double product = IN_MODE(modes[m], double, a * b, f[2]), quotient = IN_MODE(modes[m], double, a / b, f[3]);
      const double root = IN_MODE(modes[m], double, sqrt(a), f[4]), fused = IN_MODE(modes[m], double, fma(a, b, a), f[5]);
      printf("%u.%u %016llx:%02lx %016llx:%02lx %016llx:%02lx %016llx:%02lx %016llx:%02lx %016llx:%02lx\n", (unsigned)i,
             (unsigned)m, (unsigned long long)double_bits(sum), (unsigned long)f[0],
             (unsigned long long)double_bits(difference), (unsigned long)f[1], (unsigned long long)double_bits(product),
             (unsigned long)f[2], (unsigned long long)double_bits(quotient), (unsigned long)f[3],
             (unsigned long long)double_bits(root), (unsigned long)f[4], (unsigned long long)double_bits(fused),
             (unsigned long)f[5]);
    }
  }
}

static void singles(void) {
  for (size_t i = 0; i < COUNT(pairs); i++) {
    /* Exponents of doubles squeezed into those of singles. */
    int ea, eb;
    const double ma = frexp(pairs[i][0], &ea), mb = frexp(pairs[i][1], &eb);
    volatile float a = (float)ldexp(ma, ea / 8), b = (float)ldexp(mb, eb / 8);
    for (size_t m = 0; m < COUNT(modes); m++) {
      uint32_t f[4];
      const float sum = IN_MODE(modes[m], float, a + b, f[0]), product = IN_MODE(modes[m], float, a * b, f[1]);
      const float quotient = IN_MODE(modes[m], float, a / b, f[2]), fused = IN_MODE(modes[m], float, fmaf(a, b, a), f[3]);
      printf("%u.%u %08lx:%02lx %08lx:%02lx %08lx:%02lx %08lx:%02lx\n", (unsigned)i, (unsigned)m,
             (unsigned long)float_bits(sum), (unsigned long)f[0], (unsigned long)float_bits(product), (unsigned long)f[1],
             (unsigned long)float_bits(quotient), (unsigned long)f[2], (unsigned long)float_bits(fused), (unsigned long)f[3]);
    }
  }
}

static void conversions(void) {
  static const double values[] = {0.5,  1.5,  2.5,        -0.5,          -1.5,         2147483647.5, -2147483648.5, 4294967295.5,
                                  1e10, -1e10, 0x1p-1074, 0x1.fffffep127, 0x1.ffffffp127, 1e-45,       0.1,           -0.0};

  for (size_t i = 0; i < COUNT(values); i++) {
    volatile double a = values[i];
    printf("%.17g:", a);
    for (size_t m = 0; m < 4; m++) {
      uint32_t f[5];
      const int32_t to_signed = IN_MODE(modes[m], int32_t, (int32_t)a, f[0]);
      const uint32_t to_unsigned = IN_MODE(modes[m], uint32_t, (uint32_t)a, f[1]);
      const float to_single = IN_MODE(modes[m], float, (float)a, f[2]);
      const double to_integral = IN_MODE(modes[m], double, nearbyint(a), f[3]);
      volatile int32_t integer = (int32_t)(0x7fffffc1 - i);
      const float from_signed = IN_MODE(modes[m], float, (float)integer, f[4]);
      printf(" %ld:%02lx %lu:%02lx %08lx:%02lx %g %08lx:%02lx", (long)to_signed, (unsigned long)f[0], (unsigned long)to_unsigned,
             (unsigned long)f[1], (unsigned long)float_bits(to_single), (unsigned long)f[2], to_integral,
             (unsigned long)float_bits(from_signed), (unsigned long)f[4]);
    }
    printf("\n");
  }
}

/* An interval that encloses the true sum: rounding down on one side, up on the other. */
static void interval(void) {
  volatile double low = 0, high = 0;

  for (int i = 1; i <= 100; i++) {
    volatile double d = i;
    set_fpscr(2u << 22);
    low = low + 1 / d;
    set_fpscr(1u << 22);
    high = high + 1 / d;
  }
  set_fpscr(0);
  printf("sum of 1/i in [%.17g, %.17g], width %.3e\n", low, high, high - low);
}

static void comparisons(void) {
  static const double values[] = {-INFINITY, -1, -0.0, 0.0, 1e-310, 1, INFINITY, NAN};

  for (size_t i = 0; i < COUNT(values); i++)
    for (size_t j = 0; j < COUNT(values); j++) {
      volatile double a = values[i], b = values[j];
      uint32_t quiet, signalling;
      set_fpscr(0);
      const int equal = a == b, unordered = isunordered(a, b);
      quiet = fpscr() & FLAGS;
      const int less = a < b, at_most = a <= b;
      signalling = fpscr() & FLAGS;
      set_fpscr(0);
      printf("%d%d%d%d:%lx:%lx%s", equal, unordered, less, at_most, (unsigned long)quiet, (unsigned long)signalling, j == 7
          ? "\n" : " ");
    }
}

void rounding(void) {
  doubles();
  singles();
  conversions();
  interval();
  comparisons();
}
