/* What the sections of this program share: a source of repeatable figures, and two ways of telling results. */
#ifndef NUMERICS_H
#define NUMERICS_H

#include <stddef.h>
#include <stdint.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The same sequence after each seed(); xorshift64* with 64 bits of state. */
void seed(uint64_t value);
uint32_t random_word(void);
uint32_t random_below(uint32_t limit);
/* In [0, 1) and in [-1, 1). */
double random_unit(void);
double random_signed(void);

/* One line: a name and an FNV-1a hash of the bytes, for results too long to print. */
void tell_bytes(const char *name, const void *data, size_t size);
/* One line for each eight figures, with all their digits. */
void tell_doubles(const char *name, const double *values, size_t count);
void tell_floats(const char *name, const float *values, size_t count);
/* The bits of one figure. */
uint64_t double_bits(double value);
double double_of(uint64_t bits);
uint32_t float_bits(float value);
float float_of(uint32_t bits);

void fourier(void);
void linear_algebra(void);
void differential_equations(void);
void big_integers(void);
void digests(void);
void sorting(void);
void hash_map(void);
void json(void);
void regular_expressions(void);
void ray_tracer(void);
void filters(void);
void vectors(void);
void half_precision(void);
void rounding(void);
void formats(void);
void control_flow(void);
void integers(void);
void fixed_point(void);
void virtual_machine(void);
void compression(void);
void text(void);
void calculus(void);
void elementary_functions(void);
void graphs(void);
void automata(void);

#endif
