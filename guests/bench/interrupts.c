/* interrupts: computing while the virtual timer interrupts 10,000 times a second, through the GIC. How often it does is not printed. */
#include "bench.h"
#include "console.h"
#include "cp15.h"
#include "gic.h"
#include "hyp_abi.h"
#include "kernels.h"
#include "timer.h"

const char bench_name[] = "interrupts";

#define HZ 10000

static uint32_t period;
static uint64_t deadline;
static volatile uint32_t taken;
static uint32_t history[64];

/** What falls due while we are late is left out. */
static void tick(void) {
  uint64_t now = timer_now();
  history[taken % 64] = (uint32_t)(now - deadline);
  taken++;
  do deadline += period;
  while (deadline <= now);
  timer_set_deadline(deadline);
}

void bench_start(void) {
  gic_start();
  gic_enable(GUEST_VTIMER_IRQ, tick);
  period = timer_frequency() / HZ;
  deadline = timer_now() + period;
  timer_set_deadline(deadline);
  unmask_interrupts();
}

uint32_t bench_round(uint32_t round) {
  uint32_t seed = round * 2654435761u;
  return mix(mix(kernel_crc(seed), kernel_matrix(seed)), kernel_text(seed));
}

void bench_end(void) {
  mask_interrupts();
  timer_stop();
  if (taken == 0) printf("%s: none was taken\n", bench_name);
}
