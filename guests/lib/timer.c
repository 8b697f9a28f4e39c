/* Generic timer. Reference: Arm DDI 0406C, B8. */
#include "timer.h"

#include "cp15.h"

#define CNTV_CTL_ENABLE 1

uint32_t timer_frequency(void) { return read_CNTFRQ(); }

uint64_t timer_now(void) {
  isb(); /* else the counter could be read early, before what was written above in the program */
  return read_CNTVCT();
}

void timer_set_deadline(uint64_t deadline) {
  write_CNTV_CVAL(deadline);
  write_CNTV_CTL(CNTV_CTL_ENABLE);
  isb();
}

void timer_stop(void) {
  write_CNTV_CTL(0);
  isb();
}

void timer_wait(uint32_t ticks) {
  uint64_t start = timer_now();
  while (timer_now() - start < ticks) {
  }
}

uint64_t divide_u64(uint64_t dividend, uint32_t divisor) {
  uint64_t quotient = 0, remainder = 0;
  for (int bit = 63; bit >= 0; bit--) {
    remainder = remainder << 1 | (dividend >> bit & 1);
    if (remainder >= divisor) {
      remainder -= divisor;
      quotient |= 1ull << bit;
    }
  }
  return quotient;
}

/** Seconds and the rest apart, so that the product cannot overflow. */
uint64_t ticks_to_ns(uint64_t ticks) {
  uint32_t frequency = timer_frequency();
  uint64_t seconds = divide_u64(ticks, frequency);
  uint64_t rest = ticks - seconds * frequency;
  return seconds * 1000000000u + divide_u64(rest * 1000000000u, frequency);
}

int64_t signed_ticks_to_ns(int64_t ticks) { return ticks < 0 ? -(int64_t)ticks_to_ns(-ticks) : (int64_t)ticks_to_ns(ticks); }
