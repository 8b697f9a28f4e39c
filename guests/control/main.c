/*
 * control: a hard real-time partition. Woken by its virtual timer 1000 times per second, it positions a motor, writes a frame
 * into channel 0 and rings the doorbell. It measures how late it was woken; that number is what an isolating hypervisor keeps
 * the same whatever the neighbours do.
 */
#include <stdbool.h>

#include "console.h"
#include "cp15.h"
#include "fdt.h"
#include "gic.h"
#include "hypercall.h"
#include "mmu.h"
#include "plant.h"
#include "platform.h"
#include "ring.h"
#include "sample.h"
#include "timer.h"

#define PERIODS   5200 /* unless "periods=" says otherwise */
#define RATE      1000 /* Hz */
#define REPORT    1000 /* frames between two lines */
#define STEP      2600 /* periods between two moves of the setpoint */

/** Least, greatest and mean of a series of tick counts. */
struct spread {
  int32_t min, max;
  int64_t sum;
};

/* Shared with the interrupt handler */
static volatile bool due;
static volatile uint32_t lateness;
static uint64_t deadline;
static uint32_t period;
static uint32_t periods = PERIODS;

static struct spread wake = {INT32_MAX, INT32_MIN, 0};
static struct spread between = {INT32_MAX, INT32_MIN, 0};

/** Deadlines are absolute: lateness of one period does not move the next. */
static void timer_interrupt(void) {
  lateness = (uint32_t)(timer_now() - deadline);
  deadline += period;
  timer_set_deadline(deadline); /* in the future, so the level-sensitive interrupt goes away */
  due = true;
}

/** Look and sleep with interrupts masked, else one that comes between the two would be slept through. */
static void wait_until_due(void) {
  while (!due) {
    mask_interrupts();
    if (!due) wait_for_interrupt();
    unmask_interrupts();
  }
  due = false;
}

static void add(struct spread *spread, int32_t value) {
  if (value < spread->min) spread->min = value;
  if (value > spread->max) spread->max = value;
  spread->sum += value;
}

static void measure(uint32_t number, uint32_t late) {
  static uint32_t last;
  add(&wake, (int32_t)late);
  if (number > 1) add(&between, (int32_t)(period + late - last));
  last = late;
}

static float setpoint_at(uint32_t number) { return number / STEP % 2 == 0 ? 1.0f : -0.5f; }

static void work(struct ring *ring, uint32_t number) {
  static struct plant plant;
  static struct controller controller;
  union sample sample = {.lateness = lateness};
  sample.setpoint = setpoint_at(number);
  sample.voltage = controller_update(&controller, sample.setpoint, plant.angle, 1.0f / RATE);
  plant_advance(&plant, sample.voltage, 1.0f / RATE);
  sample.angle = plant.angle;
  sample.speed = plant.speed;
  sample.current = plant.current;
  ring_write(ring, FRAME_DATA, timer_now(), sample.words);
  hyp_channel_notify(CONTROL_CHANNEL);
  if (number % REPORT == 0) {
    printf("control: %u frames, setpoint %f rad, angle %f rad, woken at most %lld ns late\n", number, (double)sample.setpoint,
           (double)sample.angle, signed_ticks_to_ns(wake.max));
  }
}

static int64_t mean_ns(const struct spread *spread, uint32_t count) {
  int64_t ns = signed_ticks_to_ns(spread->sum);
  return ns < 0 ? -(int64_t)divide_u64((uint64_t)-ns, count) : (int64_t)divide_u64((uint64_t)ns, count);
}

static void summarize(void) {
  printf("control: %u frames, jitter min %lld max %lld mean %lld ns, period min %lld max %lld mean %lld ns\n", periods,
         signed_ticks_to_ns(wake.min), signed_ticks_to_ns(wake.max), mean_ns(&wake, periods), signed_ticks_to_ns(between.min),
         signed_ticks_to_ns(between.max), mean_ns(&between, periods - 1));
}

static void run(struct ring *ring) {
  period = timer_frequency() / RATE;
  deadline = timer_now() + period;
  gic_start();
  gic_enable(GUEST_VTIMER_IRQ, timer_interrupt);
  timer_set_deadline(deadline);
  unmask_interrupts();
  for (uint32_t number = 1; number <= periods; number++) {
    wait_until_due();
    measure(number, lateness);
    work(ring, number);
  }
  timer_stop();
  ring_write(ring, FRAME_END, timer_now(), (const uint32_t[FRAME_WORDS]){periods});
  hyp_channel_notify(CONTROL_CHANNEL);
  summarize();
}

int main(const void *tree) {
  struct hyp_channel channel;
  int32_t error = hyp_channel_info(CONTROL_CHANNEL, &channel);
  if (error || !channel.writable) {
    printf("control: no writable channel %u (error %d)\n", CONTROL_CHANNEL, error);
    return 1;
  }
  if (timer_frequency() < RATE) {
    printf("control: CNTFRQ is %u Hz, no use for %u periods a second\n", timer_frequency(), RATE);
    return 1;
  }
  mmu_map(channel.address, channel.address, channel.bytes, MEMORY_DATA);
  if (tree) mmu_map((uint32_t)tree & ~(PAGE - 1), (uint32_t)tree & ~(PAGE - 1), 16 * PAGE, MEMORY_CONSTANT);
  periods = fdt_argument(tree, "periods=", PERIODS);
  printf("control: channel of %u KiB at %08x, %u Hz, timer at %u Hz\n", channel.bytes / 1024, channel.address, RATE,
         timer_frequency());
  run(ring_create(channel.address, channel.bytes, RING_WHOLE, timer_frequency()));
  return 0;
}
