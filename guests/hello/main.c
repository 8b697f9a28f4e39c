/* The smallest guest that is heard: once through the hypervisor's console call, once through its virtual UART. */
#include "console.h"
#include "cp15.h"
#include "hypercall.h"
#include "smp.h"
#include "uart.h"

static volatile uint32_t answered;

static void second_cpu(uint32_t cpu) {
  printf("hello: vCPU %u is here too\n", cpu);
  answered = 1;
  dsb();
}

int main(void) {
  struct hyp_partition self = {0, 1, 0};
  hyp_partition_info(&self);
  printf("hello: partition %u, %u vCPU, %u channels, says the hypervisor's console\n", self.id, self.vcpus, self.channels);

  uart_start();
  console_set_sink(uart_write);
  printf("hello: and this came through the virtual PL011\n");

  console_set_sink(hyp_console_write_all);
  if (self.vcpus > 1 && smp_start(1, second_cpu, 1) == PSCI_SUCCESS) {
    while (!answered) hyp_yield();
  }
  printf("hello: done\n");
  return 0;
}
