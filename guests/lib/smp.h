/* A second virtual CPU. */
#ifndef SMP_H
#define SMP_H

#include <stdint.h>

#define SMP_CPUS 4

/** Run function(argument) on another CPU, on a stack of its own. Returns PSCI's answer. */
int32_t smp_start(uint32_t cpu, void (*function)(uint32_t), uint32_t argument);

#endif
