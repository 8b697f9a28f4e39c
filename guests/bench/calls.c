/* calls: recursion of several shapes, function pointers in tables and in objects, callbacks. */
#include "bench.h"

const char bench_name[] = "calls";

#define APART __attribute__((noinline, noclone, noipa))
#define SHAPES 32

static APART uint32_t fibonacci(uint32_t n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

static APART int32_t takeuchi(int32_t x, int32_t y, int32_t z) {
  return y >= x ? z : takeuchi(takeuchi(x - 1, y, z), takeuchi(y - 1, z, x), takeuchi(z - 1, x, y));
}

static APART uint32_t ackermann(uint32_t m, uint32_t n) {
  if (m == 0) return n + 1;
  return n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

static uint32_t moves;
static APART void hanoi(uint32_t discs, uint32_t from, uint32_t to) {
  if (discs == 0) return;
  hanoi(discs - 1, from, 6 - from - to);
  moves = mix(moves, discs * 16 + from * 4 + to);
  hanoi(discs - 1, 6 - from - to, to);
}

static APART int32_t is_odd(int32_t n);
static APART int32_t is_even(int32_t n) { return n == 0 ? 1 : is_odd(n - 1); }
static APART int32_t is_odd(int32_t n) { return n == 0 ? 0 : is_even(n - 1) + (n & 0); }

struct shape;
struct methods {
  uint32_t (*area)(const struct shape *);
  void (*grow)(struct shape *, uint32_t);
};
struct shape {
  const struct methods *methods;
  uint32_t width, height;
};

static APART uint32_t square_area(const struct shape *s) { return s->width * s->width; }
static APART uint32_t box_area(const struct shape *s) { return s->width * s->height; }
static APART uint32_t triangle_area(const struct shape *s) { return s->width * s->height / 2; }
static APART void grow_width(struct shape *s, uint32_t by) { s->width += by; }
static APART void grow_both(struct shape *s, uint32_t by) {
  s->width += by;
  s->height = (s->height + by) & 0xff;
}

static const struct methods kinds[] = {{square_area, grow_width}, {box_area, grow_both}, {triangle_area, grow_both}};
static struct shape shapes[SHAPES];

static uint32_t draw_shapes(uint32_t seed) {
  uint32_t state = seed | 1, sum = 0;
  for (int i = 0; i < SHAPES; i++) shapes[i] = (struct shape){&kinds[draw(&state) % 3], draw(&state) & 0xff, draw(&state) & 0xff};
  for (int pass = 0; pass < 50; pass++) {
    for (int i = 0; i < SHAPES; i++) {
      struct shape *s = &shapes[i];
      s->methods->grow(s, 1 + (sum & 1));
      sum += s->methods->area(s);
    }
  }
  return sum;
}

typedef uint32_t operation(uint32_t, uint32_t);
static APART uint32_t op_add(uint32_t a, uint32_t b) { return a + b; }
static APART uint32_t op_subtract(uint32_t a, uint32_t b) { return a - b; }
static APART uint32_t op_xor(uint32_t a, uint32_t b) { return a ^ b; }
static APART uint32_t op_rotate(uint32_t a, uint32_t b) { return (a << (b & 15)) | (a >> (31 - (b & 15)) >> 1); }
static APART uint32_t op_multiply(uint32_t a, uint32_t b) { return a * (b | 1); }
static APART uint32_t op_least(uint32_t a, uint32_t b) { return a < b ? a : b + 1; }
static APART uint32_t op_count(uint32_t a, uint32_t b) { return (uint32_t)__builtin_clz(a | 1) + b; }
static APART uint32_t op_swap(uint32_t a, uint32_t b) { return __builtin_bswap32(a) ^ b; }
static operation *const operations[] = {op_add, op_subtract, op_xor, op_rotate, op_multiply, op_least, op_count, op_swap};

static uint32_t interpret(uint32_t seed) {
  uint32_t state = seed | 1, value = seed;
  for (int i = 0; i < 3000; i++) {
    uint32_t drawn = draw(&state);
    value = operations[drawn >> 29](value, drawn);
  }
  return value;
}

static APART void each(uint32_t count, void (*visit)(uint32_t, void *), void *context) {
  for (uint32_t i = 0; i < count; i++) visit(i, context);
}

static void fold(uint32_t i, void *context) {
  uint32_t *sum = context;
  *sum = mix(*sum, i);
}

uint32_t bench_round(uint32_t round) {
  uint32_t sum = fibonacci(13 + (round & 1));
  sum = mix(sum, (uint32_t)takeuchi(8, 5, (int32_t)(round & 1)));
  sum = mix(sum, ackermann(2, 12));
  hanoi(8, 1, 3);
  sum = mix(sum, moves + (uint32_t)is_even(300 + (int32_t)(round & 1)));
  sum = mix(sum, draw_shapes(round * 2654435761u));
  sum = mix(sum, interpret(round));
  each(1000, fold, &sum);
  return sum;
}
