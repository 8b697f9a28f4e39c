/*
 * disk: a driver for a virtio block device, as short as one can be. It counts its starts in the second sector of its disk, so that they
 * are kept over resets of the partition, and leaves a request behind each time, which must not reach the memory of the next start.
 * Reference: OASIS Virtual I/O Device 1.1, sections 2.6 (split virtqueues), 4.2 (MMIO), 5.2 (block device).
 */
#include <stdbool.h>

#include "console.h"
#include "cp15.h"
#include "fdt.h"
#include "gic.h"
#include "hypercall.h"
#include "mmu.h"
#include "platform.h"
#include "timer.h"

enum registers {
  MAGIC_VALUE = 0x00,
  VERSION = 0x04,
  DEVICE_ID = 0x08,
  DRIVER_FEATURES = 0x20,
  DRIVER_FEATURES_SEL = 0x24,
  QUEUE_NUM = 0x38,
  QUEUE_READY = 0x44,
  QUEUE_NOTIFY = 0x50,
  INTERRUPT_STATUS = 0x60,
  INTERRUPT_ACK = 0x64,
  STATUS = 0x70,
  QUEUE_DESC = 0x80,
  QUEUE_DRIVER = 0x90,
  QUEUE_DEVICE = 0xa0,
};

enum status { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8 };
enum request { READ = 0, WRITE = 1 };
enum flags { NEXT = 1, FOR_DEVICE_TO_WRITE = 2 };

#define BLOCK_DEVICE 2
#define SECTOR       512
#define ENTRIES      8
#define LAST_WORDS   0x10000

struct descriptor {
  uint64_t address;
  uint32_t length;
  uint16_t flags, next;
};

struct header {
  uint32_t type, reserved;
  uint64_t sector;
};

static struct descriptor descriptors[ENTRIES] __attribute__((aligned(16)));
static struct {
  uint16_t flags, index, ring[ENTRIES];
} available __attribute__((aligned(4)));
static volatile struct {
  uint16_t flags, index;
  struct {
    uint32_t id, length;
  } ring[ENTRIES];
} used __attribute__((aligned(4)));
static struct header header;
static volatile uint8_t result;
static volatile uint32_t interrupts;
static uint32_t sector[SECTOR / 4] __attribute__((aligned(16)));
static volatile uint32_t left_behind[LAST_WORDS / 4] __attribute__((aligned(16)));

static uint32_t get(uint32_t offset) { return *(volatile uint32_t *)(GUEST_VIRTIO_BASE + offset); }
static void set(uint32_t offset, uint32_t value) { *(volatile uint32_t *)(GUEST_VIRTIO_BASE + offset) = value; }

static void interrupt(void) {
  interrupts++;
  set(INTERRUPT_ACK, get(INTERRUPT_STATUS));
}

static void place(uint32_t offset, const volatile void *memory) {
  set(offset, (uint32_t)memory);
  set(offset + 4, 0);
}

static bool start(void) {
  set(STATUS, 0);
  set(STATUS, ACKNOWLEDGE | DRIVER);
  set(DRIVER_FEATURES_SEL, 1);
  set(DRIVER_FEATURES, 1); /* VIRTIO_F_VERSION_1 */
  set(DRIVER_FEATURES_SEL, 0);
  set(DRIVER_FEATURES, 0);
  set(STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK);
  if (!(get(STATUS) & FEATURES_OK)) return false;
  set(QUEUE_NUM, ENTRIES);
  place(QUEUE_DESC, descriptors);
  place(QUEUE_DRIVER, &available);
  place(QUEUE_DEVICE, &used);
  set(QUEUE_READY, 1);
  set(STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK);
  return true;
}

/** Header, data and result: three descriptors, always the same. */
static void request(enum request type, uint64_t number, volatile void *data, uint32_t bytes) {
  header = (struct header){.type = type, .sector = number};
  result = 0xff;
  descriptors[0] = (struct descriptor){(uint32_t)&header, sizeof header, NEXT, 1};
  descriptors[1] = (struct descriptor){(uint32_t)data, bytes, type == READ ? NEXT | FOR_DEVICE_TO_WRITE : NEXT, 2};
  descriptors[2] = (struct descriptor){(uint32_t)&result, 1, FOR_DEVICE_TO_WRITE, 0};
  available.ring[available.index % ENTRIES] = 0;
  dsb();
  available.index++;
  dsb();
  set(QUEUE_NOTIFY, 0);
}

static bool carry_out(enum request type, uint64_t number, volatile void *data, uint32_t bytes) {
  request(type, number, data, bytes);
  while (used.index != available.index) {
    mask_interrupts();
    if (used.index != available.index) wait_for_interrupt();
    unmask_interrupts();
  }
  return result == 0;
}

/** What is not as after a power-on. */
static const char *find_remains(void) {
  if (get(STATUS) != 0 || get(INTERRUPT_STATUS) != 0 || get(QUEUE_READY) != 0) return "the device was not reset";
  timer_wait(timer_frequency() / 1000);
  for (uint32_t i = 0; i < LAST_WORDS / 4; i++) {
    if (left_behind[i] != 0) return "a request of the last start was carried out";
  }
  return interrupts ? "an interrupt of the last start came" : NULL;
}

static int fail(const char *why) {
  printf("disk: %s\n", why);
  return 1;
}

int main(const void *tree) {
  if (tree) mmu_map((uint32_t)tree & ~(PAGE - 1), (uint32_t)tree & ~(PAGE - 1), 16 * PAGE, MEMORY_CONSTANT);
  mmu_map(GUEST_VIRTIO_BASE & ~(PAGE - 1), GUEST_VIRTIO_BASE & ~(PAGE - 1), PAGE, MEMORY_DEVICE);
  gic_start();
  gic_enable(GUEST_VIRTIO_IRQ, interrupt);
  unmask_interrupts();
  if (get(MAGIC_VALUE) != 0x74726976 || get(VERSION) != 2 || get(DEVICE_ID) != BLOCK_DEVICE) return fail("no block device");
  const char *remains = find_remains();
  if (remains) return fail(remains);
  if (!start()) return fail("features were refused");
  if (!carry_out(READ, 1, sector, SECTOR)) return fail("cannot read");
  uint32_t starts = ++sector[0];
  if (!carry_out(WRITE, 1, sector, SECTOR)) return fail("cannot write");
  sector[0] = 0;
  if (!carry_out(READ, 1, sector, SECTOR) || sector[0] != starts) return fail("what was written is not there");
  bool last = starts >= fdt_argument(tree, "starts=", 1);
  if (starts == 1 || last) printf("disk: start %u, %u interrupts\n", starts, interrupts);
  request(READ, 0, left_behind, LAST_WORDS);
  if (!last) psci_system_reset();
  return 0;
}
