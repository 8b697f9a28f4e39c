/* Quadrature, roots, minima, interpolation and series. */
#include <math.h>
#include <stdio.h>

#include "numerics.h"

#define PI 3.14159265358979323846

typedef double function(double);

static double bell(double x) { return exp(-x * x); }
static double witch(double x) { return 1 / (1 + x * x); }
static double kink(double x) { return fabs(x - 0.3); }
static double wave(double x) { return sin(10 * x) / (x + 2); }
static double cubic(double x) { return x * x * x - 2 * x - 5; }
static double steep(double x) { return tanh(20 * (x - 2)) + 0.1 * x; }
static double transcendental(double x) { return cos(x) - x; }

static const struct {
  const char *name;
  function *f;
} functions[] = {{"bell", bell}, {"witch", witch}, {"kink", kink}, {"wave", wave}};

static double romberg(function *f, double a, double b) {
  double row[12], h = b - a;

  row[0] = h / 2 * (f(a) + f(b));
  for (int k = 1; k < 9; k++) {
    double sum = 0, factor = 1, last = row[0];
    h /= 2;
    for (int i = 1; i < 1 << k; i += 2) sum += f(a + i * h);
    row[0] = row[0] / 2 + h * sum;
    for (int j = 1; j <= k; j++) {
      factor *= 4;
      const double t = j < k ? row[j] : 0;
      row[j] = row[j - 1] + (row[j - 1] - last) / (factor - 1);
      last = t;
    }
  }
  return row[8];
}

static double simpson(function *f, double a, double b, double fa, double fm, double fb, double tolerance, int depth, int *calls) {
  const double m = (a + b) / 2, fl = f((a + m) / 2), fr = f((m + b) / 2), h = (b - a) / 12;
  const double whole = 2 * h * (fa + 4 * fm + fb), left = h * (fa + 4 * fl + fm), right = h * (fm + 4 * fr + fb);

  *calls += 2;
  if (depth == 0 || fabs(left + right - whole) <= 15 * tolerance) return left + right + (left + right - whole) / 15;
  return simpson(f, a, m, fa, fl, fm, tolerance / 2, depth - 1, calls) + simpson(f, m, b, fm, fr, fb, tolerance / 2, depth - 1,
      calls);
}

/* Nodes are the roots of Legendre's polynomial, found by Newton's method. */
static double gauss(function *f, double a, double b, int n) {
  double sum = 0;

  for (int i = 0; i < n; i++) {
    double x = cos(PI * (i + 0.75) / (n + 0.5)), slope = 0;
    for (int step = 0; step < 6; step++) {
      double p = 1, before = 0;
      for (int k = 1; k <= n; k++) {
        const double t = ((2 * k - 1) * x * p - (k - 1) * before) / k;
        before = p;
        p = t;
      }
      slope = n * (x * p - before) / (x * x - 1);
      x -= p / slope;
    }
    sum += f((a + b) / 2 + (b - a) / 2 * x) * (b - a) / ((1 - x * x) * slope * slope);
  }
  return sum;
}

static double bisect(function *f, double a, double b, int *steps) {
  for (*steps = 0; b - a > 1e-14 * fabs(a); ++*steps) {
    const double m = (a + b) / 2;
    if (m == a || m == b) break;
    if ((f(m) < 0) == (f(a) < 0)) a = m;
    else b = m;
  }
  return a;
}

static double secant(function *f, double a, double b, int *steps) {
  double fa = f(a), fb = f(b);
  for (*steps = 0; *steps < 60 && fb != 0 && a != b && fa != fb; ++*steps) {
    const double c = b - fb * (b - a) / (fb - fa);
    a = b;
    fa = fb;
    b = c;
    fb = f(c);
  }
  return b;
}

static double golden(function *f, double a, double b) {
  const double ratio = (sqrt(5) - 1) / 2;
  double c = b - ratio * (b - a), d = a + ratio * (b - a);
  for (int i = 0; i < 60; i++) {
    if (f(c) < f(d)) {
      b = d;
      d = c;
      c = b - ratio * (b - a);
    } else {
      a = c;
      c = d;
      d = a + ratio * (b - a);
    }
  }
  return (a + b) / 2;
}

/* A natural cubic spline through points of the witch, by Thomas's algorithm. */
static void spline(void) {
  enum { N = 9 };
  double y[N], m[N] = {0}, c[N] = {0}, out[32];
  const double h = 0.75;

  for (int i = 0; i < N; i++) y[i] = witch(-3 + i * h);
  for (int i = 1; i < N - 1; i++) {
    const double w = 4 - c[i - 1];
    c[i] = 1 / w;
    m[i] = (6 / (h * h) * (y[i - 1] - 2 * y[i] + y[i + 1]) - m[i - 1]) / w;
  }
  for (int i = N - 2; i > 0; i--) m[i] -= c[i] * m[i + 1];
  for (int k = 0; k < 32; k++) {
    const double x = k * 6.0 / 32;
    const int i = (int)(x / h);
    const double t = x - i * h, u = h - t;
    out[k] = (m[i] * u * u * u + m[i + 1] * t * t * t) / (6 * h) + (y[i] / h - m[i] * h / 6) * u + (y[i + 1] / h - m[i
        + 1] * h / 6) * t;
  }
  tell_doubles("spline", out, 32);
}

/* Sums that lose digits, and ways not to. */
static void sums(void) {
  double plain = 0, kept = 0, compensation = 0, backwards = 0;
  float single = 0;
  long double longer = 0;

  for (int i = 1; i <= 3000; i++) {
    const double term = 1.0 / ((double)i * i);
    plain += term;
    single += (float)term;
    longer += term;
    volatile double corrected = term - compensation, next = kept + corrected;
    compensation = (next - kept) - corrected;
    kept = next;
  }
  for (int i = 3000; i > 0; i--) backwards += 1.0 / ((double)i * i);
  printf("%.17g %.17g %.17g %.9g %.17g\n", plain, kept, backwards, (double)single, (double)longer);
  double x = 4;
  for (int i = 0; i < 30; i++) {
    x = 111 - 1130 / x + 3000 / (x * (i == 0 ? 4.25 : x));
    if (i % 5 == 4) printf("Muller %d: %.15g\n", i, x);
  }
  double a = 1, b = sqrt(0.5), t = 0.25, p = 1;
  for (int i = 0; i < 4; i++) {
    const double next = (a + b) / 2;
    b = sqrt(a * b);
    t -= p * (a - next) * (a - next);
    a = next;
    p *= 2;
    printf("pi %.17g\n", (a + b) * (a + b) / (4 * t));
  }
}

void calculus(void) {
  int steps;

  for (size_t i = 0; i < COUNT(functions); i++) {
    function *f = functions[i].f;
    int calls = 3;
    const double adaptive = simpson(f, -1, 2, f(-1), f(0.5), f(2), 1e-9, 12, &calls);
    printf("%s: %.16g %.16g (%d) %.16g %.16g\n", functions[i].name, romberg(f, -1, 2), adaptive, calls, gauss(f, -1, 2, 5),
        gauss(f, -1, 2, 12));
  }
  static function *const equations[] = {cubic, steep, transcendental};
  for (size_t i = 0; i < COUNT(equations); i++) {
    const double halved = bisect(equations[i], -1, 5, &steps);
    printf("root %.16g in %d,", halved, steps);
    const double crossed = secant(equations[i], halved - 0.1, halved + 0.05, &steps);
    printf(" %.16g in %d\n", crossed, steps);
  }
  printf("least %.10f %.10f\n", golden(cubic, 0, 2), golden(wave, 0, 1));
  spline();
  sums();
}
