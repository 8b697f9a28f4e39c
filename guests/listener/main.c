/*
 * listener: a receiver of sender's frames without an operating system, and before that, with "attacks=1" in its bootargs, a peer that
 * does what it can to the others: writes to their sections, and nonsense to its function. With "again=1" it begins anew at the end.
 */
#include "console.h"
#include "cp15.h"
#include "fdt.h"
#include "flow.h"
#include "gic.h"
#include "hypercall.h"
#include "listener.h"
#include "mmu.h"
#include "platform.h"

#define SENDER 0

static struct ivshmem function;
static volatile uint32_t rings;

static void doorbell(void) {
  ivshmem_listen(&function);
  rings++;
}

static void sleep_until_rung(uint32_t seen) {
  mask_interrupts();
  if (rings == seen) wait_for_interrupt();
  unmask_interrupts();
}

static void receive(void) {
  struct flow_receiver receiver = flow_begin(&function, SENDER);
  for (bool end = false; !end;) {
    uint32_t seen = rings;
    end = flow_take(&receiver);
    if (!end) sleep_until_rung(seen);
  }
  flow_end(&receiver);
  printf("listener: %u frames, %u lost, %u bad CRC\n", receiver.frames, receiver.reader.lost, receiver.reader.bad_crc);
}

int main(const void *tree) {
  if (!ivshmem_open(0, &function) || function.output_bytes == 0) {
    printf("listener: no ivshmem function with output sections\n");
    return 1;
  }
  if (tree) mmu_map((uint32_t)tree & ~(PAGE - 1), (uint32_t)tree & ~(PAGE - 1), 16 * PAGE, MEMORY_CONSTANT);
  if (fdt_argument(tree, "attacks=", 0)) {
    uint32_t interrupt = function.interrupt; /* configuration space will no longer tell */
    attack(&function);
    ivshmem_open(0, &function);
    function.interrupt = interrupt;
  }
  gic_start();
  gic_enable(function.interrupt, doorbell);
  ivshmem_listen(&function);
  unmask_interrupts();
  for (uint32_t runs = fdt_argument(tree, "runs=", 1); runs > 0; runs--) receive();
  if (fdt_argument(tree, "again=", 0)) psci_system_reset();
  return 0;
}
