/* neon-integer: Advanced SIMD on bytes, halfwords and words: pictures and sound, as a codec works on them. */
#include "bench.h"

#include <arm_neon.h>

const char bench_name[] = "neon-integer";

#define PIXELS  4096
#define SAMPLES 2048

static uint8_t picture[PIXELS + 16], other[PIXELS], blended[PIXELS];
static int16_t samples[SAMPLES + 32], filtered[SAMPLES];
static int32_t words[SAMPLES];

static void fill(uint32_t seed) {
  uint32_t state = seed | 1;
  for (int i = 0; i < PIXELS; i += 4) *(uint32_t *)(picture + i) = draw(&state), *(uint32_t *)(other + i) = draw(&state);
  for (int i = 0; i < SAMPLES; i++) samples[i] = (int16_t)(picture[i] * 200 - other[i] * 190), words[i] = samples[i] * 4097;
}

/** Weighted mean of two pictures, rounded; what is darker than its neighbour is set to the neighbour. */
static uint32_t blend(void) {
  uint8x8_t weight = vdup_n_u8(180), rest = vdup_n_u8(76);
  for (int i = 0; i < PIXELS; i += 8) {
    uint16x8_t sum = vmlal_u8(vmull_u8(vld1_u8(picture + i), weight), vld1_u8(other + i), rest);
    vst1_u8(blended + i, vmax_u8(vrshrn_n_u16(sum, 8), vshr_n_u8(vld1_u8(picture + i + 1), 1)));
  }
  uint16x8_t total = vdupq_n_u16(0);
  for (int i = 0; i < PIXELS; i += 16) total = vpadalq_u8(total, vabdq_u8(vld1q_u8(blended + i), vld1q_u8(other + i)));
  uint32x4_t pairs = vpaddlq_u16(total);
  return vgetq_lane_u32(pairs, 0) + vgetq_lane_u32(pairs, 1) + vgetq_lane_u32(pairs, 2) * 3 + vgetq_lane_u32(pairs, 3) * 5;
}

/** Three planes out of one, each changed its own way, and back. */
static uint32_t planes(void) {
  uint8x16_t change = vdupq_n_u8(0x55), sum = vdupq_n_u8(0);
  for (int i = 0; i + 48 <= PIXELS; i += 48) {
    uint8x16x3_t pixel = vld3q_u8(picture + i);
    pixel.val[0] = vqaddq_u8(pixel.val[0], pixel.val[1]);
    pixel.val[1] = veorq_u8(pixel.val[1], vrev32q_u8(change));
    pixel.val[2] = vbslq_u8(vcgtq_u8(pixel.val[2], change), pixel.val[0], pixel.val[2]);
    vst3q_u8(blended + i, pixel);
    sum = vaddq_u8(sum, vextq_u8(pixel.val[0], pixel.val[2], 5));
  }
  uint64x2_t wide = vreinterpretq_u64_u8(sum);
  return (uint32_t)vgetq_lane_u64(wide, 0) ^ (uint32_t)(vgetq_lane_u64(wide, 1) >> 16);
}

/** A filter of eight taps, saturating at the end. */
static uint32_t filter(void) {
  static const int16_t taps[8] = {-300, 900, -2100, 12000, 14000, -2500, 1100, -250};
  int16x8_t tap = vld1q_s16(taps);
  int16x4_t low = vget_low_s16(tap), high = vget_high_s16(tap);
  for (int i = 0; i < SAMPLES; i += 4) {
    int32x4_t sum = vmull_lane_s16(vld1_s16(samples + i), low, 0);
    sum = vmlal_lane_s16(sum, vld1_s16(samples + i + 1), low, 1);
    sum = vmlal_lane_s16(sum, vld1_s16(samples + i + 2), low, 2);
    sum = vmlal_lane_s16(sum, vld1_s16(samples + i + 3), low, 3);
    sum = vmlal_lane_s16(sum, vld1_s16(samples + i + 4), high, 0);
    sum = vmlal_lane_s16(sum, vld1_s16(samples + i + 5), high, 1);
    sum = vmlal_lane_s16(sum, vld1_s16(samples + i + 6), high, 2);
    sum = vmlal_lane_s16(sum, vld1_s16(samples + i + 7), high, 3);
    vst1_s16(filtered + i, vqrshrn_n_s32(sum, 14));
  }
  int16x8_t last = vdupq_n_s16(0);
  for (int i = 0; i < SAMPLES; i += 8) last = vqdmulhq_s16(vaddq_s16(last, vld1q_s16(filtered + i)), vdupq_n_s16(30000));
  return (uint32_t)vgetq_lane_s16(last, 2) ^ (uint32_t)vgetq_lane_s16(last, 7) << 12;
}

static uint32_t sums(void) {
  int32x4_t total = vdupq_n_s32(0), greatest = vdupq_n_s32(-0x7fffffff);
  for (int i = 0; i < SAMPLES; i += 8) {
    int32x4_t a = vld1q_s32(words + i), b = vld1q_s32(words + i + 4);
    total = vmlaq_s32(vsraq_n_s32(total, a, 3), a, veorq_s32(b, vshlq_n_s32(a, 7)));
    greatest = vmaxq_s32(greatest, vsubq_s32(a, b));
    vst1q_s32(words + i, vrhaddq_s32(a, vabsq_s32(b)));
  }
  int32x2_t pair = vpadd_s32(vget_low_s32(total), vget_high_s32(total));
  int32x2_t top = vpmax_s32(vget_low_s32(greatest), vget_high_s32(greatest));
  return (uint32_t)(vget_lane_s32(pair, 0) ^ vget_lane_s32(pair, 1) ^ vget_lane_s32(top, 0) ^ vget_lane_s32(top, 1) << 1);
}

uint32_t bench_round(uint32_t round) {
  uint32_t sum = 0;
  fill(round * 2654435761u);
  for (int i = 0; i < 10; i++) sum = mix(mix(sum, blend()), mix(planes(), mix(filter(), sums())));
  return sum;
}
