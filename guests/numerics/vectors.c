/*
 * Loops for the vectoriser. Advanced SIMD flushes subnormal numbers to zero,
     so the compiler uses it for floating point only when it is
 * told that this is welcome. It is here; integers it takes by itself at -O3. The last part asks for instructions by name.
 */
#pragma GCC optimize("unsafe-math-optimizations")

#include <arm_neon.h>
#include <stdio.h>
#include <string.h>

#include "numerics.h"

#define LENGTH 257 /* odd, so that there is a rest */

static float x[LENGTH], y[LENGTH], z[LENGTH];
static int32_t words[LENGTH], others[LENGTH];
static int16_t shorts[LENGTH], more_shorts[LENGTH];
static uint8_t bytes[LENGTH], more_bytes[LENGTH];

static void fill(void) {
  for (int i = 0; i < LENGTH; i++) {
    x[i] = (float)random_signed();
    y[i] = (float)random_signed() * 100;
    words[i] = (int32_t)random_word();
    others[i] = (int32_t)random_below(1000) - 500;
    shorts[i] = (int16_t)random_word();
    more_shorts[i] = (int16_t)(random_word() & 0xff);
    bytes[i] = (uint8_t)random_word();
    more_bytes[i] = (uint8_t)random_word();
  }
}

static void floats(void) {
  static float a[24][24], b[24][24], c[24][24];
  float sum = 0, most = -1000, least = 1000;

  for (int i = 0; i < LENGTH; i++) z[i] = x[i] * 2.5f + y[i];
  tell_bytes("scaled and added", z, sizeof z);
  for (int i = 0; i < LENGTH; i++) sum += x[i] * y[i];
  printf("dot %.9g\n", (double)sum);
  for (int i = 0; i < LENGTH; i++) z[i] = x[i] > 0 ? y[i] : -y[i] * 0.5f;
  tell_bytes("chosen", z, sizeof z);
  for (int i = 0; i < LENGTH; i++) {
    most = y[i] > most ? y[i] : most;
    least = y[i] < least ? y[i] : least;
  }
  printf("most %.9g least %.9g\n", (double)most, (double)least);
  for (int i = 1; i < LENGTH - 1; i++) z[i] = (x[i - 1] + 2 * x[i] + x[i + 1]) * 0.25f;
  tell_floats("smoothed", z + 1, 24);
  for (int i = 0; i < LENGTH; i++) z[i] = (float)others[i] * 0.125f;
  tell_bytes("from integers", z, sizeof z);
  for (int i = 0; i < LENGTH; i++) others[i] = (int32_t)(y[i] * 10);
  tell_bytes("to integers", others, sizeof others);
  for (int i = 0; i < 24; i++)
    for (int j = 0; j < 24; j++) {
      a[i][j] = x[i * 7 + j];
      b[i][j] = y[i + j * 9];
      c[i][j] = 0;
    }
  for (int i = 0; i < 24; i++)
    for (int k = 0; k < 24; k++)
      for (int j = 0; j < 24; j++) c[i][j] += a[i][k] * b[k][j];
  tell_floats("product", c[11], 24);
  tell_bytes("product", c, sizeof c);
  for (int i = 0; i < 24; i++)
    for (int j = 0; j < 24; j++) a[j][i] = c[i][j] / (1.0f + (float)(i * j));
  tell_bytes("divided and transposed", a, sizeof a);
}

static void whole_numbers(void) {
  int32_t sum = 0, most = 0, bits = 0;
  int64_t wide = 0;
  uint32_t distance = 0;
  static int32_t out[LENGTH];
  static uint8_t mixed[LENGTH];
  static uint16_t halves[LENGTH];

  for (int i = 0; i < LENGTH; i++) sum += words[i] ^ others[i] << 3;
  for (int i = 0; i < LENGTH; i++) most = words[i] > most ? words[i] : most;
  for (int i = 0; i < LENGTH; i++) wide += (int64_t)words[i] * others[i];
  for (int i = 0; i < LENGTH; i++) bits += __builtin_popcount((unsigned)words[i]);
  for (int i = 0; i < LENGTH; i++) distance += (uint32_t)(bytes[i] > more_bytes[i]
      ? bytes[i] - more_bytes[i] : more_bytes[i] - bytes[i]);
  printf("%ld %ld %lld %ld %lu\n", (long)sum, (long)most, (long long)wide, (long)bits, (unsigned long)distance);
  for (int i = 0; i < LENGTH; i++) out[i] = shorts[i] * more_shorts[i] + words[i];
  tell_bytes("multiplied and added", out, sizeof out);
  for (int i = 0; i < LENGTH; i++) {
    const int value = bytes[i] * 3 - more_bytes[i] * 2;
    mixed[i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
  }
  tell_bytes("clamped", mixed, sizeof mixed);
  for (int i = 0; i < LENGTH; i++) mixed[i] = (uint8_t)((bytes[i] + more_bytes[i] + 1) >> 1);
  tell_bytes("mean", mixed, sizeof mixed);
  for (int i = 0; i < LENGTH; i++) halves[i] = (uint16_t)((bytes[i] << 8 | more_bytes[i]) >> (i & 7));
  tell_bytes("shifted", halves, sizeof halves);
  for (int i = 0; i < LENGTH; i++) out[i] = words[i] < others[i] ? -words[i] : words[i] >> 5;
  tell_bytes("selected", out, sizeof out);
  for (int i = 0; i < LENGTH / 3; i++) {
    const uint8_t red = bytes[3 * i], green = bytes[3 * i + 1], blue = bytes[3 * i + 2];
    mixed[i] = (uint8_t)((77 * red + 150 * green + 29 * blue) >> 8);
  }
  tell_bytes("grey", mixed, LENGTH / 3);
  for (int i = 0; i < LENGTH / 2; i++) {
    mixed[2 * i] = bytes[i];
    mixed[2 * i + 1] = more_bytes[i];
  }
  tell_bytes("interleaved", mixed, LENGTH / 2 * 2);
}

static void by_name(void) {
  float figures[16];
  uint32_t lanes[4];

  for (int i = 0; i < 64; i += 4) {
    const float32x4_t v = vld1q_f32(y + i), w = vld1q_f32(x + i);
    float32x4_t reciprocal = vrecpeq_f32(v), root = vrsqrteq_f32(vabsq_f32(v));
    reciprocal = vmulq_f32(vrecpsq_f32(v, reciprocal), reciprocal);
    root = vmulq_f32(vrsqrtsq_f32(vmulq_f32(vabsq_f32(v), root), root), root);
    vst1q_f32(figures, reciprocal);
    vst1q_f32(figures + 4, root);
    vst1q_f32(figures + 8, vfmaq_f32(v, w, reciprocal));
    vst1q_f32(figures + 12, vmlsq_lane_f32(v, w, vget_low_f32(v), 1));
    tell_floats("estimates", figures, 16);
    const uint32x4_t less = vcltq_f32(vmulq_n_f32(w, 50), v);
    vst1q_u32(lanes, vorrq_u32(vandq_u32(less, vreinterpretq_u32_f32(v)), vcvtq_u32_f32(vmaxq_f32(v, w))));
    printf("lanes %08lx %08lx %08lx %08lx\n", (unsigned long)lanes[0], (unsigned long)lanes[1], (unsigned long)lanes[2],
           (unsigned long)lanes[3]);
  }
  const uint8x8x3_t three = vld3_u8(bytes);
  const uint16x8_t squares = vmull_u8(three.val[0], three.val[1]);
  const uint8x8_t looked_up = vtbl2_u8((uint8x8x2_t){{three.val[1], three.val[2]}}, vand_u8(three.val[0], vdup_n_u8(15)));
  uint8_t result[32];
  vst1q_u16((uint16_t *)result, squares);
  vst1_u8(result + 16, looked_up);
  vst1_u8(result + 24, vqrshrn_n_u16(vaddw_u8(squares, three.val[2]), 5));
  tell_bytes("bytes", result, sizeof result);
  const int16x8_t s = vld1q_s16(shorts), t = vld1q_s16(more_shorts + 1);
  int32x4_t sums = vqdmull_s16(vget_low_s16(s), vget_high_s16(t));
  sums = vqdmlal_s16(sums, vget_high_s16(s), vget_low_s16(t));
  sums = vpadalq_s16(sums, vqrdmulhq_s16(vqshlq_s16(s, t), vextq_s16(t, s, 3)));
  vst1q_s32((int32_t *)result, sums);
  vst1q_u16((uint16_t *)(result + 16), vreinterpretq_u16_s16(vrev64q_s16(vqabsq_s16(s))));
  tell_bytes("shorts", result, sizeof result);
  const poly16x8_t polynomials = vmull_p8(vld1_p8((const poly8_t *)bytes), vld1_p8((const poly8_t *)more_bytes));
  vst1q_p16((poly16_t *)result, polynomials);
  tell_bytes("polynomials", result, 16);
}

void vectors(void) {
  fill();
  floats();
  whole_numbers();
  by_name();
}
