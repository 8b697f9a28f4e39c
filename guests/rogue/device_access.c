/*
 * Emulated devices, by instructions for which the syndrome register says nothing (HSR.ISV = 0), or says it in detail that is
 * easily got wrong. A hypervisor must give the exact result or abort; it must not guess.
 */
#include "cp15.h"
#include "platform.h"
#include "rogue.h"

#define TYPER (GICD_BASE + 0x004) /* read-only: loads can be compared with it */
#define PRIORITIES (GICD_BASE + 0x428) /* of interrupts 40 to 47 */

/* Each of these loads from GICD_TYPER in its way, and returns 0 if the result is exact. */

static uint32_t truth(void) { return read_word(TYPER); }

static uint32_t by_ldm(uint32_t base) {
  uint32_t first, second;
  __asm__ volatile("ldm %2, {r2, r3}\n\tmov %0, r2\n\tmov %1, r3" : "=&r"(first), "=&r"(second) : "r"(base) : "r2", "r3", "memory");
  return first != truth() || second != read_word(TYPER + 4);
}

static uint32_t by_ldrd(uint32_t base) {
  uint32_t first, second;
  __asm__ volatile("ldrd r2, r3, [%2]\n\tmov %0, r2\n\tmov %1, r3" : "=&r"(first), "=&r"(second) : "r"(base - 4) : "r2", "r3", "memory");
  return first != read_word(TYPER - 4) || second != truth();
}

static uint32_t by_writeback_after(uint32_t base) {
  uint32_t value, address = base;
  __asm__ volatile("ldr %0, [%1], #4" : "=&r"(value), "+r"(address) : : "memory");
  return value != truth() || address != base + 4;
}

static uint32_t by_writeback_before(uint32_t base) {
  uint32_t value, address = base - 4;
  __asm__ volatile("ldr %0, [%1, #4]!" : "=&r"(value), "+r"(address) : : "memory");
  return value != truth() || address != base;
}

static uint32_t by_ldrex(uint32_t base) {
  uint32_t value;
  __asm__ volatile("ldrex %0, [%1]\n\tclrex" : "=r"(value) : "r"(base) : "memory");
  return value != truth();
}

static uint32_t by_vldr(uint32_t base) {
  uint32_t value;
  __asm__ volatile("vldr s0, [%1]\n\tvmov %0, s0" : "=r"(value) : "r"(base) : "s0", "memory");
  return value != truth();
}

static uint32_t by_byte(uint32_t base) { return *(volatile uint8_t *)base != (truth() & 0xff); }
static uint32_t by_halfword(uint32_t base) { return *(volatile uint16_t *)base != (truth() & 0xffff); }
static uint32_t by_signed_byte(uint32_t base) { return *(volatile int8_t *)base != (int8_t)truth(); }
static uint32_t by_signed_halfword(uint32_t base) { return *(volatile int16_t *)base != (int16_t)truth(); }
static uint32_t by_high_byte(uint32_t base) { return *(volatile uint8_t *)(base + 1) != (truth() >> 8 & 0xff); }

/** Device memory does not allow this: our own alignment fault (A3.2.2). */
static uint32_t misaligned(uint32_t base) {
  uint32_t value;
  __asm__ volatile("ldr %0, [%1]" : "=r"(value) : "r"(base + 1) : "memory");
  return value != (truth() >> 8 | read_word(TYPER + 4) << 24);
}

/** Loads the PC: a jump to wherever the number points, which is nowhere. */
static uint32_t into_pc(uint32_t base) {
  __asm__ volatile("mov r0, %0\n\tldr pc, [r0]" : : "r"(base) : "r0", "memory");
  return 1;
}

void device_odd_loads(struct finding *finding) {
  static probe_function *const loads[] = {by_ldm,         by_ldrd,     by_writeback_after, by_writeback_before, by_ldrex,   by_vldr, by_byte,
                                          by_signed_byte, by_halfword, by_signed_halfword, by_high_byte,        misaligned, into_pc};
  for (unsigned i = 0; i < sizeof loads / sizeof loads[0]; i++) {
    struct probe_result result = attempt(finding, loads[i], TYPER);
    if (result.kind == EXCEPTION_NONE && result.value != 0) breach(finding, "odd load %u gave a wrong result", i);
  }
}

static uint32_t store_stm(uint32_t value) {
  __asm__ volatile("mov r2, %1\n\tmov r3, %1\n\tstm %0, {r2, r3}" : : "r"(PRIORITIES), "r"(value) : "r2", "r3", "memory");
  return 0;
}

static uint32_t store_strd(uint32_t value) {
  __asm__ volatile("mov r2, %1\n\tmov r3, %1\n\tstrd r2, r3, [%0]" : : "r"(PRIORITIES), "r"(value) : "r2", "r3", "memory");
  return 0;
}

static uint32_t store_writeback(uint32_t value) {
  uint32_t address = PRIORITIES;
  __asm__ volatile("str %1, [%0], #4" : "+r"(address) : "r"(value) : "memory");
  return address != PRIORITIES + 4;
}

static uint32_t store_vfp(uint32_t value) {
  __asm__ volatile("vmov s0, %1\n\tvstr s0, [%0]" : : "r"(PRIORITIES), "r"(value) : "s0", "memory");
  return 0;
}

static uint32_t store_exclusive(uint32_t value) {
  uint32_t failed;
  __asm__ volatile("ldrex %0, [%1]\n\tstrex %0, %2, [%1]" : "=&r"(failed) : "r"(PRIORITIES), "r"(value) : "memory");
  return 0;
}

/** The register must hold what it held, or what was stored: all implemented bits of it, nothing else. */
void device_odd_stores(struct finding *finding) {
  static probe_function *const stores[] = {store_stm, store_strd, store_writeback, store_vfp, store_exclusive};
  volatile uint32_t *priorities = (volatile uint32_t *)PRIORITIES;
  *priorities = 0xffffffff;
  uint32_t implemented = *priorities;
  for (unsigned i = 0; i < sizeof stores / sizeof stores[0]; i++) {
    *priorities = 0;
    struct probe_result result = attempt(finding, stores[i], 0xa0a0a0a0);
    uint32_t now = *priorities;
    bool exact = now == 0 || now == (0xa0a0a0a0 & implemented);
    if (!exact || (result.kind == EXCEPTION_NONE && result.value != 0)) breach(finding, "odd store %u left 0x%08x", i, now);
  }
  *priorities = 0;
}

static uint32_t load_big_endian(uint32_t address) {
  uint32_t value;
  __asm__ volatile("setend be\n\tldr %0, [%1]\n\tsetend le" : "=&r"(value) : "r"(address) : "memory");
  return value;
}

static uint32_t load_half_big_endian(uint32_t address) {
  uint32_t value;
  __asm__ volatile("setend be\n\tldrh %0, [%1]\n\tsetend le" : "=&r"(value) : "r"(address) : "memory");
  return value;
}

/** The syndrome does not say that CPSR.E was set; the emulator has to look. */
void device_big_endian(struct finding *finding) {
  struct probe_result word = attempt(finding, load_big_endian, TYPER);
  struct probe_result half = attempt(finding, load_half_big_endian, TYPER);
  uint32_t right = __builtin_bswap32(truth()), half_right = __builtin_bswap16((uint16_t)truth());
  if (word.kind == EXCEPTION_NONE && word.value != right) breach(finding, "0x%08x instead of 0x%08x", word.value, right);
  if (half.kind == EXCEPTION_NONE && half.value != half_right) breach(finding, "0x%04x instead of 0x%04x", half.value, half_right);
}

static uint32_t execute(uint32_t address) { return ((uint32_t(*)(void))address)(); }

/** Code in a device: our own XN bit is off, so stage 2 has to say no. */
void device_execute(struct finding *finding) {
  uint32_t before = mmu_first_level(GICD_BASE);
  mmu_set_first_level(GICD_BASE, mmu_section(GICD_BASE, MEMORY_ANYTHING));
  must_fault(finding, execute, GICD_BASE + 0x400);
  mmu_set_first_level(GICD_BASE, before);
}
