/* Calls to the hypervisor and to firmware (PSCI): HVC #0, Arm DEN 0028 (SMCCC), Arm DEN 0022 (PSCI). */
#ifndef HYPERCALL_H
#define HYPERCALL_H

#include <stddef.h>
#include <stdint.h>

#include "hyp_abi.h"

/** r0 to r3 after a call. */
struct hyp_result {
  int32_t r0;
  uint32_t r1, r2, r3;
};

struct hyp_channel {
  uint32_t address, bytes;
  uint32_t writable;
  uint32_t doorbell; /* interrupt id, 0 if there is none */
};

struct hyp_partition {
  uint32_t id, vcpus, channels;
};

/** Any call at all. */
struct hyp_result hyp_call(uint32_t function, uint32_t r1, uint32_t r2, uint32_t r3);

/* These return 0 (or a count) or one of HYP_ERROR_… */
int32_t hyp_console_write(const char *text, size_t length);
int32_t hyp_yield(void);
int32_t hyp_partition_info(struct hyp_partition *partition);
int32_t hyp_channel_info(uint32_t index, struct hyp_channel *channel);
int32_t hyp_channel_notify(uint32_t index);
int32_t hyp_health_report(uint32_t severity, uint32_t code);

/** Write all of it, in pieces, and wait when told BUSY. */
void hyp_console_write_all(const char *text, size_t length);

#define PSCI_SUCCESS            0
#define PSCI_NOT_SUPPORTED      (-1)
#define PSCI_INVALID_PARAMETERS (-2)
#define PSCI_DENIED             (-3)
#define PSCI_ALREADY_ON         (-4)
#define PSCI_ON_PENDING         (-5)
#define PSCI_INVALID_ADDRESS    (-9)

int32_t psci_cpu_on(uint32_t mpidr, uint32_t entry, uint32_t context);
void psci_cpu_off(void);
void psci_system_off(void);
void psci_system_reset(void);

#endif
