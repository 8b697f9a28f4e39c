/*
 * How a sender and its receivers share an ivshmem link, each writing its own output section alone. In the sender's is a ring of frames
 * (ring.h), so that any number can read it; a receiver says in its own how far it is, and the sender waits for the slowest.
 */
#ifndef FLOW_H
#define FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "ivshmem.h"
#include "ring.h"

/* States of a peer */
#define FLOW_ABSENT   0 /* as the hypervisor has it when a partition starts or ends */
#define FLOW_SENDER   1
#define FLOW_RECEIVER 2

struct progress {
  uint32_t session; /* grows when the receiver starts again, so that a restart is seen even by who was asleep */
  uint32_t epoch;   /* of the ring that it reads */
  uint32_t read;    /* frames taken of that */
};

struct flow_receiver {
  const struct ivshmem *function;
  uint32_t sender; /* a peer */
  struct ring_reader reader;
  uint32_t frames; /* of this epoch; so are the reader's counts */
  uint32_t epoch;
};

/** Receiver: be there from now on, for what the sender writes from now on. */
struct flow_receiver flow_begin(const struct ivshmem *function, uint32_t sender);

/** Receiver: take what there is, and tell how far that is. True when the sender has said that this was all. */
bool flow_take(struct flow_receiver *receiver);

/** Receiver: go. */
void flow_end(const struct flow_receiver *receiver);

#endif
