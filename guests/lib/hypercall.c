/* The hypercalls that the guests use. */
#include "hypercall.h"

#include "cp15.h"

#define PATIENCE 100000 /* YIELDs after which a console that stays BUSY is given up */

struct hyp_result hyp_call(uint32_t function, uint32_t a1, uint32_t a2, uint32_t a3) {
  register uint32_t r0 __asm__("r0") = function;
  register uint32_t r1 __asm__("r1") = a1;
  register uint32_t r2 __asm__("r2") = a2;
  register uint32_t r3 __asm__("r3") = a3;
  /* "memory": the hypervisor may read what we wrote, and another CPU may run meanwhile. */
  __asm__ volatile(".arch_extension virt\n\thvc #0" : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3) : : "memory");
  return (struct hyp_result){(int32_t)r0, r1, r2, r3};
}

int32_t hyp_console_write(const char *text, size_t length) {
  return hyp_call(HYP_CONSOLE_WRITE, (uint32_t)text, length, 0).r0; /* our map is one to one: VA = IPA */
}

void hyp_console_write_all(const char *text, size_t length) {
  for (unsigned patience = PATIENCE; length > 0 && patience > 0;) {
    int32_t written = hyp_console_write(text, length < HYP_CONSOLE_WRITE_MAX ? length : HYP_CONSOLE_WRITE_MAX);
    if (written > 0) {
      text += written;
      length -= (size_t)written;
    } else {
      if (written != 0 && written != HYP_ERROR_BUSY) return;
      patience--;
      hyp_yield();
    }
  }
}

int32_t hyp_yield(void) { return hyp_call(HYP_YIELD, 0, 0, 0).r0; }

int32_t hyp_partition_info(struct hyp_partition *partition) {
  struct hyp_result result = hyp_call(HYP_PARTITION_INFO, 0, 0, 0);
  *partition = (struct hyp_partition){.id = result.r1, .vcpus = result.r2, .channels = result.r3};
  return result.r0;
}

int32_t hyp_channel_info(uint32_t index, struct hyp_channel *channel) {
  struct hyp_result result = hyp_call(HYP_CHANNEL_INFO, index, 0, 0);
  *channel = (struct hyp_channel){.address = result.r1, .bytes = result.r2, .writable = result.r3 & 1, .doorbell = result.r3 >> 16};
  return result.r0;
}

int32_t hyp_channel_notify(uint32_t index) {
  dsb(); /* what the doorbell announces must be visible before it rings */
  return hyp_call(HYP_CHANNEL_NOTIFY, index, 0, 0).r0;
}

int32_t hyp_health_report(uint32_t severity, uint32_t code) { return hyp_call(HYP_HEALTH_REPORT, severity, code, 0).r0; }

int32_t psci_cpu_on(uint32_t mpidr, uint32_t entry, uint32_t context) { return hyp_call(PSCI_CPU_ON, mpidr, entry, context).r0; }

void psci_cpu_off(void) { hyp_call(PSCI_CPU_OFF, 0, 0, 0); }

void psci_system_off(void) { hyp_call(PSCI_SYSTEM_OFF, 0, 0, 0); }

void psci_system_reset(void) { hyp_call(PSCI_SYSTEM_RESET, 0, 0, 0); }
