/* The virtual timer, which belongs to the partition alone. Time is in ticks of the 64-bit virtual counter. */
#ifndef TIMER_H
#define TIMER_H

#include <stdint.h>

uint32_t timer_frequency(void); /* ticks per second */
uint64_t timer_now(void);

/** The timer's interrupt is raised from `deadline` on, and stays so until another deadline is set or it is stopped. */
void timer_set_deadline(uint64_t deadline);
void timer_stop(void);

void timer_wait(uint32_t ticks); /* by looking at the counter */
uint64_t ticks_to_ns(uint64_t ticks);
int64_t signed_ticks_to_ns(int64_t ticks);

/** 64-bit by 32-bit division, which the processor does not have and we do not link libgcc for. */
uint64_t divide_u64(uint64_t dividend, uint32_t divisor);

#endif
