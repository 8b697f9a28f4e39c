/* The functions of math.h in both precisions, on ordinary arguments and on those where they end. */
#include <complex.h>
#include <math.h>
#include <stdio.h>

#include "numerics.h"

#define BOTH(name) {#name, name, name##f}

static const struct {
  const char *name;
  double (*f)(double);
  float (*single)(float);
} unary[] = {BOTH(sin),  BOTH(cos),   BOTH(tan),   BOTH(asin),  BOTH(acos),   BOTH(atan),      BOTH(sinh),  BOTH(cosh),
             BOTH(tanh), BOTH(asinh), BOTH(acosh), BOTH(atanh), BOTH(exp),    BOTH(exp2),      BOTH(expm1), BOTH(log),
             BOTH(log2), BOTH(log10), BOTH(log1p), BOTH(sqrt),  BOTH(cbrt),   BOTH(erf),       BOTH(erfc),  BOTH(tgamma),
             BOTH(lgamma), BOTH(floor), BOTH(ceil), BOTH(trunc), BOTH(round), BOTH(nearbyint), BOTH(rint),  BOTH(fabs),
             BOTH(logb), BOTH(j0),    BOTH(y1)};

static const struct {
  const char *name;
  double (*f)(double, double);
  float (*single)(float, float);
} binary[] = {BOTH(pow), BOTH(atan2), BOTH(hypot), BOTH(fmod), BOTH(remainder), BOTH(fmax), BOTH(fmin), BOTH(fdim),
    BOTH(copysign), BOTH(nextafter)};

static const double arguments[] = {0.0, -0.0, 0.5, -0.75, 1, 2.5, -3.7, 10, 1e-8, 100.25, 1e5, 710, 1e300, 4e-320, INFINITY, NAN};

void elementary_functions(void) {
  for (size_t i = 0; i < COUNT(unary); i++) {
    double results[COUNT(arguments)];
    float singles[COUNT(arguments)];
    for (size_t a = 0; a < COUNT(arguments); a++) {
      volatile double x = arguments[a];
      results[a] = unary[i].f(x);
      singles[a] = unary[i].single((float)x);
    }
    printf("%s:", unary[i].name);
    for (size_t a = 0; a < COUNT(arguments); a++)
      printf(" %016llx/%08lx", (unsigned long long)double_bits(results[a]), (unsigned long)float_bits(singles[a]));
    printf("\n");
    tell_doubles(unary[i].name, results, 8);
  }
  for (size_t i = 0; i < COUNT(binary); i++) {
    printf("%s:", binary[i].name);
    for (size_t a = 0; a < COUNT(arguments); a++)
      for (size_t b = 0; b < COUNT(arguments); b += 3)
        printf(" %016llx/%08lx", (unsigned long long)double_bits(binary[i].f(arguments[a], arguments[b])),
               (unsigned long)float_bits(binary[i].single((float)arguments[a], (float)arguments[b])));
    printf("\n");
  }
  for (size_t a = 0; a < COUNT(arguments); a++) {
    int exponent = 0, quotient = 0;
    double whole = 0;
    const double x = arguments[a], fraction = frexp(x, &exponent), part = modf(x, &whole), rest = remquo(x, 0.7, &quotient);
    printf("%.17g %d %.17g %.17g %.17g %d %.17g %d%d\n", fraction, isfinite(x) ? exponent : 0, whole, part, rest, quotient & 7,
           scalbn(x, -3), fpclassify(x) == FP_SUBNORMAL, signbit(x) != 0);
  }
  for (int i = 0; i < 12; i++) {
    const double complex z = random_signed() * 2 + random_signed() * 2 * I, results[] = {csqrt(z), cexp(z), clog(z), csin(z),
        cpow(z, z), 1 / z, catan(z)};
    for (size_t r = 0; r < COUNT(results); r++) printf("%.15g%+.15gi ", creal(results[r]), cimag(results[r]));
    printf("\n");
  }
}
