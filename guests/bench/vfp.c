/* vfp: bodies that attract each other, linear equations, a fractal, a polynomial; no function but the square root is needed. */
#include "vfp.h"

#include "bench.h"

#ifdef SINGLE
const char bench_name[] = "vfp-single";
#else
const char bench_name[] = "vfp-double";
#endif

#define BODIES 5
#define SIDE   24

static struct body {
  real x, y, z, vx, vy, vz, mass;
} bodies[BODIES];

static void place(uint32_t *state) {
  for (int i = 0; i < BODIES; i++) {
    real *value = &bodies[i].x;
    for (int k = 0; k < 6; k++) value[k] = (real)(int32_t)draw(state) * (real)(k < 3 ? 0x1p-28 : 0x1p-33);
    bodies[i].mass = (real)(draw(state) >> 16) * (real)0x1p-16 + (real)0.5;
  }
}

static void step(real dt) {
  for (int i = 0; i < BODIES; i++) {
    struct body *a = &bodies[i];
    for (int j = i + 1; j < BODIES; j++) {
      struct body *b = &bodies[j];
      real dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      real distance2 = dx * dx + dy * dy + dz * dz + (real)0.01;
      real force = dt / (distance2 * square_root(distance2));
      a->vx -= dx * b->mass * force;
      a->vy -= dy * b->mass * force;
      a->vz -= dz * b->mass * force;
      b->vx += dx * a->mass * force;
      b->vy += dy * a->mass * force;
      b->vz += dz * a->mass * force;
    }
  }
  for (int i = 0; i < BODIES; i++) {
    bodies[i].x += dt * bodies[i].vx;
    bodies[i].y += dt * bodies[i].vy;
    bodies[i].z += dt * bodies[i].vz;
  }
}

static real attract(uint32_t *state) {
  place(state);
  for (int i = 0; i < 100; i++) step((real)0.001);
  real energy = 0;
  for (int i = 0; i < BODIES; i++) {
    struct body *b = &bodies[i];
    energy += b->mass * (b->vx * b->vx + b->vy * b->vy + b->vz * b->vz);
  }
  return energy;
}

static real m[SIDE][SIDE + 1];

static void exchange_rows(int a, int b) {
  for (int k = 0; k <= SIDE && a != b; k++) {
    real kept = m[a][k];
    m[a][k] = m[b][k];
    m[b][k] = kept;
  }
}

/** Gauss's elimination with pivots; returns the sum of the unknowns. */
static real solve(uint32_t *state) {
  for (int i = 0; i < SIDE; i++) {
    for (int k = 0; k <= SIDE; k++) m[i][k] = (real)(int32_t)draw(state) * (real)0x1p-31;
  }
  for (int i = 0; i < SIDE; i++) {
    int pivot = i;
    for (int k = i + 1; k < SIDE; k++) {
      if (m[k][i] * m[k][i] > m[pivot][i] * m[pivot][i]) pivot = k;
    }
    exchange_rows(i, pivot);
    for (int k = i + 1; k < SIDE; k++) {
      real factor = m[k][i] / m[i][i];
      for (int j = i; j <= SIDE; j++) m[k][j] -= factor * m[i][j];
    }
  }
  real sum = 0;
  for (int i = SIDE - 1; i >= 0; i--) {
    for (int k = i + 1; k < SIDE; k++) m[i][SIDE] -= m[i][k] * m[k][SIDE];
    m[i][SIDE] /= m[i][i];
    sum += m[i][SIDE];
  }
  return sum;
}

static uint32_t fractal(uint32_t round) {
  uint32_t total = 0;
  for (int row = 0; row < 12; row++) {
    for (int column = 0; column < 24; column++) {
      real cx = (real)column / 12 - (real)1.5, cy = (real)row / 6 - 1 + (real)(round & 7) / 64, x = 0, y = 0;
      uint32_t i = 0;
      for (; i < 60 && x * x + y * y <= 4; i++) {
        real next = x * x - y * y + cx;
        y = 2 * x * y + cy;
        x = next;
      }
      total = mix(total, i);
    }
  }
  return total;
}

/** Horner's rule at many places, with conversions both ways. */
static uint32_t polynomial(uint32_t seed) {
  static const real c[] = {(real)0.5, (real)-1.25, (real)0.0625, 3, (real)-0.75, (real)1.5, -2, 1};
  uint32_t total = seed;
  for (int32_t i = -500; i < 500; i++) {
    real x = (real)i / 512, y = 0;
    for (int k = 0; k < 8; k++) y = y * x + c[k];
    total += (uint32_t)(int32_t)(y * 65536);
  }
  return total;
}

uint32_t bench_round(uint32_t round) {
  uint32_t state = round * 2654435761u | 1;
  uint32_t sum = fold(attract(&state));
  sum = mix(sum, fold(solve(&state)));
  return mix(mix(sum, fractal(round)), polynomial(round));
}
