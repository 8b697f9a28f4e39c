/* records: business programs of old: records copied whole and through pointers, strings compared, small procedures, enumerations. */
#include "bench.h"

const char bench_name[] = "records";

#define PASSES 2000
#define NAME   30

enum kind { FIRST, SECOND, THIRD, FOURTH };

struct record {
  struct record *peer;
  enum kind kind;
  int32_t value;
  char name[NAME + 1];
};

static struct record here, there;
static int32_t one[50], two[50][50];
static int32_t global;
static char letter;

#define APART __attribute__((noinline))

static APART int compare(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return (uint8_t)*a - (uint8_t)*b;
}

static APART void copy(char *to, const char *from) {
  while ((*to++ = *from++)) {
  }
}

static APART enum kind classify(char a, char b) {
  char c = a;
  if (c != b) return FIRST;
  letter = c;
  return SECOND;
}

static APART int later(const char *a, const char *b) {
  int at = 2;
  char found = 'A';
  while (at <= 2) {
    if (classify(a[at], b[at + 1]) == FIRST) {
      found = 'A';
      at++;
    } else break;
  }
  if (found >= 'W' && found < 'Z') at = 7;
  if (found == 'R') return 1;
  if (compare(a, b) <= 0) return 0;
  global = at + 7;
  return 1;
}

static APART enum kind successor(enum kind kind) {
  switch (kind) {
    case FIRST: return THIRD;
    case SECOND: return global > 100 ? FIRST : FOURTH;
    case THIRD: return SECOND;
    default: return FOURTH;
  }
}

static APART void add(int32_t a, int32_t b, int32_t *sum) { *sum = a + 2 + b; }

static APART void arrays(int32_t a, int32_t b) {
  int32_t at = a + 5;
  one[at] = b;
  one[at + 1] = one[at];
  one[at + 30] = at;
  for (int32_t i = at; i <= at + 1; i++) two[at][i] = at;
  two[at][at - 1]++;
  two[at + 20][at] = one[at];
  global = 5;
}

static APART void exchange(struct record *from) {
  struct record *to = from->peer;
  *to = *from;
  from->value = 5;
  to->value = from->value;
  to->peer = from->peer;
  if (to->kind == FIRST) {
    to->value = 6;
    to->kind = successor(from->kind);
    add(to->value, 10, &to->value);
  } else *from = *to;
}

void bench_start(void) {
  here = (struct record){.peer = &there, .kind = FIRST, .value = 40};
  copy(here.name, "THE MANY RECORDS, SOME STRING");
  copy(there.name, "THE MANY RECORDS, 1ST STRING");
}

uint32_t bench_round(uint32_t round) {
  char first[NAME + 1], second[NAME + 1];
  int32_t a = 0, b = 0, c = 0;
  uint32_t sum = round;
  copy(first, "THE MANY RECORDS, 1'ST STRING");
  for (int32_t pass = 1; pass <= PASSES; pass++) {
    a = 2;
    b = 3;
    copy(second, pass & 1 ? "THE MANY RECORDS, 2'ND STRING" : "THE MANY RECORDS, 1'ST STRING");
    int greater = !later(first, second);
    while (a < b) {
      c = 5 * a - b;
      add(a, b, &c);
      a++;
    }
    arrays(a, c);
    here.kind = pass % 3 == 0 ? FIRST : SECOND;
    exchange(&here);
    for (char at = 'A'; at <= 'C'; at++) {
      if (classify(at, 'C') == SECOND) copy(second, "THE MANY RECORDS, 3'RD STRING");
    }
    b = b * a + pass;
    a = b / c + greater;
    b = 7 * (b - c) - a;
    sum = mix(sum, (uint32_t)(a ^ b) + (uint32_t)there.value + (uint32_t)there.kind + (uint32_t)two[8][7] + (uint8_t)second[19]);
  }
  return sum;
}
