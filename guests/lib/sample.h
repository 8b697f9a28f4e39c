/* What control tells telemetry in every frame's payload. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdint.h>

#include "ring.h"

#define CONTROL_CHANNEL 0

union sample {
  struct {
    float setpoint, angle, speed, current, voltage;
    uint32_t lateness; /* ticks from the deadline to the wake-up */
  };
  uint32_t words[FRAME_WORDS];
};

#endif
