/* The pieces of work that bench repeats. Each returns a checksum, so that a wrong result is seen. */
#ifndef KERNELS_H
#define KERNELS_H

#include <stdint.h>

uint32_t kernel_crc(uint32_t seed);
uint32_t kernel_sort(uint32_t seed);
uint32_t kernel_matrix(uint32_t seed);
uint32_t kernel_text(uint32_t seed);
uint32_t kernel_tree(uint32_t seed);
uint32_t kernel_sieve(uint32_t seed);

#endif
