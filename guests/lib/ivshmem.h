/*
 * An ivshmem function of version 2 on the partition's PCI host: memory that partitions share by sections, and doorbells between them.
 * Reference: ivshmem v2 specification (Jailhouse, Documentation/ivshmem-v2-specification.md).
 */
#ifndef IVSHMEM_H
#define IVSHMEM_H

#include <stdbool.h>
#include <stdint.h>

#define IVSHMEM_ID 0x4106110a /* device and vendor, as the first word of configuration space has them */

/* Of configuration space, where both Linux programs and bare-metal ones look */
enum ivshmem_config {
  PCI_COMMAND = 0x04,
  PCI_STATUS = 0x06,
  PCI_BAR0 = 0x10,
  PCI_CAPABILITIES = 0x34,
  PCI_INTERRUPT_LINE = 0x3c,
};
#define PCI_COMMAND_MEMORY       (1u << 1)
#define PCI_COMMAND_INTX_DISABLE (1u << 10)
#define PCI_CAPABILITY_VENDOR    0x09

/* Of the vendor's capability, from its start */
enum ivshmem_capability {
  IVSHMEM_STATE_TABLE_SIZE = 0x04,
  IVSHMEM_COMMON_SIZE = 0x08,
  IVSHMEM_OUTPUT_SIZE = 0x10,
  IVSHMEM_BASE = 0x18,
};

struct ivshmem_registers {
  uint32_t id, peers;
  uint32_t interrupt_control;
  uint32_t doorbell; /* target << 16 */
  uint32_t state;
};

struct ivshmem {
  volatile struct ivshmem_registers *registers;
  const volatile uint32_t *states; /* a word for each peer; nobody can write it here */
  uint32_t id, peers;
  uint32_t interrupt;            /* its ID, edge triggered */
  uint32_t common, common_bytes; /* what all may write */
  uint32_t outputs, output_bytes; /* of peer 0; the others follow */
};

/** Find the function that is device `device`, give its registers an address, and map them and the memory. False: there is none. */
bool ivshmem_open(uint32_t device, struct ivshmem *function);

/** A word of the configuration space of a device, whether or not it exists. */
uint32_t ivshmem_config_read(uint32_t device, uint32_t offset);
void ivshmem_config_write(uint32_t device, uint32_t offset, uint32_t value);

/** Where the output section of a peer is: the own one can be written, the others only read. */
static inline uint32_t ivshmem_output(const struct ivshmem *function, uint32_t peer) {
  return function->outputs + peer * function->output_bytes;
}

/** The others see it in the state table and are interrupted. */
static inline void ivshmem_set_state(const struct ivshmem *function, uint32_t state) { function->registers->state = state; }

/** Wants interrupts, and has seen to those before: what comes from now on comes as a new one. */
static inline void ivshmem_listen(const struct ivshmem *function) { function->registers->interrupt_control = 1; }

static inline void ivshmem_ring(const struct ivshmem *function, uint32_t peer) { function->registers->doorbell = peer << 16; }

#endif
