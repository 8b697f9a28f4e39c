/*
 * telemetry: the other end of control's channel, which it can only read. It sleeps until the doorbell rings, takes every frame
 * there is, and checks numbers and CRCs. Built as Thumb code.
 */
#include <stdbool.h>

#include "console.h"
#include "cp15.h"
#include "gic.h"
#include "hypercall.h"
#include "mmu.h"
#include "ring.h"
#include "sample.h"

#define REPORT 1000 /* frames between two lines */

struct statistics {
  float min, max;
  double sum;
  uint32_t count;
};

static volatile uint32_t rings; /* of the doorbell */
static uint32_t frames, bad;
static bool ended;

static void doorbell(void) { rings++; }

static void start_over(struct statistics *statistics) { *statistics = (struct statistics){.min = 1e30f, .max = -1e30f}; }

static void add(struct statistics *statistics, float value) {
  if (value < statistics->min) statistics->min = value;
  if (value > statistics->max) statistics->max = value;
  statistics->sum += (double)value;
  statistics->count++;
}

static void report(const struct statistics *angle) {
  printf("telemetry: %u frames, angle min %f max %f mean %f rad\n", frames, (double)angle->min, (double)angle->max,
         angle->sum / angle->count);
}

static void take(const struct frame *frame) {
  static struct statistics angle;
  union sample sample;
  if (frame->type == FRAME_END) {
    ended = true;
    return;
  }
  for (int i = 0; i < FRAME_WORDS; i++) sample.words[i] = frame->payload[i];
  if (frames % REPORT == 0) start_over(&angle);
  frames++;
  add(&angle, sample.angle);
  if (frames % REPORT == 0) report(&angle);
}

static void drain(struct ring_reader *reader) {
  struct frame frame;
  for (ring_answer answer; (answer = ring_read(reader, &frame)) != RING_EMPTY;) {
    if (answer == RING_FRAME) take(&frame);
    else bad++;
  }
}

/** A doorbell that rings after drain() has looked is counted, and then we do not sleep. */
static void sleep_until_rung(uint32_t seen) {
  mask_interrupts();
  if (rings == seen) wait_for_interrupt();
  unmask_interrupts();
}

static void run(const struct hyp_channel *channel) {
  struct ring_reader reader = ring_open(channel->address, channel->bytes, RING_WHOLE);
  gic_start();
  gic_enable(channel->doorbell, doorbell);
  unmask_interrupts();
  for (;;) {
    uint32_t seen = rings;
    drain(&reader);
    if (ended) break;
    sleep_until_rung(seen);
  }
  printf("telemetry: %u frames, %u lost, %u bad CRC\n", frames, reader.lost, bad);
}

int main(void) {
  struct hyp_channel channel;
  int32_t error = hyp_channel_info(CONTROL_CHANNEL, &channel);
  if (error || channel.doorbell == 0) {
    printf("telemetry: no channel %u with a doorbell (error %d)\n", CONTROL_CHANNEL, error);
    return 1;
  }
  mmu_map(channel.address, channel.address, channel.bytes, channel.writable ? MEMORY_DATA : MEMORY_CONSTANT);
  printf("telemetry: channel of %u KiB at %08x, %s, doorbell %u\n", channel.bytes / 1024, channel.address,
         channel.writable ? "writable" : "read-only", channel.doorbell);
  run(&channel);
  return 0;
}
