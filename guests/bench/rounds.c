/*
 * The frame of all images: repeats the work, prints a checksum. On the bare board it prints to the PL011, in a partition by hypercalls.
 * The number of rounds stands behind a mark, where the bench and the tests find and change it in the ELF file.
 */
#include "bench.h"
#include "console.h"
#include "uart.h"

static const volatile struct {
  char mark[16];
  uint32_t count;
} rounds = {"partita-rounds:", ROUNDS};

__attribute__((weak)) void bench_start(void) {}
__attribute__((weak)) void bench_end(void) {}

int main(void) {
  uint32_t sum = 0, count = rounds.count;
#ifdef BOARD_VIRT
  uart_start();
  console_set_sink(uart_write);
#endif
  (void)rounds.mark[0]; /* it is volatile, so that it stays */
  bench_start();
  for (uint32_t round = 0; round < count; round++) sum = mix(sum, bench_round(round));
  bench_end();
  printf("%s: %u rounds, checksum %08x\n", bench_name, count, sum);
  return 0;
}
