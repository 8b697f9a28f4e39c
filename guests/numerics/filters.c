/* What a controller computes all day: recursive and finite filters, a Kalman filter, a controller in a loop. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "numerics.h"

#define PI 3.14159265358979323846

struct biquad {
  float b0, b1, b2, a1, a2, z1, z2;
};

static struct biquad low_pass(float frequency, float quality) {
  const float w = 2 * (float)PI * frequency, alpha = sinf(w) / (2 * quality), c = cosf(w), a0 = 1 + alpha;
  return (struct biquad){(1 - c) / 2 / a0, (1 - c) / a0, (1 - c) / 2 / a0, -2 * c / a0, (1 - alpha) / a0, 0, 0};
}

static float run_biquad(struct biquad *f, float in) {
  const float out = f->b0 * in + f->z1;
  f->z1 = f->b1 * in - f->a1 * out + f->z2;
  f->z2 = f->b2 * in - f->a2 * out;
  return out;
}

/* The tail decays through the subnormal numbers down to zero, or to a limit cycle. */
static void recursive_response(void) {
  struct biquad f = low_pass(0.05f, 0.707f);
  float last[24];
  int subnormal = 0, step = 0;

  for (; step < 24; step++) last[step] = run_biquad(&f, step < 10);
  tell_floats("step", last, 24);
  for (; step < 1500; step++) {
    const float y = run_biquad(&f, 0);
    subnormal += fpclassify(y) == FP_SUBNORMAL;
    if (step % 100 == 0) printf("%d: %08lx %.9g\n", step, (unsigned long)float_bits(y), (double)y);
  }
  printf("%d subnormal\n", subnormal);
}

static void finite_response(void) {
  static float taps[31], signal[200], out[200];

  for (int i = 0; i < 31; i++) {
    const float x = (float)(i - 15) * 0.2f * (float)PI;
    taps[i] = (i == 15 ? 1 : sinf(x) / x) * 0.2f * (0.54f - 0.46f * cosf(2 * (float)PI * (float)i / 30));
  }
  for (int i = 0; i < 200; i++) signal[i] = sinf((float)i * 0.1f) + 0.5f * (float)random_signed();
  for (int i = 30; i < 200; i++) {
    float sum = 0;
    for (int t = 0; t < 31; t++) sum += taps[t] * signal[i - t];
    out[i] = sum;
  }
  tell_floats("taps", taps, 31);
  tell_floats("filtered", out + 30, 64);
  tell_bytes("all", out, sizeof out);
}

/* Position and speed from noisy positions. */
static void kalman(void) {
  double x[2] = {0, 0}, p[2][2] = {{100, 0}, {0, 100}};
  const double dt = 0.1, q = 0.05, r = 4;
  double truth = 0, speed = 1;

  for (int step = 1; step <= 150; step++) {
    speed += step == 75 ? -2 : 0;
    truth += speed * dt;
    const double seen = truth + 2 * (random_unit() + random_unit() + random_unit() - 1.5);
    x[0] += dt * x[1];
    const double p00 = p[0][0] + dt * (p[0][1] + p[1][0]) + dt * dt * p[1][1] + q * dt * dt * dt / 3;
    const double p01 = p[0][1] + dt * p[1][1] + q * dt * dt / 2, p11 = p[1][1] + q * dt;
    const double s = p00 + r, k0 = p00 / s, k1 = p01 / s, error = seen - x[0];
    x[0] += k0 * error;
    x[1] += k1 * error;
    p[0][0] = (1 - k0) * p00;
    p[0][1] = p[1][0] = (1 - k0) * p01;
    p[1][1] = p11 - k1 * p01;
    if (step % 10 == 0)
      printf("%3d: truth %8.4f seen %8.4f position %.12f speed %.12f variance %.9g %.9g\n", step, truth, seen, x[0], x[1],
             p[0][0], p[1][1]);
  }
}

/* A pendulum held upright in single precision. */
static void balance(void) {
  float angle = 0.2f, rate = 0, integral = 0, force = 0;

  for (int step = 0; step < 2000; step++) {
    const float dt = 0.002f;
    integral += angle * dt;
    const float wanted = 60 * angle + 12 * rate + 20 * integral;
    force = wanted > 15 ? 15 : wanted < -15 ? -15 : wanted;
    rate += (9.81f * sinf(angle) - force * cosf(angle) + (step == 1000 ? 500.0f : 0)) * dt;
    angle += rate * dt;
    if (step % 100 == 0) printf("%4d: angle %.8f rate %.8f force %.6f\n", step, (double)angle, (double)rate, (double)force);
  }
}

/* Adaptive: least mean squares finds an unknown filter. */
static void adaptive(void) {
  static const double unknown[8] = {0.5, -0.25, 0.125, 0.8, -0.6, 0.1, 0, 0.05};
  double weights[8] = {0}, history[8] = {0}, error = 0;

  for (int step = 0; step < 800; step++) {
    memmove(history + 1, history, sizeof history - sizeof *history);
    history[0] = random_signed();
    double wanted = 0, got = 0;
    for (int i = 0; i < 8; i++) {
      wanted += unknown[i] * history[i];
      got += weights[i] * history[i];
    }
    error = wanted - got;
    for (int i = 0; i < 8; i++) weights[i] += 0.1 * error * history[i];
    if (step % 200 == 199) tell_doubles("weights", weights, 8);
  }
  printf("error %.6e\n", error);
}

void filters(void) {
  recursive_response();
  finite_response();
  kalman();
  balance();
  adaptive();
}
