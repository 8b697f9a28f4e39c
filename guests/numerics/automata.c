/* Many small steps: Conway's Life, an elementary automaton, Mandelbrot's set, a network that learns, chance. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "numerics.h"

static void life(void) {
  static uint8_t cells[24][32], next[24][32];

  memcpy(&cells[2][2], "\1\1\0\0\0\0\1\1", 8);
  for (int i = 0; i < 24 * 32; i++) cells[i / 32][i % 32] |= random_below(4) == 0;
  for (int generation = 0; generation <= 30; generation++) {
    int alive = 0;
    for (int r = 0; r < 24; r++)
      for (int c = 0; c < 32; c++) {
        int around = -cells[r][c];
        for (int dr = 23; dr <= 25; dr++)
          for (int dc = 31; dc <= 33; dc++) around += cells[(r + dr) % 24][(c + dc) % 32];
        next[r][c] = around == 3 || (around == 2 && cells[r][c]);
        alive += next[r][c];
      }
    memcpy(cells, next, sizeof cells);
    if (generation % 5 == 0) printf("generation %d: %d alive\n", generation, alive);
  }
  tell_bytes("life", cells, sizeof cells);
}

static void elementary(uint8_t rule) {
  uint64_t row = 1ull << 32;

  for (int step = 0; step < 24; step++) {
    uint64_t next = 0;
    if (step % 4 == 0) printf("rule %d: %016llx\n", rule, (unsigned long long)row);
    for (int i = 0; i < 64; i++) {
      const unsigned around = (unsigned)((row >> ((i + 1) & 63) & 1) << 2 | (row >> i & 1) << 1 | (row >> ((i + 63) & 63) & 1));
      next |= (uint64_t)(rule >> around & 1) << i;
    }
    row = next;
  }
}

static void mandelbrot(void) {
  unsigned total = 0;

  for (int py = -8; py <= 8; py++) {
    for (int px = -32; px < 16; px++) {
      const double cx = px / 16.0, cy = py / 7.0;
      double x = 0, y = 0;
      int n = 0;
      for (; n < 80 && x * x + y * y < 4; n++) {
        const double t = x * x - y * y + cx;
        y = 2 * x * y + cy;
        x = t;
      }
      total += (unsigned)n;
      putchar(n == 80 ? '#' : " .,:;-=+"[n % 8]);
    }
    putchar('\n');
  }
  printf("%u steps\n", total);
}

/* Two inputs, four hidden, one output; single precision, to learn the exclusive or. */
static void network(void) {
  float hidden[4][3], output[5], error = 0;

  for (int i = 0; i < 12; i++) hidden[i / 3][i % 3] = (float)random_signed();
  for (int i = 0; i < 5; i++) output[i] = (float)random_signed();
  for (int epoch = 0; epoch <= 250; epoch++) {
    error = 0;
    for (int sample = 0; sample < 4; sample++) {
      const float in[3] = {(float)(sample & 1), (float)(sample >> 1), 1}, wanted = (float)((sample & 1) ^ (sample >> 1));
      float level[5] = {0, 0, 0, 0, 1}, sum = 0;
      for (int h = 0; h < 4; h++) {
        float t = 0;
        for (int i = 0; i < 3; i++) t += hidden[h][i] * in[i];
        level[h] = tanhf(t);
      }
      for (int h = 0; h < 5; h++) sum += output[h] * level[h];
      const float got = 1 / (1 + expf(-sum)), delta = (wanted - got) * got * (1 - got);
      error += (wanted - got) * (wanted - got);
      for (int h = 0; h < 4; h++) {
        const float back = delta * output[h] * (1 - level[h] * level[h]);
        for (int i = 0; i < 3; i++) hidden[h][i] += 2 * back * in[i];
      }
      for (int h = 0; h < 5; h++) output[h] += 2 * delta * level[h];
    }
    if (epoch % 50 == 0) printf("epoch %d: %.9g\n", epoch, (double)error);
  }
  tell_floats("weights", output, 5);
}

/* Pairs of normal deviates; moments, a histogram, and pi by chance. */
static void chance(void) {
  double mean = 0, square = 0, cube = 0;
  unsigned bins[9] = {0}, inside = 0;

  for (int i = 1; i <= 1500; i++) {
    const double r = sqrt(-2 * log(1 - random_unit())), angle = 6.283185307179586 * random_unit(), value = r * cos(angle);
    const double delta = value - mean;
    mean += delta / i;
    square += delta * (value - mean);
    cube += value * value * value / 1500;
    const int bin = (int)floor(value * 2) + 4;
    bins[bin < 0 ? 0 : bin > 8 ? 8 : bin]++;
    inside += hypot(random_unit(), random_unit()) < 1;
  }
  printf("mean %.15g variance %.15g third %.15g pi %.6f\n", mean, square / 1499, cube, 4 * inside / 1500.0);
  for (int i = 0; i < 9; i++) printf("%u ", bins[i]);
  printf("\n");
}

void automata(void) {
  life();
  elementary(30);
  elementary(110);
  mandelbrot();
  network();
  chance();
}
