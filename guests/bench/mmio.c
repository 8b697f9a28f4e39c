/* mmio: reads of a PL011's flags that end in the hypervisor, 1,000 a round: hyp_exits.c's on the bare board, Partita's in a partition. */
#include "bench.h"
#include "hyp.h"
#include "mmu.h"
#include "platform.h"

const char bench_name[] = "mmio";

#ifdef BOARD_VIRT
#define EMULATED HYP_UART
#else
#define EMULATED UART_BASE
#endif

void bench_start(void) { mmu_map(EMULATED, EMULATED, PAGE, MEMORY_DEVICE); }

uint32_t bench_round(uint32_t round) {
  uint32_t sum = round;
  for (int i = 0; i < 1000; i++) sum = mix(sum, *(volatile uint32_t *)(EMULATED + 0x18));
  return sum;
}
