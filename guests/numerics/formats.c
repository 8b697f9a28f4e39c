/* Figures to text and back: every conversion of printf that a C library knows, and strtod on what is hard to read. */
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "numerics.h"

static const double values[] = {
  0.0, -0.0, 1, -1, 0.1, 1.0 / 3, 2.5, 3.5, 0.5, 1.5, 9.995, 99.9999, 123456.789, 1e15, 1e16, 1e17, 1e21, 1e22, 1e23,
  1e100, 1.7976931348623157e308, 2.2250738585072014e-308, 4.9406564584124654e-324, 1e-5, 9.5e-5, 0.00012345, 5e-7,
  4503599627370496.5, 9007199254740993.0, 0x1.921fb54442d18p+1, INFINITY, -INFINITY, NAN,
};

static void floating(void) {
  static const char *const forms[] = {"%f", "%e", "%g", "%.0f", "%.1e", "%#.3g", "%+12.4f", "%-14.6e|", "%015.5g", "% .10G",
      "%.20g"};

  for (size_t v = 0; v < COUNT(values); v++) {
    for (size_t f = 0; f < COUNT(forms); f++) {
      if (forms[f][1] == 'f' && fabs(values[v]) > 1e30) continue;
      printf(forms[f], values[v]);
      putchar(' ');
    }
    putchar('\n');
  }
}

static void integral(void) {
  static const int64_t numbers[] = {0, 1, -1, 7, 255, -256, 65535, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN,
      1234567890123456789};

  for (size_t i = 0; i < COUNT(numbers); i++) {
    const int64_t n = numbers[i];
    const unsigned long long u = (unsigned long long)n;
    printf("%lld %llu %llx %llo %d %u %x %#o %hd %hhu", (long long)n, u, u, u, (int)n, (unsigned)n, (unsigned)n, (unsigned)n,
           (short)n, (unsigned char)n);
    printf(" [%8d] [%-8d] [%08d] [%+d] [% d] [%.5d] [%10.5d] [%#x] [%#X] [%zu]\n", (int)n, (int)n, (int)n, (int)n, (int)n, (int)n,
           (int)n, (unsigned)n, (unsigned)n, (size_t)n);
  }
}

static void reading(void) {
  static const char *const inputs[] = {
    "1",     "-1.5e3",  ".5",          "5.",        "1e",     "0x1.8p3",  "0x.1p-4",  "inf",    "-Infinity",
    "nan",   "1e400",   "-1e400",      "1e-400",    "1e-320", "+7.e-2z",  "  12 34",  "",       "abc",
    "2.2250738585072011e-308",         "2.2250738585072012e-308",         "1.00000000000000011102230246251565404",
    "9007199254740993", "9007199254740992.9999999", "179769313486231580793728971405301e276", "8.41e21",
    "0.000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000123",
    "6.9294956446009195e15", "3.7455744005952583e15", "1.7976931348623159e308", "4.9406564584124654e-325",
        "123456789012345678901234567890",
  };

  for (size_t i = 0; i < COUNT(inputs); i++) {
    char *end;
    const double d = strtod(inputs[i], &end);
    printf("%016llx %.17g %d,", (unsigned long long)double_bits(d), d, (int)(end - inputs[i]));
    const float f = strtof(inputs[i], &end);
    printf(" %08lx %.9g %d,", (unsigned long)float_bits(f), (double)f, (int)(end - inputs[i]));
    printf(" %ld %lu %lld\n", strtol(inputs[i], NULL, 0), strtoul(inputs[i], NULL, 16), strtoll(inputs[i], NULL, 10));
  }
}

/* Seventeen digits are enough for any double, nine for any single. */
static void there_and_back(void) {
  int lost = 0, lost_single = 0, lost_short = 0;
  char text[40];

  for (int i = 0; i < 160; i++) {
    const double d = double_of((uint64_t)random_word() << 32 | random_word());
    if (!isfinite(d)) continue;
    snprintf(text, sizeof text, "%.17g", d);
    lost += strtod(text, NULL) != d;
    if (i % 20 == 0) printf("%s\n", text);
    snprintf(text, sizeof text, "%.15g", d);
    lost_short += strtod(text, NULL) != d;
    const float f = float_of(random_word());
    if (!isfinite(f)) continue;
    snprintf(text, sizeof text, "%.9g", (double)f);
    lost_single += strtof(text, NULL) != f;
  }
  printf("%d and %d lost, of 15 digits %d\n", lost, lost_single, lost_short);
}

static int collect(char *to, size_t size, const char *form, ...) {
  va_list list;
  va_start(list, form);
  const int length = vsnprintf(to, size, form, list);
  va_end(list);
  return length;
}

static void scanning(void) {
  int a = 0, b = 0, n = 0, count;
  double d = 0;
  float f = 0;
  char word[16] = "", set[16] = "", short_text[8];

  count = sscanf("12 -0x1f 3.25e2 word [abc]xyz 7.5", "%d %i %lf %15s [%15[a-c]]xyz %f%n", &a, &b, &d, word, set, &f, &n);
  printf("%d: %d %d %g %s %s %g %d\n", count, a, b, d, word, set, (double)f, n);
  count = sscanf("a:5,b:6", "a:%d,c:%d", &a, &b);
  printf("%d: %d %d\n", count, a, b);
  count = collect(short_text, sizeof short_text, "%s-%d-%c-%%", "longer than that", 42, 'z');
  printf("%d '%s'\n", count, short_text);
  printf("%*d|%-*d|%.*f|%5.1s|%c%c\n", 7, 42, 7, 42, 3, 2.71828, "string", 'o', 'k');
  printf("%.3s %10.4s| %p %s\n", "abcdef", "abcdef", (void *)0x1234, DBL_DIG == 15 ? "fifteen" : "other");
}

void formats(void) {
  floating();
  integral();
  reading();
  there_and_back();
  scanning();
}
