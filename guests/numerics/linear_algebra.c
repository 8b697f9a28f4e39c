/* Systems of equations, factorisations and eigenvalues, on matrices from well to ill conditioned. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "numerics.h"

#define N 10

typedef double matrix[N][N];
typedef double vector[N];

static void multiply(matrix a, matrix b, matrix out) {
  for (unsigned i = 0; i < N; i++)
    for (unsigned j = 0; j < N; j++) {
      double sum = 0;
      for (unsigned k = 0; k < N; k++)
        sum += a[i][k] * b[k][j];
      out[i][j] = sum;
    }
}

/* Partial pivoting; returns the determinant. `order` has the rows as they ended up. */
static double factorise_lu(matrix a, unsigned order[N]) {
  double determinant = 1;

  for (unsigned i = 0; i < N; i++)
    order[i] = i;
  for (unsigned k = 0; k < N; k++) {
    unsigned pivot = k;
    for (unsigned i = k + 1; i < N; i++)
      if (fabs(a[i][k]) > fabs(a[pivot][k]))
        pivot = i;
    if (pivot != k) {
      vector row;
      memcpy(row, a[k], sizeof row);
      memcpy(a[k], a[pivot], sizeof row);
      memcpy(a[pivot], row, sizeof row);
      const unsigned t = order[k];
      order[k] = order[pivot];
      order[pivot] = t;
      determinant = -determinant;
    }
    determinant *= a[k][k];
    for (unsigned i = k + 1; i < N; i++) {
      a[i][k] /= a[k][k];
      for (unsigned j = k + 1; j < N; j++)
        a[i][j] -= a[i][k] * a[k][j];
    }
  }
  return determinant;
}

static void solve_lu(matrix lu, const unsigned order[N], const vector b, vector x) {
  for (unsigned i = 0; i < N; i++) {
    x[i] = b[order[i]];
    for (unsigned j = 0; j < i; j++)
      x[i] -= lu[i][j] * x[j];
  }
  for (unsigned i = N; i-- > 0;) {
    for (unsigned j = i + 1; j < N; j++)
      x[i] -= lu[i][j] * x[j];
    x[i] /= lu[i][i];
  }
}

static int factorise_cholesky(matrix a) {
  for (unsigned j = 0; j < N; j++) {
    for (unsigned i = j; i < N; i++) {
      double sum = a[i][j];
      for (unsigned k = 0; k < j; k++)
        sum -= a[i][k] * a[j][k];
      if (i == j) {
        if (!(sum > 0))
          return 0;
        a[j][j] = sqrt(sum);
      } else
        a[i][j] = sum / a[j][j];
    }
    for (unsigned i = 0; i < j; i++)
      a[i][j] = 0;
  }
  return 1;
}

/* Householder reflections; R is left in the upper triangle. */
static void factorise_qr(matrix a) {
  for (unsigned k = 0; k < N - 1; k++) {
    double norm = 0;
    vector v;
    for (unsigned i = k; i < N; i++)
      norm = hypot(norm, a[i][k]);
    if (norm == 0)
      continue;
    double length = 0;
    for (unsigned i = k; i < N; i++) {
      v[i] = a[i][k] + (i == k ? copysign(norm, a[k][k]) : 0);
      length += v[i] * v[i];
    }
    for (unsigned j = k; j < N; j++) {
      double dot = 0;
      for (unsigned i = k; i < N; i++)
        dot += v[i] * a[i][j];
      for (unsigned i = k; i < N; i++)
        a[i][j] -= 2 * dot / length * v[i];
    }
  }
}

/* Jacobi's rotations on a symmetric matrix; returns how many sweeps it took. */
static int eigenvalues(matrix a) {
  for (int sweep = 1; sweep < 30; sweep++) {
    double off = 0;
    for (unsigned p = 0; p < N - 1; p++)
      for (unsigned q = p + 1; q < N; q++) {
        off += a[p][q] * a[p][q];
        if (fabs(a[p][q]) < 1e-300)
          continue;
        const double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const double t = copysign(1, theta) / (fabs(theta) + sqrt(theta * theta + 1));
        const double c = 1 / sqrt(t * t + 1), s = t * c;
        for (unsigned k = 0; k < N; k++) {
          const double kp = a[k][p], kq = a[k][q];
          a[k][p] = c * kp - s * kq;
          a[k][q] = s * kp + c * kq;
        }
        for (unsigned k = 0; k < N; k++) {
          const double pk = a[p][k], qk = a[q][k];
          a[p][k] = c * pk - s * qk;
          a[q][k] = s * pk + c * qk;
        }
      }
    if (off < 1e-22)
      return sweep;
  }
  return 30;
}

static void fill_random(matrix a) {
  for (unsigned i = 0; i < N; i++)
    for (unsigned j = 0; j < N; j++)
      a[i][j] = random_signed();
}

static void fill_hilbert(matrix a) {
  for (unsigned i = 0; i < N; i++)
    for (unsigned j = 0; j < N; j++)
      a[i][j] = 1.0 / (i + j + 1);
}

/* A discrete Laplacian with a little noise: positive definite. */
static void fill_definite(matrix a) {
  for (unsigned i = 0; i < N; i++)
    for (unsigned j = 0; j < N; j++)
      a[i][j] = i == j ? 2.5 + 0.1 * random_unit() : i + 1 == j || j + 1 == i ? -1 : 0;
}

static void solve_and_tell(const char *name, void (*fill)(matrix)) {
  matrix a, lu;
  vector b, x;
  unsigned order[N];
  double residual = 0;

  fill(a);
  memcpy(lu, a, sizeof a);
  for (unsigned i = 0; i < N; i++)
    b[i] = i + 1;
  const double determinant = factorise_lu(lu, order);
  printf("%s: determinant %.15g, rows", name, determinant);
  for (unsigned i = 0; i < N; i++)
    printf(" %u", order[i]);
  printf("\n");
  solve_lu(lu, order, b, x);
  tell_doubles("solution", x, N);
  for (unsigned i = 0; i < N; i++) {
    double sum = -b[i];
    for (unsigned j = 0; j < N; j++)
      sum = fma(a[i][j], x[j], sum);
    residual = fmax(residual, fabs(sum));
  }
  printf("residual %.5e\n", residual);
  factorise_qr(a);
  vector diagonal;
  for (unsigned i = 0; i < N; i++)
    diagonal[i] = a[i][i];
  tell_doubles("diagonal of R", diagonal, N);
}

static void conjugate_gradient(matrix a) {
  vector x = {0}, r, p;
  double rr = 0;

  for (unsigned i = 0; i < N; i++) {
    p[i] = r[i] = i % 3 - 0.5;
    rr += r[i] * r[i];
  }
  for (int step = 0; step < N && rr > 1e-25; step++) {
    vector ap;
    double pap = 0, next = 0;
    for (unsigned i = 0; i < N; i++) {
      ap[i] = 0;
      for (unsigned j = 0; j < N; j++)
        ap[i] += a[i][j] * p[j];
      pap += p[i] * ap[i];
    }
    for (unsigned i = 0; i < N; i++) {
      x[i] += rr / pap * p[i];
      r[i] -= rr / pap * ap[i];
      next += r[i] * r[i];
    }
    for (unsigned i = 0; i < N; i++)
      p[i] = r[i] + next / rr * p[i];
    rr = next;
    printf("conjugate gradient %d: %.12e\n", step, sqrt(rr));
  }
  tell_doubles("solution", x, N);
}

/* Least squares by the normal equations: a polynomial of degree N - 1 through noisy points. */
static void fit_polynomial(void) {
  matrix normal = {{0}};
  vector right = {0}, coefficients;
  unsigned order[N];

  for (int i = 0; i < 40; i++) {
    const double x = (i - 20) / 20.0, y = exp(x) * cos(3 * x) + 0.001 * random_signed();
    vector powers = {1};
    for (unsigned j = 1; j < N; j++)
      powers[j] = powers[j - 1] * x;
    for (unsigned j = 0; j < N; j++) {
      right[j] += powers[j] * y;
      for (unsigned k = 0; k < N; k++)
        normal[j][k] += powers[j] * powers[k];
    }
  }
  factorise_lu(normal, order);
  solve_lu(normal, order, right, coefficients);
  tell_doubles("polynomial", coefficients, N);
  for (double x = -1; x <= 1; x += 0.25) {
    double y = 0;
    for (unsigned j = N; j-- > 0;)
      y = y * x + coefficients[j];
    printf("at %5.2f: %.9f\n", x, y);
  }
}

void linear_algebra(void) {
  matrix a, b, c;
  vector diagonal;

  solve_and_tell("random", fill_random);
  solve_and_tell("Hilbert", fill_hilbert);
  solve_and_tell("definite", fill_definite);
  fill_definite(a);
  conjugate_gradient(a);
  memcpy(b, a, sizeof a);
  printf("Cholesky %d\n", factorise_cholesky(b));
  tell_doubles("factor", b[N - 1], N);
  printf("sweeps %d\n", eigenvalues(a));
  for (unsigned i = 0; i < N; i++)
    diagonal[i] = a[i][i];
  tell_doubles("eigenvalues", diagonal, N);
  fill_hilbert(a);
  printf("Cholesky of Hilbert %d\n", factorise_cholesky(a));
  fill_random(a);
  printf("Cholesky of random %d\n", factorise_cholesky(a));
  fill_random(b);
  multiply(a, b, c);
  tell_bytes("product", c, sizeof c);
  fit_polynomial();
}
