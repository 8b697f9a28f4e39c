/*
 * The instructions as the host's own processor computes them: it rounds, and says what is inexact, invalid, too large or divided by
 * zero. Where Arm's rules differ from the host's they are spelled out: which NaN comes out, that tiny is what is tiny before rounding,
 * flush-to-zero, saturating conversions, the alternative half-precision format. Reference: Arm DDI 0406C, A2.7.
 *
 * Each vector: operation, FPSCR, D0, D1, D2. Each answer: D0, FPSCR, a spare word. `operations.h` is generated from operations.ts.
 */
#include <fenv.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define AHP (1u << 26)
#define DN (1u << 25)
#define FZ (1u << 24)
#define RMODE 22
#define TO_ZERO (3u << RMODE)
#define FPSCR_BITS 0xfff7009fu

enum { IOC = 1, DZC = 2, OFC = 4, UFC = 8, IXC = 16, IDC = 128 };
enum operation { ADD, SUB, MUL, DIV, SQRT, FMA };

static union { uint64_t x[3]; uint32_t w[6]; } r;
static uint32_t fpscr, control;
#define D(i) r.x[i]
#define S(i) r.w[i]

static void round_as(uint32_t mode) {
  static const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
  fesetround(modes[mode >> RMODE & 3]);
  feclearexcept(FE_ALL_EXCEPT);
}

/* All but Underflow, which has to be found out before rounding. */
static uint32_t raised(void) {
  const int host = fetestexcept(FE_ALL_EXCEPT);
  return (host & FE_INVALID ? IOC : 0) | (host & FE_DIVBYZERO ? DZC : 0) | (host & FE_OVERFLOW ? OFC : 0) | (host & FE_INEXACT ? IXC : 0);
}

/* One text for both formats: `bits` is the format's unsigned integer, `real` its floating-point type. */
#define FORMAT(bits, real, width, fraction, root, fused)                                                            \
  static const bits sign##width = (bits)1 << (width - 1), quiet##width = (bits)1 << (fraction - 1);                 \
  static const bits infinity##width = (((bits)1 << (width - 1 - fraction)) - 1) << fraction;                        \
  static const bits least##width = (bits)1 << fraction, default##width = ((((bits)1 << (width - fraction)) - 1) << (fraction - 1)); \
                                                                                                                    \
  static real real##_of(bits from) {                                                                                \
    real to;                                                                                                        \
    memcpy(&to, &from, sizeof to);                                                                                  \
    return to;                                                                                                      \
  }                                                                                                                 \
  static bits bits##_of(real from) {                                                                                \
    bits to;                                                                                                        \
    memcpy(&to, &from, sizeof to);                                                                                  \
    return to;                                                                                                      \
  }                                                                                                                 \
  static bits magnitude##width(bits a) { return a & ~sign##width; }                                                 \
  static bits neg##width(bits a) { return a ^ sign##width; }                                                        \
  static int is_nan##width(bits a) { return magnitude##width(a) > infinity##width; }                                \
  static int is_signalling##width(bits a) { return is_nan##width(a) && !(a & quiet##width); }                       \
                                                                                                                    \
  static bits flushed##width(bits a) {                                                                              \
    if (!(control & FZ) || magnitude##width(a) == 0 || magnitude##width(a) >= least##width) return a;               \
    fpscr |= IDC;                                                                                                   \
    return a & sign##width;                                                                                         \
  }                                                                                                                 \
                                                                                                                    \
  /* The first signalling NaN, else the first quiet one. */                                                         \
  static int nan_of##width(int count, const bits *operands, bits *result) {                                         \
    for (int pass = 0; pass < 2; pass++)                                                                            \
      for (int i = 0; i < count; i++)                                                                               \
        if (pass == 0 ? is_signalling##width(operands[i]) : is_nan##width(operands[i])) {                           \
          if (pass == 0) fpscr |= IOC;                                                                              \
          *result = control & DN ? default##width & ~sign##width : operands[i] | quiet##width;                      \
          return 1;                                                                                                 \
        }                                                                                                           \
    return 0;                                                                                                       \
  }                                                                                                                 \
                                                                                                                    \
  static real compute##width(enum operation operation, real n, real m, real addend) {                               \
    volatile real a = n, b = m, c = addend, out = 0;                                                                \
    switch (operation) {                                                                                            \
      case ADD: out = a + b; break;                                                                                 \
      case SUB: out = a - b; break;                                                                                 \
      case MUL: out = a * b; break;                                                                                 \
      case DIV: out = a / b; break;                                                                                 \
      case SQRT: out = root(a); break;                                                                              \
      case FMA: out = fused(a, b, c);                                                                               \
    }                                                                                                               \
    return out;                                                                                                     \
  }                                                                                                                 \
                                                                                                                    \
  static bits op##width(enum operation operation, bits n, bits m, bits addend) {                                    \
    bits result, operands[3] = {flushed##width(n), operation == SQRT ? 0 : flushed##width(m), 0};                   \
    const int count = operation == SQRT ? 1 : operation == FMA ? 3 : 2;                                             \
    if (operation == FMA) {                                                                                         \
      const bits a = operands[0], b = operands[1];                                                                  \
      const bits c = flushed##width(addend), in_order[3] = {c, a, b};                                               \
      const int invalid = (magnitude##width(a) == infinity##width && magnitude##width(b) == 0) ||                   \
                          (magnitude##width(b) == infinity##width && magnitude##width(a) == 0);                     \
      if (invalid && !is_signalling##width(c)) {                                                                    \
        fpscr |= IOC;                                                                                               \
        return default##width & ~sign##width;                                                                       \
      }                                                                                                             \
      if (nan_of##width(3, in_order, &result)) return result;                                                       \
      operands[2] = c;                                                                                              \
    } else if (nan_of##width(count, operands, &result)) return result;                                              \
    const real a = real##_of(operands[0]), b = real##_of(operands[1]), c = real##_of(operands[2]);                  \
    round_as(TO_ZERO);                                                                                              \
    const bits down = bits##_of(compute##width(operation, a, b, c));                                                \
    const int tiny = magnitude##width(down) < least##width && (magnitude##width(down) != 0 || raised() & IXC);      \
    if (tiny && control & FZ) {                                                                                     \
      fpscr |= UFC;                                                                                                 \
      return down & sign##width;                                                                                    \
    }                                                                                                               \
    round_as(control);                                                                                              \
    result = bits##_of(compute##width(operation, a, b, c));                                                         \
    fpscr |= raised() | (tiny && raised() & IXC ? UFC : 0);                                                         \
    return is_nan##width(result) ? default##width & ~sign##width : result;                                          \
  }                                                                                                                 \
                                                                                                                    \
  static void compare##width(bits n, bits m, int quiet_is_invalid) {                                                \
    const bits a = flushed##width(n), b = flushed##width(m);                                                        \
    const real x = real##_of(a), y = real##_of(b);                                                                  \
    const int unordered = is_nan##width(a) || is_nan##width(b);                                                     \
    if (is_signalling##width(a) || is_signalling##width(b) || (unordered && quiet_is_invalid)) fpscr |= IOC;        \
    fpscr = (fpscr & 0x0fffffff) | (unordered ? 3u : x == y ? 6u : x < y ? 8u : 2u) << 28;                          \
  }                                                                                                                 \
                                                                                                                    \
  /* Masks of a vector comparison: 0 equal, 1 greater or equal, 2 greater. */                                       \
  static bits mask##width(int kind, bits n, bits m) {                                                               \
    const bits a = flushed##width(n), b = flushed##width(m);                                                        \
    const real x = real##_of(a), y = real##_of(b);                                                                  \
    if (is_signalling##width(a) || is_signalling##width(b) || (kind && (is_nan##width(a) || is_nan##width(b)))) fpscr |= IOC; \
    return (kind == 0 ? x == y : kind == 1 ? x >= y : x > y) ? ~(bits)0 : 0;                                        \
  }                                                                                                                 \
                                                                                                                    \
  static bits most##width(bits n, bits m, int least) {                                                              \
    const bits operands[2] = {flushed##width(n), flushed##width(m)};                                                \
    bits result;                                                                                                    \
    if (nan_of##width(2, operands, &result)) return result;                                                         \
    const real x = real##_of(operands[0]), y = real##_of(operands[1]);                                              \
    if (x == y) return least ? operands[0] | operands[1] : operands[0] & operands[1];                               \
    return (x > y) != least ? operands[0] : operands[1];                                                            \
  }                                                                                                                 \
                                                                                                                    \
  /* x87 arithmetic has every bit of a scaled operand; the host rounds it to an integer in the mode that holds. */  \
  static uint32_t to_fixed##width(bits n, int size, int fraction_bits, int is_unsigned, uint32_t mode) {            \
    const bits a = flushed##width(n);                                                                               \
    const long double low = is_unsigned ? 0 : -ldexpl(1, size - 1), high = ldexpl(1, is_unsigned ? size : size - 1) - 1; \
    if (is_nan##width(a)) {                                                                                         \
      fpscr |= IOC;                                                                                                 \
      return 0;                                                                                                     \
    }                                                                                                               \
    const long double scaled = ldexpl(real##_of(a), fraction_bits);                                                 \
    round_as(mode);                                                                                                 \
    const long double whole = nearbyintl(scaled);                                                                   \
    if (whole < low || whole > high) {                                                                              \
      fpscr |= IOC;                                                                                                 \
      return (uint32_t)(int64_t)(whole < low ? low : high);                                                         \
    }                                                                                                               \
    if (whole != scaled) fpscr |= IXC;                                                                              \
    return (uint32_t)(int64_t)whole;                                                                                \
  }                                                                                                                 \
                                                                                                                    \
  static bits from_fixed##width(int64_t integer, int fraction_bits, uint32_t mode) {                                \
    volatile long double exact = ldexpl(integer, -fraction_bits);                                                   \
    round_as(mode);                                                                                                 \
    volatile real out = (real)exact;                                                                                \
    fpscr |= raised();                                                                                              \
    return bits##_of(out);                                                                                          \
  }

FORMAT(uint64_t, double, 64, 52, sqrt, fma)
FORMAT(uint32_t, float, 32, 23, sqrtf, fmaf)

static int64_t extended(uint32_t word, int size, int is_unsigned) {
  if (size == 16) return is_unsigned ? (int64_t)(uint16_t)word : (int64_t)(int16_t)word;
  return is_unsigned ? (int64_t)word : (int64_t)(int32_t)word;
}

static uint64_t single_to_double(uint32_t n) {
  const uint32_t a = flushed32(n);
  if (!is_nan32(a)) return uint64_t_of(float_of(a));
  if (is_signalling32(a)) fpscr |= IOC;
  if (control & DN) return default64 & ~sign64;
  return (uint64_t)(a >> 31) << 63 | infinity64 | quiet64 | (uint64_t)(a & 0x7fffff) << 29;
}

static uint32_t double_to_single(uint64_t n) {
  const uint64_t a = flushed64(n);
  if (is_nan64(a)) {
    if (is_signalling64(a)) fpscr |= IOC;
    if (control & DN) return default32 & ~sign32;
    return (uint32_t)(a >> 63) << 31 | infinity32 | quiet32 | (uint32_t)(a >> 29 & 0x7fffff);
  }
  volatile double value = double_of(a);
  round_as(TO_ZERO);
  volatile float down = (float)value;
  const int tiny = fabsf(down) < 0x1p-126f && (down != 0 || raised() & IXC);
  if (tiny && control & FZ) {
    fpscr |= UFC;
    return (uint32_t)(a >> 63) << 31;
  }
  round_as(control);
  volatile float out = (float)value;
  fpscr |= raised() | (tiny && raised() & IXC ? UFC : 0);
  return uint32_t_of(out);
}

static uint16_t host_half(float value) {
  volatile float in = value;
  volatile _Float16 out = (_Float16)in;
  uint16_t bits;
  memcpy(&bits, (const void *)&out, sizeof bits);
  return bits;
}

static uint16_t single_to_half(uint32_t n) {
  const uint32_t a = flushed32(n);
  const uint16_t sign = (uint16_t)(a >> 16 & 0x8000);
  if (is_nan32(a)) {
    if (is_signalling32(a) || control & AHP) fpscr |= IOC;
    if (control & AHP) return sign;
    return control & DN ? 0x7e00 : (uint16_t)(sign | 0x7e00 | (a >> 13 & 0x1ff));
  }
  /* The alternative format goes on where the other has infinity: the half of a large number has the same digits. */
  const float value = float_of(a);
  const int doubled = control & AHP && fabsf(value) >= 32768;
  if (control & AHP && fabsf(value) >= 262144) {
    fpscr |= IOC;
    return sign | 0x7fff;
  }
  round_as(TO_ZERO);
  const uint16_t down = host_half(value);
  const int tiny = (down & 0x7fff) < 0x400 && ((down & 0x7fff) != 0 || raised() & IXC);
  round_as(control);
  const uint16_t out = host_half(doubled ? value / 2 : value);
  if (doubled && ((out & 0x7fff) == 0x7c00 || raised() & OFC)) {
    fpscr |= IOC;
    return sign | 0x7fff;
  }
  fpscr |= raised() | (tiny && raised() & IXC ? UFC : 0);
  return (uint16_t)(out + (doubled ? 0x400 : 0));
}

static uint32_t half_to_single(uint16_t n) {
  const uint32_t sign = (uint32_t)(n & 0x8000) << 16;
  const uint16_t digits = n & 0x7fff;
  const int doubled = control & AHP && digits >= 0x7c00;
  if (!(control & AHP) && digits > 0x7c00) {
    if (!(n & 0x200)) fpscr |= IOC;
    return control & DN ? 0x7fc00000 : sign | 0x7fc00000 | (uint32_t)(n & 0x1ff) << 13;
  }
  const uint16_t in = (uint16_t)(doubled ? n - 0x400 : n);
  volatile _Float16 half;
  memcpy((void *)&half, &in, sizeof in);
  volatile float out = half;
  return uint32_t_of(doubled ? 2 * out : out);
}

static void put_half(int index, int top, uint16_t half) {
  S(index) = top ? (S(index) & 0xffff) | (uint32_t)half << 16 : (S(index) & 0xffff0000) | half;
}

/* Both lanes of D0, with the values that Advanced SIMD puts in place of FPSCR's control bits; i is S(i)'s number in D0, D1 and D2. */
#define LANES(statement)                                      \
  do {                                                        \
    control = (fpscr & AHP) | DN | FZ;                        \
    for (int i = 0; i < 2; i++) statement;                    \
  } while (0)

static uint32_t recip_step(uint32_t n, uint32_t m) {
  const uint32_t a = flushed32(n), b = flushed32(m);
  if ((magnitude32(a) == infinity32 && magnitude32(b) == 0) || (magnitude32(b) == infinity32 && magnitude32(a) == 0)) return 0x40000000;
  return op32(SUB, 0x40000000, op32(MUL, a, b, 0), 0);
}

static uint32_t rsqrt_step(uint32_t n, uint32_t m) {
  const uint32_t a = flushed32(n), b = flushed32(m);
  if ((magnitude32(a) == infinity32 && magnitude32(b) == 0) || (magnitude32(b) == infinity32 && magnitude32(a) == 0)) return 0x3fc00000;
  return op32(DIV, op32(SUB, 0x40400000, op32(MUL, a, b, 0), 0), 0x40000000, 0);
}

int main(void) {
  uint32_t head[2];
  while (fread(head, 8, 1, stdin) == 1 && fread(&r, 24, 1, stdin) == 1) {
    control = fpscr = head[1] & FPSCR_BITS;
    switch (head[0]) {
#include "operations.h"
    }
    const uint32_t tail[2] = {fpscr, 0};
    fwrite(&r, 8, 1, stdout);
    fwrite(tail, 8, 1, stdout);
  }
  return 0;
}
