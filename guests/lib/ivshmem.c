/* ivshmem without an operating system: what firmware and a driver do elsewhere. Reference: PCI Local Bus Specification 3.0, 6.2.5 (BARs), 6.7. */
#include "ivshmem.h"

#include "cp15.h"
#include "mmu.h"
#include "platform.h"

#define DEVICE_SHIFT 15 /* eight functions of 4 KiB each */

static uint32_t config_address(uint32_t device) { return GUEST_PCI_ECAM_BASE + (device << DEVICE_SHIFT); }

static volatile uint32_t *config_word(uint32_t device, uint32_t offset) {
  return (volatile uint32_t *)(config_address(device) + offset);
}

uint32_t ivshmem_config_read(uint32_t device, uint32_t offset) { return *config_word(device, offset); }

void ivshmem_config_write(uint32_t device, uint32_t offset, uint32_t value) { *config_word(device, offset) = value; }

/** Offset of the vendor's capability, 0 if there is none. The list is as long as configuration space at most. */
static uint32_t find_capability(uint32_t device) {
  uint32_t at = ivshmem_config_read(device, PCI_CAPABILITIES) & 0xfc;
  for (int left = 48; at != 0 && left > 0; left--) {
    uint32_t head = ivshmem_config_read(device, at);
    if ((head & 0xff) == PCI_CAPABILITY_VENDOR) return at;
    at = head >> 8 & 0xfc;
  }
  return 0;
}

static void map_memory(const struct ivshmem *function, uint32_t base) {
  mmu_map(base, base, function->common - base, MEMORY_CONSTANT);
  if (function->common_bytes) mmu_map(function->common, function->common, function->common_bytes, MEMORY_DATA);
  for (uint32_t peer = 0; peer < function->peers && function->output_bytes; peer++) {
    uint32_t at = ivshmem_output(function, peer);
    mmu_map(at, at, function->output_bytes, peer == function->id ? MEMORY_DATA : MEMORY_CONSTANT);
  }
}

bool ivshmem_open(uint32_t device, struct ivshmem *function) {
  uint32_t registers = GUEST_PCI_MEMORY_BASE + device * PAGE;
  mmu_map(config_address(device), config_address(device), PAGE, MEMORY_DEVICE);
  if (ivshmem_config_read(device, 0) != IVSHMEM_ID) return false;
  uint32_t capability = find_capability(device);
  if (!capability) return false;
  ivshmem_config_write(device, PCI_BAR0, registers);
  ivshmem_config_write(device, PCI_COMMAND, PCI_COMMAND_MEMORY);
  mmu_map(registers, registers, PAGE, MEMORY_DEVICE);
  function->registers = (volatile struct ivshmem_registers *)registers;
  function->id = function->registers->id;
  function->peers = function->registers->peers;
  function->interrupt = ivshmem_config_read(device, PCI_INTERRUPT_LINE) & 0xff;
  uint32_t base = ivshmem_config_read(device, capability + IVSHMEM_BASE);
  function->states = (const volatile uint32_t *)base;
  function->common = base + ivshmem_config_read(device, capability + IVSHMEM_STATE_TABLE_SIZE);
  function->common_bytes = ivshmem_config_read(device, capability + IVSHMEM_COMMON_SIZE);
  function->outputs = function->common + function->common_bytes;
  function->output_bytes = ivshmem_config_read(device, capability + IVSHMEM_OUTPUT_SIZE);
  map_memory(function, base);
  return true;
}
