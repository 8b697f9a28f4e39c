/*
 * receiver: a program for Linux, the other end of sender's link. The kernel's own uio_pci_generic brings the interrupts (a read of /dev/uio0
 * waits for one), sysfs the registers and the memory of the function (resource0, resource2). No C library.
 *
 *   receiver [UIO]             takes the frames of a whole run, checks numbers and CRCs, and says what it got
 *   receiver [UIO] poke PEER   writes to the output section of a peer; "table": to the state table
 *
 * UIO is uio0 if absent.
 */
#include <stdbool.h>

#include "console.h"
#include "flow.h"
#include "ivshmem.h"
#include "linux.h"

#define SENDER 0

static struct ivshmem function;
static int32_t device = -1, config = -1;
static uint32_t interrupts;
static bool gone; /* the sender was, at least once */

static void to_console(const char *text, size_t length) { linux_write(1, text, length); }

static int32_t give_up(const char *what, int32_t error) {
  printf("receiver: %s (error %d)\n", what, error);
  linux_exit(2);
  return error;
}

static int32_t opened(const char *path, uint32_t flags) {
  int32_t file = linux_open(path, flags);
  return file < 0 ? give_up(path, file) : file;
}

static uint32_t config_word(uint32_t offset) {
  uint32_t value = 0;
  linux_pread(config, &value, sizeof value, offset);
  return value;
}

static uint32_t find_capability(void) {
  uint32_t at = config_word(PCI_CAPABILITIES) & 0xfc;
  while (at != 0 && (config_word(at) & 0xff) != PCI_CAPABILITY_VENDOR) at = config_word(at) >> 8 & 0xfc;
  return at;
}

static void *mapped(const char *uio, const char *resource, uint32_t bytes) {
  char path[64];
  format_text(path, sizeof path, "/sys/class/uio/%s/device/%s", uio, resource);
  void *at = linux_map(opened(path, O_RDWR), bytes, PROT_READ | PROT_WRITE);
  if (!at) give_up(path, 0);
  return at;
}

static void open_function(const char *uio) {
  char path[64];
  format_text(path, sizeof path, "/sys/class/uio/%s/device/config", uio);
  config = opened(path, O_RDWR);
  if (config_word(0) != IVSHMEM_ID) give_up("no ivshmem function", 0);
  uint32_t capability = find_capability();
  uint32_t table = config_word(capability + IVSHMEM_STATE_TABLE_SIZE);
  function.registers = mapped(uio, "resource0", 4096);
  function.id = function.registers->id;
  function.peers = function.registers->peers;
  function.common_bytes = config_word(capability + IVSHMEM_COMMON_SIZE);
  function.output_bytes = config_word(capability + IVSHMEM_OUTPUT_SIZE);
  uint32_t memory = (uint32_t)mapped(uio, "resource2", table + function.common_bytes + function.peers * function.output_bytes);
  function.states = (const volatile uint32_t *)memory;
  function.common = memory + table;
  function.outputs = function.common + function.common_bytes;
  format_text(path, sizeof path, "/dev/%s", uio);
  device = opened(path, O_RDWR);
  printf("receiver: peer %u of %u, %u KiB each\n", function.id, function.peers, function.output_bytes / 1024);
}

/** The kernel's driver disables INTx at every interrupt; the high byte of the command register has the bit. */
static void wait_for_doorbell(void) {
  uint8_t command = (uint8_t)(config_word(PCI_COMMAND) >> 8 & ~(PCI_COMMAND_INTX_DISABLE >> 8));
  uint32_t count;
  linux_pwrite(config, &command, 1, PCI_COMMAND + 1);
  int32_t got = linux_read(device, &count, sizeof count);
  if (got != sizeof count) give_up("no interrupt", got);
  interrupts++;
  ivshmem_listen(&function);
}

static int receive(void) {
  ivshmem_listen(&function);
  struct flow_receiver receiver = flow_begin(&function, SENDER);
  for (bool there = false, end = false; !end; end = flow_take(&receiver)) {
    bool now = function.states[SENDER] == FLOW_SENDER;
    if (there && !now) {
      printf("receiver: the sender is gone after %u frames\n", receiver.frames);
      gone = true;
    } else if (!there && now && gone) {
      printf("receiver: the sender is back\n");
    }
    there = now;
    wait_for_doorbell();
  }
  flow_end(&receiver);
  const struct ring_reader *reader = &receiver.reader;
  printf("receiver: %u frames, %u lost, %u bad CRC, %u interrupts\n", receiver.frames, reader->lost, reader->bad_crc, interrupts);
  return reader->lost == 0 && reader->bad_crc == 0 ? 0 : 1;
}

static int poke(const char *where) {
  uint32_t at = where[0] == 't' ? (uint32_t)function.states : ivshmem_output(&function, (uint32_t)(where[0] - '0'));
  printf("receiver: writes to %s, which has %08x\n", where, *(volatile uint32_t *)at);
  *(volatile uint32_t *)at = 0xbad;
  printf("receiver: it has %08x now\n", *(volatile uint32_t *)at);
  return 0;
}

int main(int argc, char **argv) {
  int next = 1;
  console_set_sink(to_console);
  const char *uio = next < argc && argv[next][0] == 'u' ? argv[next++] : "uio0";
  open_function(uio);
  return next + 1 < argc ? poke(argv[next + 1]) : receive();
}
