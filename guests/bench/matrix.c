/* matrix: products of integer matrices, with 32-bit and with 64-bit sums, a transposition, and sums over a stencil. */
#include "bench.h"

const char bench_name[] = "matrix";

#define SIDE 64

static int32_t a[SIDE][SIDE], b[SIDE][SIDE], c[SIDE][SIDE];

static void multiply(void) {
  for (int i = 0; i < SIDE; i++) {
    for (int j = 0; j < SIDE; j++) {
      int32_t sum = 0;
      for (int k = 0; k < SIDE; k++) sum += a[i][k] * b[k][j];
      c[i][j] = sum;
    }
  }
}

static uint32_t multiply_long(void) {
  uint64_t trace = 0;
  for (int i = 0; i < SIDE; i += 2) {
    for (int j = 0; j < SIDE; j++) {
      int64_t sum = 0;
      for (int k = 0; k < SIDE; k++) sum += (int64_t)a[i][k] * b[k][j];
      trace += (uint64_t)sum;
    }
  }
  return (uint32_t)(trace >> 32) ^ (uint32_t)trace;
}

static void transpose(void) {
  for (int i = 0; i < SIDE; i++) {
    for (int j = 0; j < i; j++) {
      int32_t kept = c[i][j];
      c[i][j] = c[j][i];
      c[j][i] = kept;
    }
  }
}

static uint32_t stencil(void) {
  uint32_t sum = 0;
  for (int i = 1; i < SIDE - 1; i++) {
    for (int j = 1; j < SIDE - 1; j++) {
      int32_t value = 4 * c[i][j] - c[i - 1][j] - c[i + 1][j] - c[i][j - 1] - c[i][j + 1];
      sum = mix(sum, (uint32_t)(value < 0 ? -value : value) >> 3);
    }
  }
  return sum;
}

uint32_t bench_round(uint32_t round) {
  uint32_t state = round * 2654435761u | 1;
  for (int i = 0; i < SIDE; i++) {
    for (int j = 0; j < SIDE; j++) {
      a[i][j] = (int32_t)draw(&state) >> 12;
      b[i][j] = (int32_t)draw(&state) >> 12;
    }
  }
  multiply();
  transpose();
  return mix(stencil(), multiply_long());
}
