/*
 * How a sender and its receivers share an ivshmem link, each writing its own output section alone. In the sender's is a ring of frames
 * (ring.h), so that any number can read it; a receiver says in its own how far it is, and the sender waits for the slowest.
 */
#ifndef FLOW_H
#define FLOW_H

#include <stdint.h>

/* States of a peer */
#define FLOW_ABSENT   0 /* as the hypervisor has it when a partition starts or ends */
#define FLOW_SENDER   1
#define FLOW_RECEIVER 2

struct progress {
  uint32_t session; /* grows when the receiver starts again, so that a restart is seen even by who was asleep */
  uint32_t epoch;   /* of the ring that it reads */
  uint32_t read;    /* frames taken of that */
};

#endif
