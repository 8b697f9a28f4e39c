/* Hypercalls about other partitions and about jobs. */
#include "manage.h"

#include "hypercall.h"

int32_t hyp_manage_count(void) {
  struct hyp_result result = hyp_call(HYP_MANAGE_COUNT, 0, 0, 0);
  return result.r0 == 0 ? (int32_t)result.r1 : result.r0;
}

/** The calls that write return how much. */
static int32_t zero_or_error(int32_t written) { return written < 0 ? written : 0; }

int32_t hyp_manage_status(uint32_t partition, struct hyp_status *status) {
  return zero_or_error(hyp_call(HYP_MANAGE_STATUS, partition, (uint32_t)status, sizeof *status).r0); /* VA = IPA */
}

int32_t hyp_manage_inspect(uint32_t partition, uint32_t vcpu, struct hyp_registers *registers) {
  return zero_or_error(hyp_call(HYP_MANAGE_INSPECT, partition, vcpu, (uint32_t)registers).r0);
}

int32_t hyp_manage_pause(uint32_t partition) { return hyp_call(HYP_MANAGE_PAUSE, partition, 0, 0).r0; }

int32_t hyp_manage_resume(uint32_t partition) { return hyp_call(HYP_MANAGE_RESUME, partition, 0, 0).r0; }

int32_t hyp_manage_restart(uint32_t partition) { return hyp_call(HYP_MANAGE_RESTART, partition, 0, 0).r0; }

int32_t hyp_manage_stop(uint32_t partition) { return hyp_call(HYP_MANAGE_STOP, partition, 0, 0).r0; }

int32_t hyp_job_done(uint32_t job, uint64_t release) {
  return hyp_call(HYP_JOB_DONE, job, (uint32_t)release, (uint32_t)(release >> 32)).r0;
}
