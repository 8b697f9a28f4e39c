/*
 * sender: one end of an ivshmem link. When enough receivers are there it sends its frames to all of them, none faster than the slowest
 * takes them; when one goes or comes, or starts again, it begins a new run. Each run is a new epoch of the ring. With "rate=" in its
 * bootargs it is a periodic task: so many frames a second, each announced as it is written.
 */
#include <stdbool.h>

#include "console.h"
#include "cp15.h"
#include "fdt.h"
#include "flow.h"
#include "gic.h"
#include "ivshmem.h"
#include "mmu.h"
#include "platform.h"
#include "ring.h"
#include "timer.h"

#define PEERS 32

static struct ivshmem function;
static volatile uint32_t rings; /* of the doorbell */
/** Sessions of the receivers that are there, 0 for peers that are none. */
static uint32_t sessions[PEERS];
static uint32_t frames, burst, wanted, rate;
static uint64_t deadline;
static volatile bool due;

static void doorbell(void) {
  ivshmem_listen(&function);
  rings++;
}

static void sleep_until_rung(uint32_t seen) {
  mask_interrupts();
  if (rings == seen) wait_for_interrupt();
  unmask_interrupts();
}

/** Deadlines are absolute: lateness of one period does not move the next. */
static void timer_interrupt(void) {
  deadline += divide_u64(timer_frequency(), rate);
  timer_set_deadline(deadline);
  due = true;
}

static void wait_until_due(void) {
  while (!due) {
    mask_interrupts();
    if (!due) wait_for_interrupt();
    unmask_interrupts();
  }
  due = false;
}

static const volatile struct progress *progress_of(uint32_t peer) {
  return (const volatile struct progress *)ivshmem_output(&function, peer);
}

static uint32_t session_of(uint32_t peer) {
  bool receives = peer != function.id && function.states[peer] == FLOW_RECEIVER;
  return receives ? progress_of(peer)->session : 0;
}

static bool changed(void) {
  for (uint32_t peer = 0; peer < function.peers; peer++) {
    if (session_of(peer) != sessions[peer]) return true;
  }
  return false;
}

static uint32_t look_who_is_there(void) {
  uint32_t count = 0;
  for (uint32_t peer = 0; peer < function.peers; peer++) {
    sessions[peer] = session_of(peer);
    if (sessions[peer] != 0) count++;
  }
  return count;
}

static void ring_all(void) {
  for (uint32_t peer = 0; peer < function.peers; peer++) {
    if (sessions[peer] != 0) ivshmem_ring(&function, peer);
  }
}

/** Frames of this epoch that not all receivers have taken. */
static uint32_t waiting(const struct ring *ring) {
  uint32_t most = 0;
  for (uint32_t peer = 0; peer < function.peers; peer++) {
    if (sessions[peer] == 0) continue;
    const volatile struct progress *progress = progress_of(peer);
    uint32_t behind = progress->epoch == ring->epoch ? ring->written - progress->read : ring->written;
    if (behind > most) most = behind;
  }
  return most;
}

/** Until at most so many frames wait to be taken. False: somebody came or went. */
static bool wait_for_room(const struct ring *ring, uint32_t most) {
  for (bool told = false;; told = true) {
    uint32_t seen = rings;
    if (waiting(ring) <= most) return true; /* who has taken all may go */
    if (changed()) return false;
    if (!told) ring_all();
    sleep_until_rung(seen);
  }
}

static bool run(struct ring *ring) {
  uint32_t payload[FRAME_WORDS] = {0};
  for (uint32_t number = 1; number <= frames; number++) {
    if (rate != 0) wait_until_due();
    if (!wait_for_room(ring, ring->slots - 2)) return false;
    for (uint32_t i = 0; i < FRAME_WORDS; i++) payload[i] = number * 2654435761u + i;
    ring_write(ring, FRAME_DATA, timer_now(), payload);
    if (number % burst != 0) continue;
    if (changed()) return false;
    ring_all();
  }
  ring_write(ring, FRAME_END, timer_now(), (const uint32_t[FRAME_WORDS]){frames});
  return wait_for_room(ring, 0);
}

/** For ever, or so many runs. */
static void serve(uint32_t runs) {
  for (uint32_t done = 0; runs == 0 || done < runs;) {
    uint32_t seen = rings;
    uint32_t there = look_who_is_there();
    if (there < wanted) {
      sleep_until_rung(seen);
      continue;
    }
    struct ring *ring = ring_create(ivshmem_output(&function, function.id), function.output_bytes, RING_WHOLE, timer_frequency());
    printf("sender: epoch %u, %u frames to %u receivers\n", ring->epoch, frames, there);
    bool complete = run(ring);
    if (complete) done++;
    printf("sender: epoch %u, %u frames %s\n", ring->epoch, ring->written, complete ? "taken by all" : "written, and a receiver changed");
    if (!complete) continue;
    for (seen = rings; (runs == 0 || done < runs) && !changed(); seen = rings) sleep_until_rung(seen);
  }
}

int main(const void *tree) {
  if (!ivshmem_open(0, &function) || function.peers > PEERS || function.output_bytes == 0) {
    printf("sender: no ivshmem function with output sections\n");
    return 1;
  }
  if (tree) mmu_map((uint32_t)tree & ~(PAGE - 1), (uint32_t)tree & ~(PAGE - 1), 16 * PAGE, MEMORY_CONSTANT);
  frames = fdt_argument(tree, "frames=", 10000);
  rate = fdt_argument(tree, "rate=", 0);
  burst = fdt_argument(tree, "burst=", rate == 0 ? 128 : 1);
  wanted = fdt_argument(tree, "receivers=", 1);
  if (burst == 0) burst = 1;
  printf("sender: peer %u of %u, %u KiB to write at %08x, interrupt %u\n", function.id, function.peers, function.output_bytes / 1024,
         ivshmem_output(&function, function.id), function.interrupt);
  gic_start();
  gic_enable(function.interrupt, doorbell);
  if (rate != 0) {
    gic_enable(GUEST_VTIMER_IRQ, timer_interrupt);
    deadline = timer_now();
    timer_interrupt();
  }
  ivshmem_listen(&function);
  ivshmem_set_state(&function, FLOW_SENDER);
  unmask_interrupts();
  serve(fdt_argument(tree, "runs=", 0));
  return 0;
}
