/* kernels: the kernels of bench.elf, in the frame of the other images. */
#include "bench.h"
#include "kernels.h"

const char bench_name[] = "kernels";

uint32_t bench_round(uint32_t round) {
  uint32_t seed = round * 2654435761u;
  uint32_t sum = mix(kernel_crc(seed), kernel_sort(seed));
  sum = mix(sum, kernel_matrix(seed));
  sum = mix(sum, kernel_text(seed));
  sum = mix(sum, kernel_tree(seed));
  return mix(sum, kernel_sieve(seed));
}
