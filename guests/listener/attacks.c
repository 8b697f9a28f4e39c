/* Attacks of a peer on the others of its link and on the hypervisor's model of its function. */
#include <stdbool.h>

#include "console.h"
#include "exceptions.h"
#include "listener.h"
#include "mmu.h"
#include "platform.h"

#define ALIAS  0x60000000 /* where what stage 1 should allow is mapped once more, writable */
#define ROUNDS 2000

static const struct ivshmem *own;
static uint32_t attacks, breaches;

static uint32_t write_word(uint32_t address) {
  *(volatile uint32_t *)address = 0xbadbad;
  return 0;
}

/** Our own tables let the write through: what refuses it is behind them. */
static bool can_write(uint32_t ipa) {
  mmu_map(ALIAS, ipa & ~(PAGE - 1), PAGE, MEMORY_DATA);
  uint32_t at = ALIAS + ipa % PAGE;
  return probe(write_word, at).kind != EXCEPTION_DATA_ABORT;
}

static void verdict(const char *what, bool breach) {
  attacks++;
  if (breach) breaches++;
  printf("listener: %s: %s\n", what, breach ? "BREACH" : "refused");
}

static uint32_t last_word(uint32_t section, uint32_t bytes) { return section + bytes - 4; }

static void write_others(void) {
  bool table = false, sections = false;
  for (uint32_t peer = 0; peer < own->peers; peer++) {
    table |= can_write((uint32_t)&own->states[peer]);
    if (peer == own->id) continue;
    uint32_t section = ivshmem_output(own, peer);
    sections |= can_write(section) || can_write(last_word(section, own->output_bytes));
  }
  verdict("writes to the state table", table);
  verdict("writes to the others' output sections", sections);
  uint32_t end = ivshmem_output(own, own->peers);
  verdict("writes around the memory", can_write((uint32_t)own->states - 4) || can_write(end));
}

/** The same numbers each time. */
static uint32_t random(void) {
  static uint32_t state = 1;
  state ^= state << 13;
  state ^= state >> 17;
  return state ^= state << 5;
}

static void store(uint32_t address, uint32_t width, uint32_t value) {
  if (width == 0) *(volatile uint8_t *)address = (uint8_t)value;
  else if (width == 1) *(volatile uint16_t *)(address & ~1u) = (uint16_t)value;
  else *(volatile uint32_t *)(address & ~3u) = value;
}

static uint32_t config_checksum(void) {
  uint32_t sum = 0;
  for (uint32_t at = 0; at < 0x100; at += 4) {
    bool ours = at == PCI_COMMAND || at == PCI_BAR0 || at == PCI_INTERRUPT_LINE || at == 0x40;
    if (!ours) sum = (sum << 1 | sum >> 31) ^ ivshmem_config_read(0, at);
  }
  return sum;
}

/** Of configuration space only what is ours to write may change. */
static void scramble_config(void) {
  uint32_t before = config_checksum();
  for (int i = 0; i < ROUNDS; i++) store(GUEST_PCI_ECAM_BASE + random() % PAGE, random() % 3, random());
  verdict("nonsense in configuration space", config_checksum() != before);
}

/** The registers show themselves in PCI memory only, wherever BAR 0 says that they are. */
static void move_registers(void) {
  static uint32_t mine = 0x600d;
  ivshmem_config_write(0, PCI_COMMAND, PCI_COMMAND_MEMORY);
  ivshmem_config_write(0, PCI_BAR0, (uint32_t)&mine);
  verdict("registers in RAM", *(volatile uint32_t *)&mine != 0x600d);
  ivshmem_config_write(0, PCI_BAR0, (uint32_t)own->registers);
}

/** Bells that nobody has, storms on those of all, states without end, words in all widths: the next frames must come as if nothing had been. */
static void scramble_registers(void) {
  uint32_t at = (uint32_t)own->registers;
  for (uint32_t peer = own->peers; peer < 0x10000; peer += 1021) own->registers->doorbell = peer << 16;
  for (uint32_t i = 0; i < ROUNDS; i++) ivshmem_ring(own, i % own->peers);
  for (int i = 0; i < ROUNDS; i++) store(at + random() % 0x20, random() % 3, random());
  bool changed = own->registers->id != own->id || own->registers->peers != own->peers;
  own->registers->state = 0;
  verdict("nonsense in the registers", changed || own->states[own->id] != 0);
}

void attack(const struct ivshmem *function) {
  own = function;
  write_others();
  scramble_config();
  move_registers();
  scramble_registers();
  printf("listener: %u attacks, %u refused, %u breaches\n", attacks, attacks - breaches, breaches);
}
