/*
 * A ring of frames in a shared-memory channel, for one writer and any number of readers.
 *
 * Only the owner writes, so a channel that the peers see read-only is enough, and no peer can harm the owner. A reader keeps
 * its place to itself; if it is too slow, it finds out by the sequence numbers how many frames it has lost. Where both sides
 * may write, each owns one half of the channel and reads the other (RING_LOWER, RING_UPPER).
 */
#ifndef RING_H
#define RING_H

#include <stdint.h>

#define RING_MAGIC   0x676e6952 /* "Ring" */
#define RING_VERSION 1

#define FRAME_DATA 1
#define FRAME_END  2
#define FRAME_WORDS 11

struct frame {
  uint32_t sequence; /* 1, 2, 3 …; 0 while the owner is writing */
  uint32_t type;
  uint64_t timestamp; /* ticks of the writer's virtual counter */
  uint32_t payload[FRAME_WORDS];
  uint32_t crc; /* CRC-32 of all that stands before it */
};

struct ring {
  uint32_t magic, version;
  uint32_t slot_bytes, slots; /* slots is a power of two */
  uint32_t epoch;             /* grows when the owner starts again */
  uint32_t frequency;         /* of the timestamps, in Hz */
  uint32_t written;           /* frames written in this epoch */
  uint32_t reserved[9];
  struct frame frames[];
};

_Static_assert(sizeof(struct frame) == 64, "a frame fills one cache line");
_Static_assert(sizeof(struct ring) == 64, "and so does the header");

typedef enum { RING_WHOLE, RING_LOWER, RING_UPPER } ring_part;

/** Owner: make an empty ring in a part of the channel. */
struct ring *ring_create(uint32_t address, uint32_t bytes, ring_part part, uint32_t frequency);

/** Owner: append a frame. `payload` has FRAME_WORDS words. */
void ring_write(struct ring *ring, uint32_t type, uint64_t timestamp, const uint32_t *payload);

struct ring_reader {
  const struct ring *ring;
  uint32_t limit; /* the most slots that fit: what the header says is not trusted */
  uint32_t epoch, read;
  uint32_t lost, bad_crc;
};

typedef enum { RING_EMPTY, RING_FRAME, RING_BAD } ring_answer;

/** Reader: look at a part of the channel, which its owner need not have made a ring of yet. */
struct ring_reader ring_open(uint32_t address, uint32_t bytes, ring_part part);

/** Reader: the next frame, if there is one. RING_BAD: there was one, but its CRC is wrong. */
ring_answer ring_read(struct ring_reader *reader, struct frame *frame);

#endif
