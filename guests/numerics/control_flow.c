/* Ways to get about in C: long jumps, recursion, tables of functions, switches of all shapes, arguments of all kinds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "numerics.h"

static jmp_buf places[4];
static int cleanups;

static double descend(int level, double value) {
  volatile double kept = value * 1.25;

  if (level == 0 && value < 9) longjmp(places[(int)value & 3], (int)value + 1);
  if (level == 0) return value;
  const double below = descend(level - 1, value);
  cleanups++;
  return kept + below;
}

static void long_jumps(void) {
  for (volatile int i = 0; i < 12; i++) {
    volatile double before = i * 0.5;
    const int came = setjmp(places[i & 3]);
    if (came == 0) {
      before += 100;
      before += descend(i + 3, i);
    }
    printf("jump %d came with %d, %g\n", i, came, before);
  }
  printf("%d cleanups\n", cleanups);
}

static uint32_t ackermann(uint32_t m, uint32_t n) {
  if (m == 0) return n + 1;
  return ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1));
}

static unsigned hanoi(int discs, int from, int to, uint32_t *trace) {
  if (discs == 0) return 0;
  const int via = 3 - from - to;
  const unsigned before = hanoi(discs - 1, from, via, trace);
  *trace = *trace * 31 + (uint32_t)(discs * 9 + from * 3 + to);
  return before + 1 + hanoi(discs - 1, via, to, trace);
}

static unsigned queens(unsigned all, unsigned columns, unsigned left, unsigned right) {
  unsigned found = 0;

  if (columns == all) return 1;
  for (unsigned free = all & ~(columns | left | right); free != 0; free &= free - 1) {
    const unsigned bit = free & -free;
    found += queens(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return found;
}

static int dense(int n) {
  switch (n) {
    case 0: return 7;
    case 1: return dense(5) + 1;
    case 2:
    case 3: n *= 2; /* fall through */
    case 4: return n * n;
    case 5: return -3;
    case 6: return n << 4;
    case 7: return n ^ 0x55;
    case 8: return ~n;
    case 9: return n % 4;
    default: return 0;
  }
}

static const char *sparse(int64_t n) {
  switch (n) {
    case -1000000000000: return "low";
    case -1: return "minus one";
    case 42: return "the answer";
    case 65536: return "a page of pages";
    case 1000 ... 1999: return "a thousand and some";
    case INT64_MAX: return "the most";
    default: return "nothing special";
  }
}

static double mixed(int count, ...) {
  va_list list, copy;
  double sum = 0;

  va_start(list, count);
  va_copy(copy, list);
  for (int i = 0; i < count; i++) switch (i % 4) {
      case 0: sum += va_arg(list, int); break;
      case 1: sum += va_arg(list, double); break;
      case 2: sum += (double)va_arg(list, long long); break;
      default: sum += (double)strlen(va_arg(list, const char *));
    }
  sum += va_arg(copy, int) * 1000;
  va_end(copy);
  va_end(list);
  return sum;
}

struct pair {
  double a, b;
};
struct quad {
  float f[4];
};
struct large {
  int64_t words[10];
  char name[12];
};

/* Arguments in core registers, in VFP registers, and on the stack, between each other. */
static struct pair many(int a, double b, float c, struct pair d, long long e, float f, struct quad g, char h, double i,
    double j, float k) {
  return (struct pair){a + b * c + d.a - d.b + (double)e, (double)f * g.f[0] - g.f[3] + h + i / j + k};
}

static struct large copied(struct large in, int by) {
  for (int i = 0; i < 10; i++) in.words[i] = in.words[(i + by) % 10] * 3 - i;
  in.name[0] = (char)(in.name[0] + by);
  return in;
}

struct packed_bits {
  unsigned a : 3, b : 11;
  int c : 7, d : 20;
  uint64_t e : 40;
};

static void structures(void) {
  struct large first = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, "abc"};
  struct packed_bits bits = {0, 0, 0, 0, 0};

  for (int i = 1; i < 6; i++) first = copied(first, i);
  for (int i = 0; i < 10; i++) printf("%lld ", (long long)first.words[i]);
  printf("%s\n", first.name);
  for (unsigned i = 0; i < 10; i++) {
    bits.a += i;
    bits.b = bits.b * 7 + bits.a;
    bits.c -= (int)i * 5;
    bits.d = bits.d * 3 - bits.c;
    bits.e += (uint64_t)bits.b << i * 3;
    printf("%u %u %d %d %llu\n", bits.a, bits.b, bits.c, bits.d, (unsigned long long)bits.e);
  }
}

static void stop_at(int *count, int value) { *count += value; }

void control_flow(void) {
  static void *const labels[] = {&&one, &&two, &&three, &&done};
  uint32_t trace = 0;
  int steps = 0, at = 0;

  long_jumps();
  for (uint32_t n = 0; n < 20; n++) printf("%lu ", (unsigned long)ackermann(2, n));
  printf("%lu\n", (unsigned long)ackermann(3, 3));
  const unsigned moves = hanoi(10, 0, 2, &trace);
  printf("%u moves, %08lx\n", moves, (unsigned long)trace);
  for (int n = 4; n <= 7; n++) printf("%d queens %u\n", n, queens((1u << n) - 1, 0, 0, 0));
  for (int n = -1; n < 11; n++) printf("%d ", dense(n));
  static const int64_t odd[] = {-1, 42, 43, 65536, 1000, 1999, 2000, INT64_MAX, -1000000000000};
  for (size_t i = 0; i < COUNT(odd); i++) printf("%s; ", sparse(odd[i]));
  printf("\n%.6f %.6f\n", mixed(4, 1, 2.5, 3LL, "four"), mixed(8, -7, 1e10, -5000000000LL, "", 5, 0.125, 1LL << 40, "eight"));
  const struct pair p = many(1, 2.5, 3.25f, (struct pair){4, 5}, 6000000000LL, 7.5f, (struct quad){{8, 9, 10, 11}}, 12, 13, 14,
      15);
  printf("%.17g %.17g\n", p.a, p.b);
  structures();
  goto *labels[0];
one:
  stop_at(&steps, 1);
  at = steps % 3;
  goto *labels[at];
two:
  stop_at(&steps, 5);
  goto *labels[steps > 60 ? 3 : steps % 3];
three:
  stop_at(&steps, 7);
  goto *labels[steps > 60 ? 3 : (steps + 1) % 3];
done:
  printf("%d steps\n", steps);
}
