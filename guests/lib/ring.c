/* The channel ring. What each barrier orders is said where it stands; Arm DDI 0406C, A3.8 explains why they are needed. */
#include "ring.h"

#include <stdbool.h>
#include <stddef.h>

#include "cp15.h"
#include "crc32.h"

#define TRIES 8

static uint32_t part_address(uint32_t address, uint32_t bytes, ring_part part) {
  return part == RING_UPPER ? address + bytes / 2 : address;
}

static uint32_t part_slots(uint32_t bytes, ring_part part) {
  uint32_t size = part == RING_WHOLE ? bytes : bytes / 2;
  return size < sizeof(struct ring) ? 0 : (size - sizeof(struct ring)) / sizeof(struct frame);
}

static uint32_t frame_crc(const struct frame *frame) { return crc32(frame, offsetof(struct frame, crc)); }

struct ring *ring_create(uint32_t address, uint32_t bytes, ring_part part, uint32_t frequency) {
  struct ring *ring = (struct ring *)part_address(address, bytes, part);
  uint32_t slots = 1u << (31 - __builtin_clz(part_slots(bytes, part) | 1));
  uint32_t epoch = ring->magic == RING_MAGIC ? ring->epoch + 1 : 1;
  ring->magic = 0; /* nobody reads while the header changes */
  dmb();
  ring->version = RING_VERSION;
  ring->slot_bytes = sizeof(struct frame);
  ring->slots = slots;
  ring->epoch = epoch;
  ring->frequency = frequency;
  ring->written = 0;
  for (uint32_t i = 0; i < slots; i++) ring->frames[i].sequence = 0;
  dmb(); /* the magic comes last */
  ring->magic = RING_MAGIC;
  return ring;
}

void ring_write(struct ring *ring, uint32_t type, uint64_t timestamp, const uint32_t *payload) {
  uint32_t sequence = ring->written + 1;
  struct frame frame = {.sequence = sequence, .type = type, .timestamp = timestamp};
  for (int i = 0; i < FRAME_WORDS; i++) frame.payload[i] = payload[i];
  frame.crc = frame_crc(&frame);

  struct frame *slot = &ring->frames[(sequence - 1) & (ring->slots - 1)];
  *(volatile uint32_t *)&slot->sequence = 0;
  dmb(); /* a reader that sees any of the new frame sees that the old one is gone */
  slot->type = frame.type;
  slot->timestamp = frame.timestamp;
  for (int i = 0; i < FRAME_WORDS; i++) slot->payload[i] = frame.payload[i];
  slot->crc = frame.crc;
  dmb(); /* the frame is complete before it gets its number */
  *(volatile uint32_t *)&slot->sequence = sequence;
  dmb(); /* and has its number before it is announced */
  *(volatile uint32_t *)&ring->written = sequence;
}

struct ring_reader ring_open(uint32_t address, uint32_t bytes, ring_part part) {
  const struct ring *ring = (const struct ring *)part_address(address, bytes, part);
  return (struct ring_reader){.ring = ring, .limit = part_slots(bytes, part)};
}

/** Whether the header is that of a ring we can read inside our bounds. */
static bool usable(const struct ring_reader *reader, uint32_t slots) {
  const volatile struct ring *ring = reader->ring;
  return ring->magic == RING_MAGIC && ring->version == RING_VERSION && ring->slot_bytes == sizeof(struct frame) && slots != 0 &&
         slots <= reader->limit && (slots & (slots - 1)) == 0;
}

/** Go to the oldest frame that the owner cannot be overwriting now. */
static void skip_overwritten(struct ring_reader *reader, uint32_t written, uint32_t slots) {
  uint32_t oldest = written - (slots - 1);
  reader->lost += oldest - reader->read;
  reader->read = oldest;
}

ring_answer ring_read(struct ring_reader *reader, struct frame *frame) {
  const volatile struct ring *ring = reader->ring;
  uint32_t slots = ring->slots; /* once: a hostile owner may change it between check and use */
  if (!usable(reader, slots)) return RING_EMPTY;
  dmb(); /* the header was looked at before what it announces */
  if (ring->epoch != reader->epoch) {
    reader->epoch = ring->epoch;
    reader->read = 0;
  }
  for (int tries = 0; tries < TRIES; tries++) {
    uint32_t written = ring->written;
    if (written == reader->read) return RING_EMPTY;
    if (written - reader->read >= slots) skip_overwritten(reader, written, slots);
    dmb(); /* the count was read before the frame */
    *frame = reader->ring->frames[reader->read & (slots - 1)];
    dmb(); /* and the frame before the count is looked at again */
    if (ring->written - reader->read >= slots) continue; /* overwritten while we copied */
    reader->read++;
    if (frame->sequence == reader->read && frame->crc == frame_crc(frame)) return RING_FRAME;
    reader->bad_crc++;
    return RING_BAD;
  }
  return RING_EMPTY; /* an owner that outruns us for ever does not get to hold us here */
}
