/* neon-float: Advanced SIMD on single-precision numbers: matrices of four by four, scalar products, a fractal four at a time. */
#include "bench.h"

#include <arm_neon.h>

const char bench_name[] = "neon-float";

#define COUNT 1024

static float left[COUNT], right[COUNT], out[COUNT];

static void fill(uint32_t seed) {
  uint32_t state = seed | 1;
  for (int i = 0; i < COUNT; i++) {
    left[i] = (float)(int32_t)draw(&state) * 0x1p-31f;
    right[i] = (float)(int32_t)draw(&state) * 0x1p-30f;
  }
}

/** Each 4 by 4 matrix of `left` times that of `right`. */
static void matrices(void) {
  for (int at = 0; at < COUNT; at += 16) {
    float32x4_t a = vld1q_f32(left + at), b = vld1q_f32(left + at + 4), c = vld1q_f32(left + at + 8), d = vld1q_f32(left + at + 12);
    for (int column = 0; column < 16; column += 4) {
      float32x4_t by = vld1q_f32(right + at + column);
      float32x4_t sum = vmulq_lane_f32(a, vget_low_f32(by), 0);
      sum = vmlaq_lane_f32(sum, b, vget_low_f32(by), 1);
      sum = vmlaq_lane_f32(sum, c, vget_high_f32(by), 0);
      vst1q_f32(out + at + column, vmlaq_lane_f32(sum, d, vget_high_f32(by), 1));
    }
  }
}

static uint32_t scalar_product(void) {
  float32x4_t sum = vdupq_n_f32(0), low = vdupq_n_f32(1000);
  for (int i = 0; i < COUNT; i += 4) {
    float32x4_t a = vld1q_f32(out + i), b = vld1q_f32(right + i);
    sum = vaddq_f32(sum, vmulq_f32(a, b));
    low = vminq_f32(low, vsubq_f32(vabsq_f32(a), b));
  }
  float32x2_t pair = vpadd_f32(vget_low_f32(sum), vget_high_f32(low));
  return vget_lane_u32(vreinterpret_u32_f32(pair), 0) ^ vget_lane_u32(vreinterpret_u32_f32(pair), 1);
}

static uint32_t fractal(uint32_t round) {
  static const float steps[4] = {0.0f, 0.0625f, 0.125f, 0.1875f};
  uint32x4_t total = vdupq_n_u32(round);
  for (int row = 0; row < 8; row++) {
    float32x4_t cy = vdupq_n_f32((float)row * 0.25f - 1.0f);
    for (int column = 0; column < 8; column++) {
      float32x4_t cx = vaddq_f32(vld1q_f32(steps), vdupq_n_f32((float)column * 0.25f - 1.5f));
      float32x4_t x = vdupq_n_f32(0), y = x;
      for (int i = 0; i < 30; i++) {
        float32x4_t x2 = vmulq_f32(x, x), y2 = vmulq_f32(y, y);
        uint32x4_t inside = vcleq_f32(vaddq_f32(x2, y2), vdupq_n_f32(4.0f));
        if ((vget_lane_u64(vreinterpret_u64_u32(vorr_u32(vget_low_u32(inside), vget_high_u32(inside))), 0)) == 0) break;
        float32x4_t next = vaddq_f32(vsubq_f32(x2, y2), cx);
        y = vbslq_f32(inside, vaddq_f32(vmulq_n_f32(vmulq_f32(x, y), 2.0f), cy), y);
        x = vbslq_f32(inside, next, x);
        total = vsubq_u32(total, inside);
      }
    }
  }
  return vgetq_lane_u32(total, 0) ^ vgetq_lane_u32(total, 1) << 8 ^ vgetq_lane_u32(total, 2) << 16 ^ vgetq_lane_u32(total, 3) << 24;
}

/** 1 / sqrt by an estimate and two of Newton's steps, then to fixed point. */
static uint32_t roots(void) {
  int32x4_t sum = vdupq_n_s32(0);
  for (int i = 0; i < COUNT; i += 4) {
    float32x4_t x = vaddq_f32(vabsq_f32(vld1q_f32(left + i)), vdupq_n_f32(0.125f));
    float32x4_t y = vrsqrteq_f32(x);
    y = vmulq_f32(y, vrsqrtsq_f32(vmulq_f32(x, y), y));
    y = vmulq_f32(y, vrsqrtsq_f32(vmulq_f32(x, y), y));
    sum = veorq_s32(vaddq_s32(sum, vcvtq_n_s32_f32(y, 20)), vcvtq_s32_f32(vmulq_f32(y, vrecpeq_f32(x))));
  }
  return (uint32_t)(vgetq_lane_s32(sum, 0) ^ vgetq_lane_s32(sum, 1) ^ vgetq_lane_s32(sum, 2) ^ vgetq_lane_s32(sum, 3));
}

uint32_t bench_round(uint32_t round) {
  uint32_t sum = 0;
  fill(round * 2654435761u);
  for (int i = 0; i < 10; i++) {
    matrices();
    sum = mix(mix(sum, scalar_product()), roots());
  }
  return mix(sum, fractal(round));
}
