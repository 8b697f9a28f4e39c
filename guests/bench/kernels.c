/* Integer code as it is found in programs: tables, recursion, pointers, bytes, multiplication, branches. */
#include "kernels.h"

#include "crc32.h"

#define WORDS 4096
#define SIDE  48
#define NODES 4096
#define SIEVE 65536

static uint32_t words[WORDS];

static uint32_t draw(uint32_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

static void fill(uint32_t seed) {
  uint32_t state = seed | 1;
  for (uint32_t i = 0; i < WORDS; i++) words[i] = draw(&state);
}

uint32_t kernel_crc(uint32_t seed) {
  fill(seed);
  return crc32(words, sizeof words);
}

static void quicksort(uint32_t *first, uint32_t *last) {
  while (first < last) {
    uint32_t pivot = first[(last - first) / 2], *low = first, *high = last;
    while (low <= high) {
      while (*low < pivot) low++;
      while (*high > pivot) high--;
      if (low > high) break;
      uint32_t kept = *low;
      *low++ = *high;
      *high-- = kept;
    }
    quicksort(first, high);
    first = low;
  }
}

uint32_t kernel_sort(uint32_t seed) {
  fill(seed);
  quicksort(words, words + WORDS - 1);
  uint32_t sum = 0;
  for (uint32_t i = 0; i < WORDS; i++) sum = sum * 31 + words[i];
  return sum;
}

uint32_t kernel_matrix(uint32_t seed) {
  static int32_t a[SIDE][SIDE], b[SIDE][SIDE], c[SIDE][SIDE];
  uint32_t state = seed | 1;
  for (int i = 0; i < SIDE; i++) {
    for (int j = 0; j < SIDE; j++) {
      a[i][j] = (int32_t)draw(&state) >> 16;
      b[i][j] = (int32_t)draw(&state) >> 16;
    }
  }
  uint32_t trace = 0;
  for (int i = 0; i < SIDE; i++) {
    for (int j = 0; j < SIDE; j++) {
      int32_t sum = 0;
      for (int k = 0; k < SIDE; k++) sum += a[i][k] * b[k][j];
      c[i][j] = sum;
    }
    trace += (uint32_t)c[i][i];
  }
  return trace;
}

/** Turns numbers into words, then counts how often each begins with the one before it. */
uint32_t kernel_text(uint32_t seed) {
  static char text[16384];
  uint32_t state = seed | 1, length = 0, words_found = 0, equal = 0;
  while (length < sizeof text - 16) {
    for (uint32_t value = draw(&state) % 100000; value; value /= 10) text[length++] = (char)('a' + value % 10);
    text[length++] = ' ';
  }
  text[length] = '\0';
  const char *last = text;
  for (const char *at = text; *at; at++) {
    if (*at != ' ') continue;
    const char *next = at + 1;
    for (const char *p = last, *q = next; *p != ' ' && *p == *q; p++, q++) equal++;
    last = next;
    words_found++;
  }
  return words_found << 16 ^ equal;
}

struct node {
  uint32_t key;
  struct node *left, *right;
};

/** A binary search tree, grown and then searched. */
uint32_t kernel_tree(uint32_t seed) {
  static struct node nodes[NODES];
  uint32_t state = seed | 1, depth = 0;
  nodes[0] = (struct node){draw(&state), 0, 0};
  for (uint32_t i = 1; i < NODES; i++) {
    struct node *at = &nodes[0];
    nodes[i] = (struct node){draw(&state), 0, 0};
    for (;;) {
      struct node **next = nodes[i].key < at->key ? &at->left : &at->right;
      depth++;
      if (!*next) {
        *next = &nodes[i];
        break;
      }
      at = *next;
    }
  }
  for (uint32_t i = 0; i < NODES; i++) {
    uint32_t key = draw(&state);
    for (struct node *at = &nodes[0]; at && at->key != key; at = key < at->key ? at->left : at->right) depth++;
  }
  return depth;
}

uint32_t kernel_sieve(uint32_t seed) {
  static uint8_t composite[SIEVE];
  uint32_t primes = 0, limit = SIEVE - seed % 64;
  for (uint32_t i = 0; i < limit; i++) composite[i] = 0;
  for (uint32_t i = 2; i < limit; i++) {
    if (composite[i]) continue;
    primes++;
    for (uint32_t j = 2 * i; j < limit; j += i) composite[j] = 1;
  }
  return primes;
}
