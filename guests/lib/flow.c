/* A receiver of an ivshmem link, with or without an operating system. */
#include "flow.h"

#include "cp15.h"

static volatile struct progress *own_progress(const struct flow_receiver *receiver) {
  return (volatile struct progress *)ivshmem_output(receiver->function, receiver->function->id);
}

struct flow_receiver flow_begin(const struct ivshmem *function, uint32_t sender) {
  uint32_t ring = ivshmem_output(function, sender);
  struct flow_receiver receiver = {.function = function, .sender = sender, .reader = ring_open(ring, function->output_bytes, RING_WHOLE)};
  receiver.epoch = receiver.reader.epoch = receiver.reader.ring->epoch; /* what an earlier run has left is no frame of ours */
  receiver.reader.read = receiver.reader.ring->written;
  own_progress(&receiver)->epoch = 0;
  own_progress(&receiver)->session++;
  dmb(); /* the sender finds it when it hears of us */
  ivshmem_set_state(function, FLOW_ABSENT); /* where an earlier receiver was killed */
  ivshmem_set_state(function, FLOW_RECEIVER);
  return receiver;
}

/** The sender has begun a new run: what was counted is of the one before. */
static void start_over(struct flow_receiver *receiver, ring_answer answer) {
  receiver->epoch = receiver->reader.epoch;
  receiver->frames = receiver->reader.lost = 0;
  receiver->reader.bad_crc = answer == RING_BAD ? 1 : 0;
}

bool flow_take(struct flow_receiver *receiver) {
  struct ring_reader *reader = &receiver->reader;
  struct frame frame;
  bool end = false, some = false;
  for (ring_answer answer; !end && (answer = ring_read(reader, &frame)) != RING_EMPTY; some = true) {
    if (reader->epoch != receiver->epoch) start_over(receiver, answer);
    if (answer == RING_FRAME && frame.type == FRAME_DATA) receiver->frames++;
    end = answer == RING_FRAME && frame.type == FRAME_END;
  }
  if (!some) return false;
  own_progress(receiver)->read = reader->read;
  own_progress(receiver)->epoch = reader->epoch;
  dmb(); /* the sender hears of it when it is there */
  ivshmem_ring(receiver->function, receiver->sender);
  return end;
}

void flow_end(const struct flow_receiver *receiver) { ivshmem_set_state(receiver->function, FLOW_ABSENT); }
