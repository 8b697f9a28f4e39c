/* The two images vfp-double and vfp-single are vfp.c, compiled for one of the types. */
#ifndef VFP_H
#define VFP_H

#include <stdint.h>

#ifdef SINGLE
typedef float real;
typedef uint32_t bits;
#else
typedef double real;
typedef uint64_t bits;
#endif

static inline real square_root(real value) {
#ifdef SINGLE
  __asm__("vsqrt.f32 %0, %1" : "=t"(value) : "t"(value));
#else
  __asm__("vsqrt.f64 %P0, %P1" : "=w"(value) : "w"(value));
#endif
  return value;
}

static inline uint32_t fold(real value) {
  union {
    real value;
    bits bits;
  } both = {value};
  return (uint32_t)(both.bits ^ both.bits >> (sizeof(bits) * 4));
}

#endif
