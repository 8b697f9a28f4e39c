/* State that others have left, or might take. */
#include "console.h"
#include "cp15.h"
#include "hypercall.h"
#include "platform.h"
#include "rogue.h"

extern char image_end[];

/* In state_change.S */
uint32_t call_keeps_registers(uint32_t function);
uint32_t fill_and_yield(uint32_t function);

static bool in_tree(uint32_t address) { return address - (own.tree & ~63u) < own.tree_bytes + 64; }

static uint32_t count_used_words(uint32_t from, uint32_t to) {
  uint32_t used = 0;
  for (uint32_t address = from; address < to; address += 64) {
    if (*(volatile uint32_t *)address != 0 && !in_tree(address)) used++;
  }
  return used;
}

/** RAM beyond the image, one word of each cache line: zero, unless somebody's data are still there. */
void first_run(struct finding *finding) {
  uint32_t first_megabyte = GUEST_RAM_BASE + MEGABYTE;
  uint32_t used = count_used_words(GUEST_RAM_BASE, GUEST_RAM_BASE + 0x8000) + count_used_words((uint32_t)image_end, first_megabyte);
  for (uint32_t base = first_megabyte; base < own.ram_end; base += MEGABYTE) {
    uint32_t before = mmu_first_level(base);
    mmu_set_first_level(base, mmu_section(base, MEMORY_DATA));
    used += count_used_words(base, base + MEGABYTE);
    mmu_set_first_level(base, before);
  }
  note(finding, "%u KiB of RAM looked at", (own.ram_end - GUEST_RAM_BASE) / 1024);
  if (used) breach(finding, "%u cache lines are not empty", used);
}

void registers_kept(struct finding *finding) {
  static const uint32_t calls[] = {HYP_YIELD, HYP_CALL_UID, HYP_PARTITION_INFO, PSCI_VERSION, 0xffffffff};
  write_TPIDRURW(0x11111111);
  write_TPIDRPRW(0x22222222);
  write_CONTEXTIDR(0x33);
  for (unsigned i = 0; i < 64; i++) {
    if (call_keeps_registers(calls[i % 5])) breach(finding, "call 0x%08x changed a register", calls[i % 5]);
  }
  if (read_TPIDRURW() != 0x11111111 || read_TPIDRPRW() != 0x22222222 || read_CONTEXTIDR() != 0x33) breach(finding, "TPIDR changed");
  write_CONTEXTIDR(0);
  note(finding, "64 calls, r4-r11, SP, LR and TPIDR as before");
}

void floating_point_kept(struct finding *finding) {
  for (unsigned i = 0; i < 32; i++) {
    uint32_t different = fill_and_yield(HYP_YIELD);
    if (different) breach(finding, "%u of d0-d31 and FPSCR changed", different);
  }
  note(finding, "32 yields, d0-d31 and FPSCR as before");
}

static volatile uint32_t canary[64];

static void plant_canary(void) {
  for (uint32_t i = 0; i < 64; i++) canary[i] = 0xc0ffee00 + i;
}

static void check_canary(struct finding *finding) {
  for (uint32_t i = 0; i < 64; i++) {
    if (canary[i] != 0xc0ffee00 + i) breach(finding, "data were lost at %u", i);
  }
}

/** Invalidate by set and way, for all of both levels: without HCR.SWIO it would throw away what others have written. */
void cache_set_way(struct finding *finding) {
  plant_canary();
  for (uint32_t level = 0; level < 2; level++) {
    for (uint32_t way = 0; way < 4; way++) {
      for (uint32_t set = 0; set < 256; set++) {
        uint32_t line = way << 30 | set << 6 | level << 1;
        write_DCCSW(line);
        write_DCCISW(line);
        write_DCISW(line);
      }
    }
  }
  dsb();
  check_canary(finding);
  note(finding, "6144 operations, no data lost");
}

static uint32_t clean_and_invalidate(uint32_t address) {
  write_DCCIMVAC(address);
  dsb();
  return 0;
}

/** Maintenance by address, around the top of the address space and where nothing is: it may fault, and must not go further. */
void cache_by_address(struct finding *finding) {
  plant_canary();
  static const uint32_t addresses[] = {0xffffffc0, 0xffffffff, 0, 0x70000000, 0x80000000};
  for (unsigned i = 0; i < sizeof addresses / 4; i++) {
    uint32_t before = mmu_first_level(addresses[i]);
    mmu_set_first_level(addresses[i], mmu_section(addresses[i], MEMORY_ANYTHING));
    attempt(finding, clean_and_invalidate, addresses[i]);
    mmu_set_first_level(addresses[i], before);
  }
  check_canary(finding);
}

/** Invalidate everything, over and over: a matter of our own VMID. */
void tlb_storm(struct finding *finding) {
  for (uint32_t i = 0; i < 1000; i++) {
    write_TLBIALL(0);
    write_TLBIALLIS(0);
    write_TLBIASID(i & 0xff);
    write_TLBIMVA(i << 12 | (i & 0xff));
    write_TLBIMVAA(i << 20);
  }
  dsb();
  isb();
  note(finding, "5000 operations");
}

/** Translation operations show our stage 1 only: where our RAM really is, is not for us to know. */
void translation_leak(struct finding *finding) {
  write_ATS1CPR((uint32_t)canary);
  isb();
  uint32_t own_address = read_PAR();
  note(finding, "PAR 0x%08x", own_address);
  if (!(own_address & 1) && own_address >> 12 != (uint32_t)canary >> 12) breach(finding, "PAR shows 0x%08x", own_address);
}
