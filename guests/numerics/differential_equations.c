/* Integrators with fixed and adaptive steps, symplectic ones and implicit ones. */
#include <math.h>
#include <stdio.h>

#include "numerics.h"

#define MOST 4

typedef void field(double t, const double *y, double *dy);

static void oscillator(double t, const double *y, double *dy) {
  dy[0] = y[1];
  dy[1] = -y[0] + 0.1 * cos(t);
}

static void lorenz(double t, const double *y, double *dy) {
  (void)t;
  dy[0] = 10 * (y[1] - y[0]);
  dy[1] = y[0] * (28 - y[2]) - y[1];
  dy[2] = y[0] * y[1] - 8.0 / 3 * y[2];
}

static void hunters_and_hunted(double t, const double *y, double *dy) {
  (void)t;
  dy[0] = y[0] * (1.1 - 0.4 * y[1]);
  dy[1] = y[1] * (0.1 * y[0] - 0.4);
}

static void runge_kutta(field *f, unsigned n, double *y, double t, double h) {
  double k1[MOST], k2[MOST], k3[MOST], k4[MOST], z[MOST];

  f(t, y, k1);
  for (unsigned i = 0; i < n; i++)
    z[i] = y[i] + h / 2 * k1[i];
  f(t + h / 2, z, k2);
  for (unsigned i = 0; i < n; i++)
    z[i] = y[i] + h / 2 * k2[i];
  f(t + h / 2, z, k3);
  for (unsigned i = 0; i < n; i++)
    z[i] = y[i] + h * k3[i];
  f(t + h, z, k4);
  for (unsigned i = 0; i < n; i++)
    y[i] += h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
}

/* Bogacki and Shampine's pair of orders 2 and 3; returns the estimated error. */
static double embedded_step(field *f, unsigned n, const double *y, double t, double h, double *out) {
  double k1[MOST], k2[MOST], k3[MOST], k4[MOST], z[MOST], error = 0;

  f(t, y, k1);
  for (unsigned i = 0; i < n; i++)
    z[i] = y[i] + h / 2 * k1[i];
  f(t + h / 2, z, k2);
  for (unsigned i = 0; i < n; i++)
    z[i] = y[i] + 3 * h / 4 * k2[i];
  f(t + 3 * h / 4, z, k3);
  for (unsigned i = 0; i < n; i++)
    out[i] = y[i] + h * (2 * k1[i] + 3 * k2[i] + 4 * k3[i]) / 9;
  f(t + h, out, k4);
  for (unsigned i = 0; i < n; i++) {
    const double low = y[i] + h * (7.0 / 24 * k1[i] + k2[i] / 4 + k3[i] / 3 + k4[i] / 8);
    error = fmax(error, fabs(out[i] - low));
  }
  return error;
}

static void adapt(const char *name, field *f, unsigned n, double *y, double end, double tolerance) {
  double t = 0, h = 0.01;
  int taken = 0, refused = 0;

  while (t < end) {
    double next[MOST];
    h = fmin(h, end - t);
    const double error = embedded_step(f, n, y, t, h, next);
    if (error <= tolerance) {
      t += h;
      for (unsigned i = 0; i < n; i++)
        y[i] = next[i];
      taken++;
    } else
      refused++;
    h *= fmin(2, fmax(0.2, 0.9 * cbrt(tolerance / fmax(error, 1e-30))));
  }
  printf("%s: %d steps, %d refused, last %.12g\n", name, taken, refused, h);
  tell_doubles(name, y, n);
}

/* A sun, and three planets as leapfrog moves them; the energy should stay. */
static void planets(void) {
  static const double distance[3] = {1.0, 1.524, 5.2};
  double x[3][2], v[3][2], energy = 0;

  for (int p = 0; p < 3; p++) {
    x[p][0] = distance[p];
    x[p][1] = 0;
    v[p][0] = 0;
    v[p][1] = sqrt(1 / distance[p]) * (p == 1 ? 1.05 : 1);
  }
  for (int step = 0; step <= 1000; step++) {
    energy = 0;
    for (int p = 0; p < 3; p++) {
      const double r = hypot(x[p][0], x[p][1]), pull = -0.02 / (r * r * r);
      v[p][0] += pull * x[p][0];
      v[p][1] += pull * x[p][1];
      x[p][0] += 0.02 * v[p][0];
      x[p][1] += 0.02 * v[p][1];
      energy += (v[p][0] * v[p][0] + v[p][1] * v[p][1]) / 2 - 1 / hypot(x[p][0], x[p][1]);
    }
    if (step % 100 == 0)
      printf("%4d: %.10f %.10f  %.10f %.10f  %.10f %.10f  energy %.10f\n", step, x[0][0], x[0][1], x[1][0], x[1][1],
         x[2][0], x[2][1], energy);
  }
}

/* Van der Pol's stiff equation, by the trapezoidal rule with Newton's method inside. */
static void stiff(void) {
  double y = 2, z = 0;
  const double mu = 20, h = 0.02;
  int iterations = 0;

  for (int step = 1; step <= 500; step++) {
    const double fy = z, fz = mu * (1 - y * y) * z - y;
    double ny = y, nz = z;
    for (int i = 0; i < 20; i++) {
      const double gy = ny - y - h / 2 * (fy + nz);
      const double gz = nz - z - h / 2 * (fz + mu * (1 - ny * ny) * nz - ny);
      const double a = 1, b = -h / 2, c = h / 2 * (2 * mu * ny * nz + 1), d = 1 - h / 2 * mu * (1 - ny * ny);
      const double det = a * d - b * c, dy = (gy * d - b * gz) / det, dz = (a * gz - gy * c) / det;
      ny -= dy;
      nz -= dz;
      iterations++;
      if (fabs(dy) + fabs(dz) < 1e-12)
        break;
    }
    y = ny;
    z = nz;
    if (step % 50 == 0)
      printf("van der Pol %d: %.12f %.12f\n", step, y, z);
  }
  printf("%d iterations\n", iterations);
}

/* Heat in a rod, in single precision. */
static void heat(void) {
  static float rod[64], next[64];

  for (int i = 0; i < 64; i++)
    rod[i] = i > 20 && i < 40 ? 100.0f : 20.0f;
  for (int step = 0; step < 300; step++) {
    for (int i = 1; i < 63; i++)
      next[i] = rod[i] + 0.24f * (rod[i - 1] - 2 * rod[i] + rod[i + 1]);
    for (int i = 1; i < 63; i++)
      rod[i] = next[i];
  }
  tell_floats("heat", rod, 64);
}

void differential_equations(void) {
  double y[2] = {1, 0}, chaos[3] = {1, 1, 1}, far[3] = {1, 1, 1}, animals[2] = {10, 5};

  for (int step = 0; step < 200; step++) {
    runge_kutta(oscillator, 2, y, step * 0.05, 0.05);
    if (step % 20 == 19)
      printf("oscillator %3d: %.15f %.15f\n", step, y[0], y[1]);
  }
  for (int step = 0; step < 500; step++)
    runge_kutta(lorenz, 3, chaos, 0, 0.01);
  tell_doubles("Lorenz", chaos, 3);
  adapt("Lorenz, adaptive", lorenz, 3, far, 2, 1e-5);
  adapt("hunters and hunted", hunters_and_hunted, 2, animals, 15, 1e-4);
  planets();
  stiff();
  heat();
}
