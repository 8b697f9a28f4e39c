/* Natural numbers of any size in base 2^32: long carries, long division, and what number theory is made of. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "numerics.h"

#define LIMBS 96

typedef struct {
  unsigned used;
  uint32_t limb[LIMBS];
} natural;

static natural small(uint32_t value) {
  natural n = {value != 0, {value}};
  return n;
}

static void trim(natural *n) {
  while (n->used > 0 && n->limb[n->used - 1] == 0)
    n->used--;
}

static int compare(const natural *a, const natural *b) {
  if (a->used != b->used)
    return a->used < b->used ? -1 : 1;
  for (unsigned i = a->used; i-- > 0;)
    if (a->limb[i] != b->limb[i])
      return a->limb[i] < b->limb[i] ? -1 : 1;
  return 0;
}

static void add(natural *a, const natural *b) {
  uint64_t carry = 0;
  unsigned i = 0;

  for (; i < b->used || i < a->used || carry != 0; i++) {
    carry += (uint64_t)(i < a->used ? a->limb[i] : 0) + (i < b->used ? b->limb[i] : 0);
    a->limb[i] = (uint32_t)carry;
    carry >>= 32;
  }
  a->used = i;
}

static void subtract(natural *a, const natural *b) {
  int64_t borrow = 0;

  for (unsigned i = 0; i < a->used; i++) {
    borrow += (int64_t)a->limb[i] - (i < b->used ? b->limb[i] : 0);
    a->limb[i] = (uint32_t)borrow;
    borrow >>= 32;
  }
  trim(a);
}

static natural product(const natural *a, const natural *b) {
  natural out = {a->used + b->used, {0}};

  for (unsigned i = 0; i < a->used; i++) {
    uint64_t carry = 0;
    for (unsigned j = 0; j < b->used; j++) {
      carry += (uint64_t)a->limb[i] * b->limb[j] + out.limb[i + j];
      out.limb[i + j] = (uint32_t)carry;
      carry >>= 32;
    }
    out.limb[i + b->used] = (uint32_t)carry;
  }
  trim(&out);
  return out;
}

static void scale(natural *a, uint32_t factor) {
  uint64_t carry = 0;

  for (unsigned i = 0; i < a->used; i++) {
    carry += (uint64_t)a->limb[i] * factor;
    a->limb[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry != 0)
    a->limb[a->used++] = (uint32_t)carry;
}

static uint32_t divide_small(natural *a, uint32_t divisor) {
  uint64_t rest = 0;

  for (unsigned i = a->used; i-- > 0;) {
    rest = rest << 32 | a->limb[i];
    a->limb[i] = (uint32_t)(rest / divisor);
    rest %= divisor;
  }
  trim(a);
  return (uint32_t)rest;
}

/* Knuth's algorithm D. The rest stays in `a`, the quotient is returned. */
static natural divide(natural *a, const natural *b) {
  natural q = {0, {0}}, u = *a, v = *b;

  if (compare(a, b) < 0)
    return q;
  if (b->used == 1) {
    const uint32_t rest = divide_small(&u, b->limb[0]);
    *a = small(rest);
    return u;
  }
  const int shift = __builtin_clz(v.limb[v.used - 1]);
  scale(&v, 1u << shift);
  scale(&u, 1u << shift);
  if (u.used == a->used)
    u.limb[u.used++] = 0;
  q.used = u.used - v.used;
  for (unsigned j = q.used; j-- > 0;) {
    const uint64_t top = (uint64_t)u.limb[j + v.used] << 32 | u.limb[j + v.used - 1];
    uint64_t guess = top / v.limb[v.used - 1], rest = top % v.limb[v.used - 1];
    while (guess >> 32 != 0 || guess * v.limb[v.used - 2] > (rest << 32 | u.limb[j + v.used - 2])) {
      guess--;
      rest += v.limb[v.used - 1];
      if (rest >> 32 != 0)
        break;
    }
    int64_t borrow = 0;
    uint64_t carry = 0;
    for (unsigned i = 0; i < v.used; i++) {
      carry += guess * v.limb[i];
      borrow += (int64_t)u.limb[i + j] - (uint32_t)carry;
      u.limb[i + j] = (uint32_t)borrow;
      borrow >>= 32;
      carry >>= 32;
    }
    borrow += (int64_t)u.limb[j + v.used] - (int64_t)carry;
    u.limb[j + v.used] = (uint32_t)borrow;
    if (borrow < 0) {
      guess--;
      carry = 0;
      for (unsigned i = 0; i < v.used; i++) {
        carry += (uint64_t)u.limb[i + j] + v.limb[i];
        u.limb[i + j] = (uint32_t)carry;
        carry >>= 32;
      }
      u.limb[j + v.used] += (uint32_t)carry;
    }
    q.limb[j] = (uint32_t)guess;
  }
  trim(&q);
  trim(&u);
  for (unsigned i = 0; i < u.used; i++)
    u.limb[i] = u.limb[i] >> shift | (shift && i + 1 < u.used ? u.limb[i + 1] << (32 - shift) : 0);
  trim(&u);
  *a = u;
  return q;
}

static void print(const char *name, natural n) {
  char digits[LIMBS * 10 + 1];
  char *at = digits + sizeof digits - 1;

  *at = 0;
  do
    *--at = (char)('0' + divide_small(&n, 10));
  while (n.used > 0);
  printf("%s = %s\n", name, at);
}

static natural power_modulo(natural base, natural exponent, const natural *modulus) {
  natural result = small(1);

  divide(&base, modulus);
  for (unsigned bit = 0; bit < exponent.used * 32; bit++) {
    if (exponent.limb[bit / 32] >> (bit % 32) & 1) {
      result = product(&result, &base);
      divide(&result, modulus);
    }
    base = product(&base, &base);
    divide(&base, modulus);
  }
  return result;
}

/* Fermat's test to base 3 is enough to tell these apart. */
static void mersenne(unsigned bits) {
  natural p = small(1);
  for (unsigned i = 0; i < bits; i++)
    scale(&p, 2);
  const natural one = small(1);
  subtract(&p, &one);
  natural exponent = p;
  subtract(&exponent, &one);
  const natural rest = power_modulo(small(3), exponent, &p);
  printf("2^%u - 1: %s\n", bits, rest.used == 1 && rest.limb[0] == 1 ? "probably prime" : "composite");
}

static void divisions(void) {
  int wrong = 0;
  natural last = small(0);

  for (int i = 0; i < 100; i++) {
    natural a = {1 + random_below(40), {0}}, b = {1 + random_below(20), {0}};
    for (unsigned j = 0; j < a.used; j++)
      a.limb[j] = random_below(4) == 0 ? 0xffffffff : random_below(4) == 0 ? 0 : random_word();
    for (unsigned j = 0; j < b.used; j++)
      b.limb[j] = random_below(4) == 0 ? 0xffffffff : random_below(4) == 0 ? 0x80000000 : random_word();
    a.limb[a.used - 1] |= 1;
    b.limb[b.used - 1] |= 1;
    natural rest = a;
    last = divide(&rest, &b);
    natural back = product(&last, &b);
    add(&back, &rest);
    wrong += compare(&back, &a) != 0 || compare(&rest, &b) >= 0;
  }
  printf("%d of 100 divisions wrong\n", wrong);
  print("last quotient", last);
}

/* Rabinowitz and Wagon's spigot. */
static void digits_of_pi(void) {
  enum { DIGITS = 200, SIZE = DIGITS * 10 / 3 + 2 };
  static unsigned rest[SIZE];
  int held = -1, nines = 0;

  for (unsigned i = 0; i < SIZE; i++)
    rest[i] = 2;
  printf("pi ");
  for (int digit = 0; digit < DIGITS; digit++) {
    unsigned carry = 0;
    for (unsigned i = SIZE - 1; i > 0; i--) {
      const unsigned value = rest[i] * 10 + carry;
      rest[i] = value % (2 * i + 1);
      carry = value / (2 * i + 1) * i;
    }
    const unsigned value = rest[0] * 10 + carry;
    rest[0] = value % 10;
    const int next = (int)(value / 10);
    if (next == 9) {
      nines++;
      continue;
    }
    if (held >= 0)
      printf("%d", held + next / 10);
    for (; nines > 0; nines--)
      printf("%d", next == 10 ? 0 : 9);
    held = next % 10;
  }
  printf("%d\n", held);
}

void big_integers(void) {
  natural factorial = small(1), a = small(0), b = small(1), power = small(1);

  for (uint32_t i = 2; i <= 200; i++)
    scale(&factorial, i);
  print("200!", factorial);
  for (int i = 0; i < 1000; i++) {
    add(&a, &b);
    const natural t = a;
    a = b;
    b = t;
  }
  print("Fibonacci 1000", a);
  for (int i = 0; i < 300; i++)
    scale(&power, 7);
  print("7^300", power);
  natural rest = power;
  const natural quotient = divide(&rest, &a);
  print("quotient", quotient);
  print("rest", rest);
  divisions();
  for (unsigned bits = 59; bits <= 61; bits++)
    mersenne(bits);
  mersenne(127);
  digits_of_pi();
}
