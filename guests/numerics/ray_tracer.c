/* Spheres over a chequered floor, in single and in double precision from the same text, drawn with letters. */
#include <math.h>
#include <stdio.h>

#include "numerics.h"

#define WIDTH 48
#define HEIGHT 20

static const double scene[4][5] = {
  /* x, y, z, radius, mirror */
  {0, 0.2, 4, 1.2, 0.5},
  {-2, -0.3, 3.5, 0.7, 0.2},
  {1.9, -0.5, 3, 0.5, 0.8},
  {0.6, -0.75, 2.2, 0.25, 0},
};

#define TRACER(real, name, root, lower)                                                                        \
  typedef struct {                                                                                             \
    real x, y, z;                                                                                              \
  } name##_vector;                                                                                             \
  static name##_vector name##_along(name##_vector o, name##_vector d, real t) {                                \
    return (name##_vector){o.x + d.x * t, o.y + d.y * t, o.z + d.z * t};                                       \
  }                                                                                                            \
  static real name##_dot(name##_vector a, name##_vector b) { return a.x * b.x + a.y * b.y + a.z * b.z; }       \
  static name##_vector name##_unit(name##_vector a) {                                                          \
    const real length = root(name##_dot(a, a));                                                                \
    return (name##_vector){a.x / length, a.y / length, a.z / length};                                          \
  }                                                                                                            \
  static real name##_nearest(name##_vector o, name##_vector d, int *which) {                                   \
    real best = 1000;                                                                                          \
    *which = -1;                                                                                               \
    for (int i = 0; i < 4; i++) {                                                                              \
      const name##_vector c = {o.x - (real)scene[i][0], o.y - (real)scene[i][1], o.z - (real)scene[i][2]};     \
      const real b = name##_dot(c, d), r = (real)scene[i][3], h = b * b - name##_dot(c, c) + r * r;            \
      if (h <= 0) continue;                                                                                    \
      const real t = -b - root(h);                                                                             \
      if (t > (real)0.001 && t < best) {                                                                       \
        best = t;                                                                                              \
        *which = i;                                                                                            \
      }                                                                                                        \
    }                                                                                                          \
    const real floor_at = (-1 - o.y) / d.y;                                                                    \
    if (d.y < 0 && floor_at > (real)0.001 && floor_at < best) {                                                \
      best = floor_at;                                                                                         \
      *which = 4;                                                                                              \
    }                                                                                                          \
    return best;                                                                                               \
  }                                                                                                            \
  static real name##_trace(name##_vector o, name##_vector d, int depth) {                                      \
    int which, shade;                                                                                          \
    const real t = name##_nearest(o, d, &which);                                                               \
    if (which < 0) return (real)0.3 + (real)0.3 * d.y;                                                         \
    const name##_vector p = name##_along(o, d, t);                                                             \
    name##_vector n = {0, 1, 0};                                                                               \
    real colour = (int)(lower(p.x) + lower(p.z)) & 1 ? (real)0.8 : (real)0.2, mirror = (real)0.1;              \
    if (which < 4) {                                                                                           \
      n = name##_unit((name##_vector){p.x - (real)scene[which][0], p.y - (real)scene[which][1],                \
                                      p.z - (real)scene[which][2]});                                           \
      colour = (real)0.9;                                                                                      \
      mirror = (real)scene[which][4];                                                                          \
    }                                                                                                          \
    const name##_vector light = name##_unit((name##_vector){-3, 5, -2});                                       \
    name##_nearest(p, light, &shade);                                                                          \
    real lit = name##_dot(n, light);                                                                           \
    if (lit < 0 || shade >= 0) lit = 0;                                                                        \
    colour *= (real)0.15 + (real)0.85 * lit;                                                                   \
    if (depth == 0 || mirror == 0) return colour;                                                              \
    const name##_vector back = name##_along(d, n, -2 * name##_dot(d, n));                                      \
    return colour * (1 - mirror) + mirror * name##_trace(p, back, depth - 1);                                  \
  }                                                                                                            \
  static void name##_draw(real *image) {                                                                       \
    for (int y = 0; y < HEIGHT; y++)                                                                           \
      for (int x = 0; x < WIDTH; x++) {                                                                        \
        const name##_vector d = {(x - WIDTH / 2 + (real)0.5) / 24, (HEIGHT / 2 - y - (real)0.5) / 12, 2};      \
        image[y * WIDTH + x] = name##_trace((name##_vector){0, 0, -2}, name##_unit(d), 3);                     \
      }                                                                                                        \
  }

TRACER(float, single, sqrtf, floorf)
TRACER(double, precise, sqrt, floor)

static void print(const double *image) {
  static const char shades[] = " .:-=+*#%@";
  for (int y = 0; y < HEIGHT; y++) {
    for (int x = 0; x < WIDTH; x++) {
      const double value = image[y * WIDTH + x];
      putchar(shades[value < 0 ? 0 : value >= 1 ? 9 : (int)(value * 10)]);
    }
    putchar('\n');
  }
}

void ray_tracer(void) {
  static float small[WIDTH * HEIGHT];
  static double large[WIDTH * HEIGHT];
  double worst = 0, mean = 0;

  single_draw(small);
  precise_draw(large);
  print(large);
  for (int i = 0; i < WIDTH * HEIGHT; i++) {
    const double difference = fabs(small[i] - large[i]);
    worst = fmax(worst, difference);
    mean += difference / (WIDTH * HEIGHT);
  }
  tell_bytes("single", small, sizeof small);
  tell_bytes("double", large, sizeof large);
  tell_floats("a line", small + 9 * WIDTH, WIDTH);
  tell_doubles("a line", large + 9 * WIDTH, WIDTH);
  printf("differences: worst %.9e, mean %.9e\n", worst, mean);
}
