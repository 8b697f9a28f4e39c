/* Starting other CPUs by PSCI's CPU_ON. */
#include "smp.h"

#include "cp15.h"
#include "hypercall.h"

#define STACK 4096

/** What start.S's secondary_start reads; the MMU is off then, so it must have reached memory. */
struct cpu_start {
  char *stack;
  void (*function)(uint32_t);
  uint32_t argument;
};

extern char secondary_start[];
static struct cpu_start starts[SMP_CPUS];
static char stacks[SMP_CPUS][STACK] __attribute__((aligned(8)));

int32_t smp_start(uint32_t cpu, void (*function)(uint32_t), uint32_t argument) {
  if (cpu >= SMP_CPUS) return PSCI_INVALID_PARAMETERS;
  struct cpu_start *start = &starts[cpu];
  *start = (struct cpu_start){stacks[cpu] + STACK, function, argument};
  for (uint32_t line = (uint32_t)start; line < (uint32_t)(start + 1); line += 4) write_DCCMVAC(line);
  dsb();
  uint32_t cluster = read_MPIDR() & 0xffff00; /* same cluster, another Aff0 */
  return psci_cpu_on(cluster | cpu, (uint32_t)secondary_start, (uint32_t)start);
}
