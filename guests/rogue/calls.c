/* Attacks on hypercalls, channels and PSCI. */
#include "console.h"
#include "cp15.h"
#include "hypercall.h"
#include "platform.h"
#include "rogue.h"

#define STORM 2000

/** A hypercall that succeeds, where it must not, is the breach. */
static void must_fail(struct finding *finding, uint32_t function, uint32_t r1, uint32_t r2, uint32_t r3) {
  struct hyp_result result = hyp_call(function, r1, r2, r3);
  finding->tries++;
  if (result.r0 >= 0) breach(finding, "call 0x%x (0x%x, 0x%x, 0x%x) = %d", function, r1, r2, r3, result.r0);
}

/** Text to print that is not ours to read. */
void console_pointers(struct finding *finding) {
  static const uint32_t places[] = {0,          4,          GICD_BASE,  UART_BASE,  0x3fffffff, 0x60000000, 0x70000000,
                                    0x80000000, 0x80008000, 0xa0000000, 0xfffffff0, 0xffffffff};
  for (unsigned i = 0; i < sizeof places / 4; i++) must_fail(finding, HYP_CONSOLE_WRITE, places[i], 32, 0);
  must_fail(finding, HYP_CONSOLE_WRITE, own.ram_end, 1, 0);
  must_fail(finding, HYP_CONSOLE_WRITE, own.ram_end - 8, 64, 0); /* begins in our RAM */
  note(finding, "%u pointers, all errors", finding->tries);
}

void console_sizes(struct finding *finding) {
  static const char text[] = "must not be seen";
  static const uint32_t sizes[] = {HYP_CONSOLE_WRITE_MAX + 1, 0x10000, 0x7fffffff, 0x80000000, 0xc0000000, 0xffffffff};
  for (unsigned i = 0; i < sizeof sizes / 4; i++) must_fail(finding, HYP_CONSOLE_WRITE, (uint32_t)text, sizes[i], 0);
  int32_t nothing = hyp_console_write(text, 0);
  if (nothing > 0) breach(finding, "0 bytes, %d written", nothing);
  note(finding, "%u sizes, all errors", finding->tries);
}

/** Channels by number, those of others included: we know only ours. */
void foreign_channels(struct finding *finding) {
  struct hyp_partition self = {0, 0, 0};
  hyp_partition_info(&self);
  const uint32_t indices[] = {self.channels, self.channels + 1, 7, 31, 32, 255, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff};
  for (unsigned i = 0; i < sizeof indices / 4; i++) {
    if (indices[i] < self.channels) continue;
    must_fail(finding, HYP_CHANNEL_INFO, indices[i], 0, 0);
    must_fail(finding, HYP_CHANNEL_NOTIFY, indices[i], 0, 0);
  }
  note(finding, "%u calls, all errors", finding->tries);
}

/** A linear congruential generator: the same "random" numbers in every run. */
static uint32_t draw(void) {
  static uint32_t state = 2463534242u;
  state = state * 1664525u + 1013904223u;
  return state >> 24 << 24 | state >> 8; /* the low bits are the weak ones */
}

/** Every call with arguments that mean nothing. Only answers from the published list may come back. */
void random_arguments(struct finding *finding) {
  static const uint32_t calls[] = {HYP_FEATURES, HYP_CONSOLE_WRITE, HYP_PARTITION_INFO, HYP_CHANNEL_INFO, HYP_CHANNEL_NOTIFY, HYP_HEALTH_REPORT};
  uint32_t errors = 0;
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t call = calls[i % (sizeof calls / 4)], r1 = draw() | 0x100, r2 = draw(), r3 = draw();
    if (call == HYP_CONSOLE_WRITE) r2 |= 0x8000; /* no valid size, lest it print our RAM */
    struct hyp_result result = hyp_call(call, r1, r2, r3);
    finding->tries++;
    if (result.r0 < HYP_ERROR_BUSY || result.r0 > 0) breach(finding, "call 0x%x (0x%x, 0x%x) = %d", call, r1, r2, result.r0);
    if (result.r0 < 0) errors++;
  }
  note(finding, "%u calls, %u errors", finding->tries, errors);
}

static void must_answer(struct finding *finding, int32_t got, int32_t expected, int32_t other, const char *what) {
  finding->tries++;
  if (got != expected && got != other) breach(finding, "%s: %d", what, got);
}

void psci_bad(struct finding *finding) {
  uint32_t self = read_MPIDR() & 0xffffff;
  struct hyp_partition partition = {0, 1, 0};
  if (hyp_partition_info(&partition) != 0) breach(finding, "PARTITION_INFO failed");
  must_answer(finding, psci_cpu_on(self, GUEST_RAM_BASE, 0), PSCI_ALREADY_ON, PSCI_ALREADY_ON, "CPU_ON of self");
  must_answer(finding, psci_cpu_on(self, 0x70000000, 0), PSCI_ALREADY_ON, PSCI_INVALID_ADDRESS, "CPU_ON of self, bad entry");
  const uint32_t absent[] = {partition.vcpus, partition.vcpus + 7, 0x100 ^ (self & 0x100), 0xff0000, 0x01000000, 0xffffffff};
  for (unsigned i = 0; i < sizeof absent / 4; i++) {
    must_answer(finding, psci_cpu_on(absent[i], GUEST_RAM_BASE, 0), PSCI_INVALID_PARAMETERS, PSCI_INVALID_PARAMETERS, "CPU_ON of nobody");
  }
  must_answer(finding, hyp_call(PSCI_AFFINITY_INFO, 0xffffff, 0, 0).r0, PSCI_INVALID_PARAMETERS, PSCI_INVALID_PARAMETERS, "AFFINITY_INFO");
  must_answer(finding, hyp_call(PSCI_AFFINITY_INFO, self, 99, 0).r0, PSCI_INVALID_PARAMETERS, PSCI_INVALID_PARAMETERS, "AFFINITY_INFO level");
  must_answer(finding, hyp_call(PSCI_FEATURES, 0x12345678, 0, 0).r0, PSCI_NOT_SUPPORTED, PSCI_NOT_SUPPORTED, "PSCI_FEATURES");
  note(finding, "%u calls, PSCI's own errors", finding->tries);
}

/** The error path, thousands of times: it must not get slower or run out of anything. */
void error_storm(struct finding *finding) {
  for (uint32_t i = 0; i < STORM; i++) {
    must_fail(finding, HYP_CHANNEL_INFO, 0xffff0000 + i, 0, 0);
    must_fail(finding, HYP_CONSOLE_WRITE, 0, 1, 0);
  }
  note(finding, "%u calls, all errors", finding->tries);
}

/** Doorbells we have, as fast as we can; those we do not have too. BUSY is a fine answer. */
void doorbell_storm(struct finding *finding) {
  uint32_t errors = 0;
  for (uint32_t i = 0; i < STORM; i++) {
    if (hyp_channel_notify(i % 4) < 0) errors++;
  }
  note(finding, "%u rung, %u errors", STORM, errors);
}

/** Bytes that would take over a person's terminal. */
void console_escapes(struct finding *finding) {
  static const char text[] = "\x1b[2J\x1b]0;mine\x07\x9b" "1mrogue was here\r\x08\x7f\n";
  uint32_t written = 0, refused = 0;
  for (uint32_t i = 0; i < 4; i++) {
    if (hyp_console_write(text, sizeof text - 1) > 0) written++;
    else refused++;
  }
  note(finding, "%u written, %u refused; a terminal must not obey them", written, refused);
}
