/*
 * manager: lists all partitions, then puts the first other one through every verb, and checks after each what it did. Without
 * the right to manage it says that it was refused.
 */
#include <stdbool.h>

#include "console.h"
#include "hypercall.h"
#include "manage.h"
#include "timer.h"

#define SETTLE 500 /* a second divided by this passes until what was asked for is surely done: a restart takes a millisecond */

static const char *const states[] = {"running", "off", "stopped", "paused"};
static uint32_t checks, failures;

/** Busy, not asleep: what is to be seen is the other's doing. */
static void settle(void) { timer_wait(timer_frequency() / SETTLE); }

static void check(const char *what, bool holds) {
  checks++;
  if (!holds) failures++;
  printf("manager: %s: %s\n", what, holds ? "yes" : "NO");
}

static struct hyp_status status_of(uint32_t partition) {
  struct hyp_status status;
  if (hyp_manage_status(partition, &status) != 0) status = (struct hyp_status){.state = HYP_STATE_STOPPED};
  return status;
}

static void list(uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    struct hyp_status status = status_of(i);
    printf("manager: %u %s %s, %u vCPU, %u restarts, %u faults\n", i, status.name, states[status.state & 3], status.vcpus,
           status.restarts, status.faults);
  }
}

static void pause_and_resume(uint32_t other) {
  struct hyp_registers registers;
  check("pause", hyp_manage_pause(other) == 0);
  settle();
  struct hyp_status before = status_of(other);
  settle();
  struct hyp_status after = status_of(other);
  check("it is paused and does not run", after.state == HYP_STATE_PAUSED && after.ran_ns == before.ran_ns);
  check("a second pause is invalid", hyp_manage_pause(other) == HYP_ERROR_INVALID);
  check("inspect", hyp_manage_inspect(other, 0, &registers) == 0 && registers.pc >= GUEST_RAM_BASE);
  check("resume", hyp_manage_resume(other) == 0);
  settle();
  after = status_of(other);
  check("it runs again", after.state == HYP_STATE_RUNNING && after.ran_ns > before.ran_ns);
}

static void stop_and_restart(uint32_t other) {
  uint32_t restarts = status_of(other).restarts;
  check("restart", hyp_manage_restart(other) == 0);
  settle();
  settle();
  check("it was restarted", status_of(other).restarts == restarts + 1);
  check("stop", hyp_manage_stop(other) == 0);
  settle();
  check("it is stopped", status_of(other).state == HYP_STATE_STOPPED);
  check("resume is invalid then", hyp_manage_resume(other) == HYP_ERROR_INVALID);
  check("restart brings it back", hyp_manage_restart(other) == 0);
  settle();
  check("it runs", status_of(other).state == HYP_STATE_RUNNING);
}

int main(void) {
  uint64_t release = timer_now();
  struct hyp_partition self = {0, 1, 0};
  hyp_partition_info(&self);
  int32_t count = hyp_manage_count();
  if (count < 0) {
    printf("manager: refused, error %d; a pause: error %d\n", count, hyp_manage_pause(self.id == 0 ? 1 : 0));
    return 1;
  }
  list((uint32_t)count);
  uint32_t other = self.id == 0 ? 1 : 0;
  check("nobody pauses itself", hyp_manage_pause(self.id) == HYP_ERROR_INVALID);
  check("there is no partition beyond the last", hyp_manage_stop((uint32_t)count) == HYP_ERROR_NO_ENTRY);
  pause_and_resume(other);
  stop_and_restart(other);
  hyp_job_done(0, release);
  printf("manager: %u checks, %u failures\n", checks, failures);
  return failures == 0 ? 0 : 1;
}
