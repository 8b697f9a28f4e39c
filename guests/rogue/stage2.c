/* Attacks on the memory map: what stage 2 must hold back. */
#include "console.h"
#include "cp15.h"
#include "hypercall.h"
#include "platform.h"
#include "rogue.h"

#define WALK_VA 0xd0000000 /* unused in our own map */
#define HOLE    0x70000000 /* unmapped in every partition */

static uint32_t write_word(uint32_t address) { return *(volatile uint32_t *)address = 0xbadc0de; }
static uint32_t read_byte(uint32_t address) { return *(volatile uint8_t *)address; }
static uint32_t read_halfword(uint32_t address) { return *(volatile uint16_t *)address; }
static uint32_t execute(uint32_t address) { return ((uint32_t(*)(void))address)(); }

static uint32_t read_doubleword(uint32_t address) {
  uint32_t low, high;
  __asm__ volatile("ldrd r2, r3, [%2]\n\tmov %0, r2\n\tmov %1, r3" : "=&r"(low), "=&r"(high) : "r"(address) : "r2", "r3", "memory");
  return low | high;
}

/** Both sides of each region that is ours, and the middle of nowhere. */
static void everywhere(struct finding *finding, probe_function *function) {
  const uint32_t unmapped[] = {
      0x00000000, 0x02fffffc, 0x03000000, 0x03004000, 0x10000000, 0x22001000, GUEST_RAM_BASE - 4,
      own.ram_end, 0x50000000, 0x60000000, HOLE, 0xc0000000, 0xe0000000,
  };
  for (unsigned i = 0; i < sizeof unmapped / 4; i++) must_not_reach(finding, function, unmapped[i]);
}

void read_unmapped(struct finding *finding) { everywhere(finding, read_word); }
void write_unmapped(struct finding *finding) { everywhere(finding, write_word); }
void execute_unmapped(struct finding *finding) { everywhere(finding, execute); }

void last_page(struct finding *finding) {
  must_not_reach(finding, read_word, 0xfffff000);
  must_not_reach(finding, read_word, 0xfffffffc);
  must_not_reach(finding, read_halfword, 0xfffffffe);
  must_not_reach(finding, read_byte, 0xffffffff);
  must_not_reach(finding, read_doubleword, 0xfffffff8);
  must_not_reach(finding, write_word, 0xfffffffc);
  must_not_reach(finding, execute, 0xfffff000);
}

/** Where boards have RAM and devices. Our stage 1 may well map these numbers: they are IPAs, and nothing is there. */
void neighbour_memory(struct finding *finding) {
  static const uint32_t physical[] = {
      0x80000000, 0x80008000, 0x84000000, 0x88000000, 0xa0000000, 0xbffffffc, /* vexpress: RAM */
      0x48000000, 0x4c008000, 0x7ffffffc,                                     /* virt: RAM above ours */
      0x1c090000, 0x1c010000, 0x2c001000, 0x2c002000, 0x2c004000, 0x2c006000, /* vexpress: UART, system registers, GIC */
      0x08000000, 0x08010000, 0x09000000,                                     /* virt: GIC, UART */
  };
  for (unsigned i = 0; i < sizeof physical / 4; i++) {
    must_not_reach(finding, read_word, physical[i]);
    must_not_reach(finding, write_word, physical[i]);
  }
}

/** A supersection can hold address bits 39:32 (B3.5.1): an IPA whose low 32 bits are our own RAM must not be our RAM. */
void beyond_width(struct finding *finding) {
  uint32_t attributes = mmu_section(0, MEMORY_ANYTHING) | 1u << 18;
  static const uint32_t extended[] = {0x1, 0x8, 0xf, 0x10, 0xff}; /* bits 39:32 */
  for (unsigned i = 0; i < sizeof extended / 4; i++) {
    uint32_t high = (extended[i] & 0xf) << 20 | (extended[i] >> 4) << 5;
    for (uint32_t j = 0; j < 16; j++) mmu_set_first_level(WALK_VA + j * MEGABYTE, GUEST_RAM_BASE | high | attributes);
    must_fault(finding, read_word, WALK_VA + 0x8000);
    must_fault(finding, execute, WALK_VA + 0x8000);
  }
  for (uint32_t j = 0; j < 16; j++) mmu_set_first_level(WALK_VA + j * MEGABYTE, 0);
}

static void walk_through(struct finding *finding, uint32_t table) {
  mmu_set_first_level(WALK_VA, table | 1);
  must_fault(finding, read_word, WALK_VA);
  must_fault(finding, write_word, WALK_VA + 0x5000);
  must_fault(finding, execute, WALK_VA + 0x9000);
  mmu_set_first_level(WALK_VA, 0);
}

/** A second-level table that is not there: the walk itself faults at stage 2. */
void walk_unmapped(struct finding *finding) {
  walk_through(finding, HOLE);
  walk_through(finding, own.ram_end);
  walk_through(finding, 0xfffffc00);
}

/** A second-level table in an emulated device: nobody may emulate a table walk. */
void walk_device(struct finding *finding) { walk_through(finding, GICD_BASE); }

/** Only the M bit: the exception code runs as well without translation, since all is mapped one to one. */
static uint32_t read_untranslated(uint32_t address) {
  write_SCTLR(read_SCTLR() & ~SCTLR_M);
  isb();
  return *(volatile uint32_t *)address;
}

/** Without stage 1 the address is the IPA; stage 2 is not ours to switch off. */
void mmu_off(struct finding *finding) {
  const uint32_t targets[] = {0x00000000, HOLE, 0x80000000, own.ram_end, 0xfffffffc};
  uint32_t control = read_SCTLR();
  for (unsigned i = 0; i < sizeof targets / 4; i++) {
    if (is_mine(targets[i])) continue;
    must_fault(finding, read_untranslated, targets[i]);
    write_SCTLR(control);
    isb();
  }
}

static uint32_t load_two(uint32_t address) {
  register uint32_t base __asm__("r0") = address;
  __asm__ volatile("ldm r0, {r1, r2}\n\torr r0, r1, r2" : "+r"(base) : : "r1", "r2", "memory");
  return base;
}

static uint32_t load_vfp(uint32_t address) {
  __asm__ volatile("vldm %0, {d0, d1}" : : "r"(address) : "d0", "d1", "memory");
  return 0;
}

static uint32_t store_two(uint32_t address) {
  uint32_t kept = *(volatile uint32_t *)address;
  __asm__ volatile("mov r2, %1\n\tmov r3, %1\n\tstm %0, {r2, r3}" : : "r"(address), "r"(kept) : "r2", "r3", "memory");
  return 0;
}

/** From the last words of our RAM into what follows. */
void cross_page(struct finding *finding) {
  uint32_t end = own.ram_end;
  uint32_t last = mmu_first_level(end - MEGABYTE), after = mmu_first_level(end);
  if ((end - MEGABYTE) >> 20 != GUEST_RAM_BASE >> 20) mmu_set_first_level(end - MEGABYTE, mmu_section(end - MEGABYTE, MEMORY_DATA));
  mmu_set_first_level(end, mmu_section(end, MEMORY_ANYTHING));
  must_fault(finding, load_two, end - 4);
  must_fault(finding, read_doubleword, end - 4);
  must_fault(finding, read_word, end - 2);
  must_fault(finding, load_vfp, end - 8);
  must_fault(finding, store_two, end - 4);
  mmu_set_first_level(end, after);
  mmu_set_first_level(end - MEGABYTE, last);
}

/** Our stage 1 says writable; the channel's owner did not. */
void channel_write(struct finding *finding) {
  struct hyp_partition self = {0, 0, 0};
  struct hyp_channel channel;
  hyp_partition_info(&self);
  note(finding, "%u channels", self.channels);
  for (uint32_t i = 0; i < self.channels; i++) {
    if (hyp_channel_info(i, &channel) != 0 || channel.writable) continue;
    uint32_t before = mmu_first_level(channel.address);
    mmu_set_first_level(channel.address, mmu_section(channel.address, MEMORY_ANYTHING));
    must_fault(finding, write_word, channel.address);
    must_fault(finding, write_word, channel.address + channel.bytes - 4);
    mmu_set_first_level(channel.address, before);
  }
}
