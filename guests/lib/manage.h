/* Managing other partitions, for one that has the right (partita,management), and telling how long jobs take. */
#ifndef MANAGE_H
#define MANAGE_H

#include <stdint.h>

#include "hyp_abi.h"

/** What MANAGE_STATUS writes. */
struct hyp_status {
  uint32_t state; /* HYP_STATE_… */
  uint32_t vcpus, restarts, faults;
  uint64_t exits, ran_ns; /* of all vCPUs */
  uint32_t policy;        /* HYP_POLICY_… */
  uint32_t recoveries, max_restarts;
  uint32_t last_fault_pc;
  char name[HYP_STATUS_NAME_BYTES];
};
_Static_assert(sizeof(struct hyp_status) == HYP_STATUS_BYTES, "as the hypervisor has it");

/** What MANAGE_INSPECT writes. */
struct hyp_registers {
  uint32_t r[13], sp, lr, pc, cpsr;
  uint32_t power; /* 0 off, 1 starting, 2 on */
  uint32_t waits; /* for an interrupt */
  uint32_t sctlr, ttbr0, vbar, dfsr, dfar, ifsr, ifar;
};
_Static_assert(sizeof(struct hyp_registers) == HYP_INSPECT_BYTES, "as the hypervisor has it");

/** How many partitions there are, or HYP_ERROR_DENIED. */
int32_t hyp_manage_count(void);

/* These return 0 or one of HYP_ERROR_… INVALID: the partition is not in a state for that. */
int32_t hyp_manage_status(uint32_t partition, struct hyp_status *status);
int32_t hyp_manage_inspect(uint32_t partition, uint32_t vcpu, struct hyp_registers *registers); /* BUSY: it has a core, pause it first */
int32_t hyp_manage_pause(uint32_t partition);
int32_t hyp_manage_resume(uint32_t partition);
int32_t hyp_manage_restart(uint32_t partition);
int32_t hyp_manage_stop(uint32_t partition);

/** A job is complete that was released when the virtual counter stood at `release`. */
int32_t hyp_job_done(uint32_t job, uint64_t release);

#endif
