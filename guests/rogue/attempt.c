/* Trying things and counting what happens. */
#include <stdarg.h>

#include "console.h"
#include "hypercall.h"
#include "platform.h"
#include "rogue.h"

void note(struct finding *finding, const char *format, ...) {
  if (finding->breach) return;
  va_list arguments;
  va_start(arguments, format);
  format_arguments(finding->note, sizeof finding->note, format, arguments);
  va_end(arguments);
}

void breach(struct finding *finding, const char *format, ...) {
  if (finding->breach) return;
  va_list arguments;
  va_start(arguments, format);
  format_arguments(finding->note, sizeof finding->note, format, arguments);
  va_end(arguments);
  finding->breach = true;
}

struct probe_result attempt(struct finding *finding, probe_function *function, uint32_t argument) {
  struct probe_result result = probe(function, argument);
  finding->tries++;
  finding->met[result.kind]++;
  if (result.kind != EXCEPTION_NONE) finding->last = result;
  return result;
}

void must_fault(struct finding *finding, probe_function *function, uint32_t argument) {
  struct probe_result result = attempt(finding, function, argument);
  if (result.kind == EXCEPTION_NONE) breach(finding, "no fault at 0x%08x, got 0x%08x", argument, result.value);
}

static bool within(uint32_t ipa, uint32_t base, uint32_t bytes) { return ipa - base < bytes; }

bool is_mine(uint32_t ipa) {
  struct hyp_partition self = {0, 0, 0};
  struct hyp_channel channel;
  if (within(ipa, GUEST_RAM_BASE, own.ram_end - GUEST_RAM_BASE)) return true;
  if (within(ipa, GICD_BASE, PAGE) || within(ipa, GICC_BASE, GICC_BYTES) || within(ipa, UART_BASE, PAGE)) return true;
  hyp_partition_info(&self);
  for (uint32_t i = 0; i < self.channels; i++) {
    if (hyp_channel_info(i, &channel) == 0 && within(ipa, channel.address, channel.bytes)) return true;
  }
  return false;
}

void must_not_reach(struct finding *finding, probe_function *function, uint32_t ipa) {
  if (is_mine(ipa)) return;
  uint32_t before = mmu_first_level(ipa);
  mmu_set_first_level(ipa, mmu_section(ipa, MEMORY_ANYTHING));
  must_fault(finding, function, ipa);
  mmu_set_first_level(ipa, before);
}

uint32_t read_word(uint32_t address) { return *(volatile uint32_t *)address; }
