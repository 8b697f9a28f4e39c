/* Loops that the compiler turns into vectors, and a few that are written with intrinsics; each leaves a checksum. */
#include <arm_neon.h>
#include <stdint.h>

#define N 512

uint32_t results[1024];
static int count;

static uint32_t seed = 12345;
static uint32_t next(void) {
  seed = seed * 1664525u + 1013904223u;
  return seed ^ (seed >> 13);
}

static uint32_t checksum(const void *data, int bytes) {
  const uint8_t *at = data;
  uint32_t hash = 2166136261u;
  for (int i = 0; i < bytes; i++) hash = (hash ^ at[i]) * 16777619u;
  return hash;
}

static union {
  uint8_t bytes[3][8 * N];
  double align;
} buffers;

static void fill(void) {
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 8 * N; k++) buffers.bytes[i][k] = next() >> 7;
}

#define KERNEL(name, type, expression)                                              \
  static __attribute__((noinline)) void name(type *restrict c, const type *a_, const type *b_) { \
    for (int i = 0; i < N; i++) {                                                   \
      type a = a_[i], b = b_[i];                                                    \
      c[i] = (type)(expression);                                                    \
    }                                                                               \
  }
#define INTEGER(t)                              \
  KERNEL(t##_add, t, a + b)                     \
  KERNEL(t##_sub, t, a - b)                     \
  KERNEL(t##_mla, t, a * b + c[i])              \
  KERNEL(t##_min, t, a < b ? a : b)             \
  KERNEL(t##_max, t, a > c[i] ? a : c[i])       \
  KERNEL(t##_bits, t, (a & b) | (c[i] & ~a))    \
  KERNEL(t##_select, t, a > b ? c[i] : a)       \
  KERNEL(t##_shift, t, (a >> 3) + (b << 2))     \
  KERNEL(t##_mixed, t, a < c[i] ? b - a : b ^ a)
INTEGER(int8_t)
INTEGER(uint8_t)
INTEGER(int16_t)
INTEGER(uint16_t)
INTEGER(int32_t)
INTEGER(uint32_t)
INTEGER(int64_t)
INTEGER(uint64_t)
KERNEL(float_mla, float, a * b + c[i])
KERNEL(float_select, float, a > b ? c[i] : a - b)
KERNEL(float_abs, float, __builtin_fabsf(a) * b - c[i])
KERNEL(float_convert, float, (float)(int)(a * 0.001f) + b)
KERNEL(float_divide, float, a / (b + 1.0f) + __builtin_sqrtf(__builtin_fabsf(c[i])))
KERNEL(double_mla, double, a * b + c[i])

#define RUN(name, type)                                                                      \
  fill();                                                                                    \
  name((type *)buffers.bytes[2], (const type *)buffers.bytes[0], (const type *)buffers.bytes[1]); \
  results[count++] = checksum(buffers.bytes[2], N * sizeof(type));
/* Numbers of ordinary size. */
#define RUN_FLOAT(name, type)                                                  \
  for (int i = 0; i < 3; i++)                                                  \
    for (int k = 0; k < N; k++) ((type *)buffers.bytes[i])[k] = (int32_t)next() / (type)777; \
  name((type *)buffers.bytes[2], (const type *)buffers.bytes[0], (const type *)buffers.bytes[1]); \
  results[count++] = checksum(buffers.bytes[2], N * sizeof(type));
#define RUN_INTEGER(t) \
  RUN(t##_add, t) RUN(t##_sub, t) RUN(t##_mla, t) RUN(t##_min, t) RUN(t##_max, t) RUN(t##_bits, t) RUN(t##_select, t) RUN(t##_shift, t) RUN(t##_mixed, t)

static __attribute__((noinline)) int64_t dot(const int16_t *a, const int16_t *b) {
  int64_t sum = 0;
  for (int i = 0; i < N; i++) sum += a[i] * b[i];
  return sum;
}

static __attribute__((noinline)) uint32_t difference(const uint8_t *a, const uint8_t *b) {
  uint32_t sum = 0;
  for (int i = 0; i < N; i++) sum += a[i] > b[i] ? a[i] - b[i] : b[i] - a[i];
  return sum;
}

static __attribute__((noinline)) void grey(const uint8_t *rgb, uint8_t *out) {
  for (int i = 0; i < N; i++) out[i] = (rgb[3 * i] * 77 + rgb[3 * i + 1] * 151 + rgb[3 * i + 2] * 28) >> 8;
}

static __attribute__((noinline)) void planes(const uint16_t *in, uint16_t *out) {
  for (int i = 0; i < N / 4; i++)
    for (int k = 0; k < 4; k++) out[k * N / 4 + i] = in[4 * i + k];
}

/* Saturating filter with structure loads, tables and narrowing. */
static __attribute__((noinline)) void filter(const uint8_t *in, uint8_t *out) {
  for (int i = 0; i < N / 8; i++) {
    uint8x8x4_t pixels = vld4_u8(in + 32 * (i % 16));
    int16x8_t sum = vreinterpretq_s16_u16(vaddl_u8(pixels.val[0], pixels.val[2]));
    sum = vqdmulhq_n_s16(vshlq_n_s16(sum, 6), 12345);
    sum = vqsubq_s16(sum, vreinterpretq_s16_u16(vmull_u8(pixels.val[1], vdup_n_u8(i))));
    uint8x8_t low = vqrshrun_n_s16(sum, 3);
    uint8x8_t looked = vtbx2_u8(low, (uint8x8x2_t){{pixels.val[3], low}}, pixels.val[1]);
    vst2_u8(out + 16 * (i % 32), (uint8x8x2_t){{vrev64_u8(looked), vext_u8(low, looked, 3)}});
  }
}

static __attribute__((noinline)) void invert(const float *in, float *out) {
  for (int i = 0; i < N; i += 4) {
    float32x4_t x = vld1q_f32(in + i);
    float32x4_t estimate = vrecpeq_f32(x);
    estimate = vmulq_f32(vrecpsq_f32(x, estimate), estimate);
    float32x4_t root = vrsqrteq_f32(vabsq_f32(x));
    root = vmulq_f32(vrsqrtsq_f32(vmulq_f32(root, root), vabsq_f32(x)), root);
    vst1q_f32(out + i, vaddq_f32(estimate, root));
  }
}

int main(void) {
  RUN_INTEGER(int8_t)
  RUN_INTEGER(uint8_t)
  RUN_INTEGER(int16_t)
  RUN_INTEGER(uint16_t)
  RUN_INTEGER(int32_t)
  RUN_INTEGER(uint32_t)
  RUN_INTEGER(int64_t)
  RUN_INTEGER(uint64_t)
  RUN_FLOAT(float_mla, float)
  RUN_FLOAT(float_select, float)
  RUN_FLOAT(float_abs, float)
  RUN_FLOAT(float_convert, float)
  RUN_FLOAT(float_divide, float)
  RUN_FLOAT(double_mla, double)
  invert((const float *)buffers.bytes[0], (float *)buffers.bytes[2]);
  results[count++] = checksum(buffers.bytes[2], 4 * N);
  fill();
  int64_t sum = dot((const int16_t *)buffers.bytes[0], (const int16_t *)buffers.bytes[1]);
  results[count++] = (uint32_t)sum;
  results[count++] = (uint32_t)(sum >> 32);
  results[count++] = difference(buffers.bytes[0], buffers.bytes[1]);
  grey(buffers.bytes[0], buffers.bytes[2]);
  results[count++] = checksum(buffers.bytes[2], N);
  planes((const uint16_t *)buffers.bytes[0], (uint16_t *)buffers.bytes[2]);
  results[count++] = checksum(buffers.bytes[2], 2 * N);
  filter(buffers.bytes[0], buffers.bytes[2]);
  results[count++] = checksum(buffers.bytes[2], N);
  uint32_t fpscr;
  __asm__("vmrs %0, fpscr" : "=r"(fpscr));
  results[count++] = fpscr & 0x080000ff;
  return 0;
}
