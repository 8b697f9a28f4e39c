/* hypercalls: PSCI_VERSION by HVC, 1,000 a round; answered by hyp.S and hyp_exits.c on the bare board, by Partita in a partition. */
#include "bench.h"
#include "hypercall.h"

const char bench_name[] = "hypercalls";

uint32_t bench_round(uint32_t round) {
  uint32_t sum = round;
  for (int i = 0; i < 1000; i++) sum = mix(sum, (uint32_t)hyp_call(PSCI_VERSION, 0, 0, 0).r0);
  return sum;
}
