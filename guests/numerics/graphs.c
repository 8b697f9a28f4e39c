/* Paths, trees and flows in a graph of random towns; a travelling salesman, annealed. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "numerics.h"

#define TOWNS 32

static double x[TOWNS], y[TOWNS], road[TOWNS][TOWNS];

static double apart(int a, int b) { return hypot(x[a] - x[b], y[a] - y[b]); }

static void build(void) {
  for (int i = 0; i < TOWNS; i++) {
    x[i] = 100 * random_unit();
    y[i] = 100 * random_unit();
  }
  for (int i = 0; i < TOWNS; i++)
    for (int j = 0; j < TOWNS; j++) road[i][j] = i != j && apart(i, j) < 32 ? apart(i, j) * (1 + (i * j % 7) * 0.05) : INFINITY;
}

static void shortest(int from) {
  double best[TOWNS];
  int before[TOWNS], done[TOWNS] = {0};

  for (int i = 0; i < TOWNS; i++) {
    best[i] = i == from ? 0 : INFINITY;
    before[i] = -1;
  }
  for (;;) {
    int next = -1;
    for (int i = 0; i < TOWNS; i++)
      if (!done[i] && best[i] < INFINITY && (next < 0 || best[i] < best[next])) next = i;
    if (next < 0) break;
    done[next] = 1;
    for (int i = 0; i < TOWNS; i++)
      if (best[next] + road[next][i] < best[i]) {
        best[i] = best[next] + road[next][i];
        before[i] = next;
      }
  }
  tell_doubles("distances", best, TOWNS);
  for (int i = TOWNS - 4; i < TOWNS; i++) {
    for (int at = i; at >= 0; at = before[at]) printf("%d ", at);
    printf("\n");
  }
}

static void all_pairs(void) {
  static double d[TOWNS][TOWNS];
  double longest = 0;

  memcpy(d, road, sizeof d);
  for (int k = 0; k < TOWNS; k++)
    for (int i = 0; i < TOWNS; i++)
      for (int j = 0; j < TOWNS; j++) d[i][j] = fmin(d[i][j], d[i][k] + d[k][j]);
  for (int i = 0; i < TOWNS; i++)
    for (int j = 0; j < TOWNS; j++)
      if (i != j && d[i][j] < INFINITY && d[i][j] > longest) longest = d[i][j];
  printf("longest %.15g\n", longest);
  tell_bytes("all pairs", d, sizeof d);
}

static int root(int *parent, int i) {
  while (parent[i] != i) i = parent[i] = parent[parent[i]];
  return i;
}

static void spanning_tree(void) {
  int parent[TOWNS], edges = 0;
  double total = 0;

  for (int i = 0; i < TOWNS; i++) parent[i] = i;
  for (;;) {
    int a = -1, b = -1;
    for (int i = 0; i < TOWNS; i++)
      for (int j = 0; j < i; j++)
        if (road[i][j] < INFINITY && root(parent, i) != root(parent, j) && (a < 0 || road[i][j] < road[a][b])) {
          a = i;
          b = j;
        }
    if (a < 0) break;
    parent[root(parent, a)] = root(parent, b);
    total += road[a][b];
    edges++;
  }
  printf("tree of %d edges, %.15g\n", edges, total);
}

/* Capacities are whole numbers; paths are found breadth first. */
static void flow(int source, int sink) {
  static int left[TOWNS][TOWNS];
  int total = 0;

  for (int i = 0; i < TOWNS; i++)
    for (int j = 0; j < TOWNS; j++) left[i][j] = road[i][j] < INFINITY ? (i * 7 + j * 3) % 10 : 0;
  for (;;) {
    int queue[TOWNS], before[TOWNS], head = 0, tail = 0, least = 1000;
    memset(before, -1, sizeof before);
    queue[tail++] = source;
    before[source] = source;
    while (head < tail && before[sink] < 0) {
      const int at = queue[head++];
      for (int i = 0; i < TOWNS; i++)
        if (before[i] < 0 && left[at][i] > 0) {
          before[i] = at;
          queue[tail++] = i;
        }
    }
    if (before[sink] < 0) break;
    for (int at = sink; at != source; at = before[at])
      if (left[before[at]][at] < least) least = left[before[at]][at];
    for (int at = sink; at != source; at = before[at]) {
      left[before[at]][at] -= least;
      left[at][before[at]] += least;
    }
    total += least;
  }
  printf("flow from %d to %d: %d\n", source, sink, total);
}

static void salesman(void) {
  int tour[TOWNS];
  double length = 0, heat = 30;

  for (int i = 0; i < TOWNS; i++) tour[i] = i;
  for (int i = 0; i < TOWNS; i++) length += apart(tour[i], tour[(i + 1) % TOWNS]);
  printf("tour %.12f\n", length);
  for (int step = 1; step <= 4000; step++, heat *= 0.9985) {
    int a = 1 + (int)random_below(TOWNS - 2), b = 1 + (int)random_below(TOWNS - 2);
    if (a > b) {
      const int t = a;
      a = b;
      b = t;
    }
    const double change = apart(tour[a - 1], tour[b]) + apart(tour[a], tour[b + 1]) - apart(tour[a - 1],
        tour[a]) - apart(tour[b], tour[b + 1]);
    if (change < 0 || random_unit() < exp(-change / heat)) {
      for (; a < b; a++, b--) {
        const int t = tour[a];
        tour[a] = tour[b];
        tour[b] = t;
      }
      length += change;
    }
    if (step % 500 == 0) printf("%d: %.12f\n", step, length);
  }
  for (int i = 0; i < TOWNS; i++) printf("%d ", tour[i]);
  printf("\n");
}

void graphs(void) {
  build();
  shortest(0);
  all_pairs();
  spanning_tree();
  for (int sink = 10; sink < TOWNS; sink += 10) flow(0, sink);
  salesman();
}
