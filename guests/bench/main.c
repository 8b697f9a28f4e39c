/*
 * bench: integer code for a bare `virt` board, to compare the speed of simulators with. Not a partition: it prints to the board's
 * PL011 and ends with PSCI's SYSTEM_OFF. ROUNDS is set by the Makefile.
 */
#include "console.h"
#include "kernels.h"
#include "timer.h"
#include "uart.h"

static const struct {
  const char *name;
  uint32_t (*run)(uint32_t seed);
} kernels[] = {{"crc", kernel_crc},   {"sort", kernel_sort}, {"matrix", kernel_matrix},
               {"text", kernel_text}, {"tree", kernel_tree}, {"sieve", kernel_sieve}};

#define KERNELS (sizeof kernels / sizeof kernels[0])

int main(void) {
  uint32_t sums[KERNELS] = {0};
  uart_start();
  console_set_sink(uart_write);
  printf("bench: %u rounds\n", ROUNDS);
  uint64_t start = timer_now();
  for (uint32_t round = 0; round < ROUNDS; round++) {
    for (uint32_t i = 0; i < KERNELS; i++) sums[i] = sums[i] * 33 + kernels[i].run(round * 2654435761u);
  }
  uint64_t ticks = timer_now() - start;
  for (uint32_t i = 0; i < KERNELS; i++) printf("bench: %s %08x\n", kernels[i].name, sums[i]);
  printf("bench: %llu us of virtual time\n", divide_u64(ticks_to_ns(ticks), 1000));
  return 0;
}
