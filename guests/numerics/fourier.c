/* Fast Fourier transforms in double and single precision, convolution by them, and the cosine transform of images. */
#include <complex.h>
#include <math.h>
#include <stdio.h>

#include "numerics.h"

#define PI 3.14159265358979323846
#define POINTS 256

static void bit_reverse(double complex *x, unsigned n) {
  for (unsigned i = 1, j = 0; i < n; i++) {
    unsigned bit = n >> 1;
    for (; j & bit; bit >>= 1)
      j ^= bit;
    j ^= bit;
    if (i < j) {
      const double complex t = x[i];
      x[i] = x[j];
      x[j] = t;
    }
  }
}

static void transform(double complex *x, unsigned n, int direction) {
  bit_reverse(x, n);
  for (unsigned length = 2; length <= n; length <<= 1) {
    const double complex step = cexp(direction * 2 * PI / length * I);
    for (unsigned i = 0; i < n; i += length) {
      double complex w = 1;
      for (unsigned k = 0; k < length / 2; k++) {
        const double complex even = x[i + k];
        const double complex odd = x[i + k + length / 2] * w;
        x[i + k] = even + odd;
        x[i + k + length / 2] = even - odd;
        w *= step;
      }
    }
  }
  if (direction > 0)
    for (unsigned i = 0; i < n; i++)
      x[i] /= n;
}

/* The recursive form in single precision, on separate real and imaginary parts. */
static void transform_single(float *re, float *im, unsigned n, unsigned stride, float *out_re, float *out_im) {
  if (n == 1) {
    *out_re = *re;
    *out_im = *im;
    return;
  }
  const unsigned half = n / 2;
  transform_single(re, im, half, stride * 2, out_re, out_im);
  transform_single(re + stride, im + stride, half, stride * 2, out_re + half, out_im + half);
  for (unsigned k = 0; k < half; k++) {
    const float angle = -2 * (float)PI * (float)k / (float)n;
    const float c = cosf(angle), s = sinf(angle);
    const float odd_re = out_re[k + half] * c - out_im[k + half] * s;
    const float odd_im = out_re[k + half] * s + out_im[k + half] * c;
    out_re[k + half] = out_re[k] - odd_re;
    out_im[k + half] = out_im[k] - odd_im;
    out_re[k] += odd_re;
    out_im[k] += odd_im;
  }
}

static void convolve(void) {
  static double complex a[POINTS], b[POINTS];
  double worst = 0, result[16];

  for (unsigned i = 0; i < POINTS; i++) {
    a[i] = i < 100 ? random_signed() : 0;
    b[i] = i < 60 ? 1.0 / (i + 1) : 0;
  }
  static double direct[POINTS];
  for (unsigned i = 0; i < 100; i++)
    for (unsigned j = 0; j < 60; j++)
      direct[i + j] += creal(a[i]) * creal(b[j]);
  transform(a, POINTS, -1);
  transform(b, POINTS, -1);
  for (unsigned i = 0; i < POINTS; i++)
    a[i] *= b[i];
  transform(a, POINTS, 1);
  for (unsigned i = 0; i < POINTS; i++)
    worst = fmax(worst, fabs(creal(a[i]) - direct[i]));
  for (unsigned i = 0; i < 16; i++)
    result[i] = creal(a[i * 10]);
  tell_doubles("convolution", result, 16);
  printf("worst error %.3e\n", worst);
}

/* The 8 by 8 transform of JPEG, there and back, with coarser and coarser quantisation. */
static void cosine_transform(const double in[8][8], double out[8][8], int inverse) {
  for (unsigned u = 0; u < 8; u++)
    for (unsigned v = 0; v < 8; v++) {
      double sum = 0;
      for (unsigned x = 0; x < 8; x++)
        for (unsigned y = 0; y < 8; y++) {
          const unsigned p = inverse ? u : x, q = inverse ? x : u, r = inverse ? v : y, s = inverse ? y : v;
          const double scale = (q == 0 ? sqrt(0.125) : 0.5) * (s == 0 ? sqrt(0.125) : 0.5);
          static double table[8][8];
          if (table[0][0] == 0)
            for (unsigned i = 0; i < 8; i++)
              for (unsigned j = 0; j < 8; j++)
                table[i][j] = cos((2 * i + 1) * j * PI / 16);
          sum += in[x][y] * scale * table[p][q] * table[r][s];
        }
      out[u][v] = sum;
    }
}

static void image(void) {
  double block[8][8], frequencies[8][8], back[8][8];

  for (unsigned i = 0; i < 64; i++)
    block[i / 8][i % 8] = floor(128 + 100 * sin(i * 0.3) * cos(i / 8 * 0.7) + 10 * random_signed());
  cosine_transform(block, frequencies, 0);
  tell_doubles("frequencies", frequencies[0], 16);
  for (int step = 1; step <= 32; step *= 2) {
    double error = 0;
    int zeros = 0;
    for (unsigned i = 0; i < 64; i++) {
      double *f = &frequencies[i / 8][i % 8];
      *f = step * nearbyint(*f / step);
      zeros += *f == 0;
    }
    cosine_transform(frequencies, back, 1);
    for (unsigned i = 0; i < 64; i++)
      error += pow(back[i / 8][i % 8] - block[i / 8][i % 8], 2);
    printf("step %d: %d zeros, error %.9f\n", step, zeros, sqrt(error / 64));
  }
}

void fourier(void) {
  static double complex signal[POINTS];
  static float re[POINTS], im[POINTS], spectrum_re[POINTS], spectrum_im[POINTS];
  double figures[32];
  double energy = 0;

  for (unsigned i = 0; i < POINTS; i++) {
    const double t = (double)i / POINTS;
    signal[i] = sin(2 * PI * 5 * t) + 0.5 * cos(2 * PI * 31 * t) + 0.01 * random_signed();
    re[i] = (float)creal(signal[i]);
    im[i] = 0;
  }
  transform(signal, POINTS, -1);
  for (unsigned i = 0; i < 32; i++)
    figures[i] = cabs(signal[i]);
  tell_doubles("spectrum", figures, 32);
  for (unsigned i = 0; i < 16; i++)
    figures[i] = carg(signal[i * 7]);
  tell_doubles("phases", figures, 16);
  for (unsigned i = 0; i < POINTS; i++)
    energy += creal(signal[i] * conj(signal[i])) / POINTS;
  printf("energy %.15g\n", energy);
  transform(signal, POINTS, 1);
  tell_bytes("there and back", signal, sizeof signal);
  transform_single(re, im, POINTS, 1, spectrum_re, spectrum_im);
  tell_floats("single, real", spectrum_re, 40);
  tell_floats("single, imaginary", spectrum_im, 40);
  convolve();
  image();
}
