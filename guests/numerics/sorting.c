/* Six ways to sort, on six kinds of input, with the work counted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "numerics.h"

#define ITEMS 200

static unsigned comparisons, moves;

static int less(int32_t a, int32_t b) {
  comparisons++;
  return a < b;
}

static void swap(int32_t *a, int32_t *b) {
  const int32_t t = *a;
  *a = *b;
  *b = t;
  moves += 3;
}

static void insertion_sort(int32_t *x, int n) {
  for (int i = 1; i < n; i++)
    for (int j = i; j > 0 && less(x[j], x[j - 1]); j--) swap(&x[j], &x[j - 1]);
}

static void shell_sort(int32_t *x, int n) {
  for (int gap = n / 2; gap > 0; gap = gap * 5 / 11)
    for (int i = gap; i < n; i++)
      for (int j = i; j >= gap && less(x[j], x[j - gap]); j -= gap) swap(&x[j], &x[j - gap]);
}

static void quick_sort(int32_t *x, int n) {
  while (n > 8) {
    const int32_t pivot = x[n / 2];
    int i = -1, j = n;
    for (;;) {
      do i++;
      while (less(x[i], pivot));
      do j--;
      while (less(pivot, x[j]));
      if (i >= j) break;
      swap(&x[i], &x[j]);
    }
    quick_sort(x, j + 1);
    x += j + 1;
    n -= j + 1;
  }
  insertion_sort(x, n);
}

static void sift(int32_t *x, int root, int n) {
  for (int child; (child = 2 * root + 1) < n; root = child) {
    if (child + 1 < n && less(x[child], x[child + 1])) child++;
    if (!less(x[root], x[child])) return;
    swap(&x[root], &x[child]);
  }
}

static void heap_sort(int32_t *x, int n) {
  for (int i = n / 2; i-- > 0;) sift(x, i, n);
  while (--n > 0) {
    swap(&x[0], &x[n]);
    sift(x, 0, n);
  }
}

static void merge_sort(int32_t *x, int n) {
  static int32_t spare[ITEMS];
  const int half = n / 2;
  int a = 0, b = half;

  if (n < 2) return;
  merge_sort(x, half);
  merge_sort(x + half, n - half);
  for (int i = 0; i < n; i++) spare[i] = b == n || (a < half && !less(x[b], x[a])) ? x[a++] : x[b++];
  memcpy(x, spare, n * sizeof *x);
  moves += 2 * n;
}

/* Four passes over the bytes; the sign bit counts the other way round. */
static void radix_sort(int32_t *x, int n) {
  static int32_t spare[ITEMS];

  for (int shift = 0; shift < 32; shift += 8) {
    unsigned start[257] = {0};
    for (int i = 0; i < n; i++) start[(((uint32_t)x[i] ^ 0x80000000u) >> shift & 255) + 1]++;
    for (int i = 0; i < 256; i++) start[i + 1] += start[i];
    for (int i = 0; i < n; i++) spare[start[((uint32_t)x[i] ^ 0x80000000u) >> shift & 255]++] = x[i];
    memcpy(x, spare, n * sizeof *x);
    moves += 2 * n;
  }
}

static int32_t item(int kind, int i) {
  switch (kind) {
    case 0: return (int32_t)random_word();
    case 1: return i;
    case 2: return ITEMS - i;
    case 3: return (int32_t)random_below(10) - 5;
    case 4: return i % 20 * 1000 + i / 20;
    default: return i < ITEMS / 2 ? i : ITEMS - i;
  }
}

static int by_distance(const void *a, const void *b) {
  const double *p = a, *q = b;
  const double d = p[0] * p[0] + p[1] * p[1] - q[0] * q[0] - q[1] * q[1];
  return d < 0 ? -1 : d > 0;
}

void sorting(void) {
  static const struct {
    const char *name;
    void (*sort)(int32_t *, int);
  } ways[] = {{"insertion", insertion_sort}, {"shell", shell_sort}, {"quick", quick_sort},
              {"heap", heap_sort},           {"merge", merge_sort}, {"radix", radix_sort}};
  static int32_t original[ITEMS], sorted[ITEMS];
  static double points[60][2];

  for (int kind = 0; kind < 6; kind++) {
    for (int i = 0; i < ITEMS; i++) original[i] = item(kind, i);
    for (size_t w = 0; w < COUNT(ways); w++) {
      int wrong = 0;
      memcpy(sorted, original, sizeof sorted);
      comparisons = moves = 0;
      ways[w].sort(sorted, ITEMS);
      for (int i = 1; i < ITEMS; i++) wrong += sorted[i] < sorted[i - 1];
      printf("%d %-9s %6u comparisons %6u moves %d wrong, middle %ld\n", kind, ways[w].name, comparisons, moves, wrong,
             (long)sorted[ITEMS / 2]);
    }
    tell_bytes("sorted", sorted, sizeof sorted);
  }
  for (size_t i = 0; i < COUNT(points); i++) {
    points[i][0] = random_signed();
    points[i][1] = random_signed();
  }
  qsort(points, COUNT(points), sizeof *points, by_distance);
  tell_doubles("points by distance", points[0], 40);
  const double *found = bsearch(points[33], points, COUNT(points), sizeof *points, by_distance);
  printf("found at %d\n", (int)((found - points[0]) / 2));
}
