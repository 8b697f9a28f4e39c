/* Attacks on the interrupt controller and the timer. Interrupts stay masked throughout. */
#include "console.h"
#include "cp15.h"
#include "gic.h"
#include "platform.h"
#include "rogue.h"
#include "timer.h"

#define GICD(offset) (*(volatile uint32_t *)(GICD_BASE + (offset)))
#define GICC(offset) (*(volatile uint32_t *)(GICC_BASE + (offset)))

#define ISENABLER  0x100
#define ICENABLER  0x180
#define ICPENDR    0x280
#define ICACTIVER  0x380
#define IPRIORITYR 0x400
#define ITARGETSR  0x800
#define ICFGR      0xc00
#define SGIR       0xf00
#define IAR        0x00c
#define EOIR       0x010
#define HPPIR      0x018
#define DIR        0x1000

#define ENOUGH     2048 /* acknowledgements: more than there are interrupts */

static uint32_t write_ones(uint32_t address) { return *(volatile uint32_t *)address = 0xffffffff; }
static uint32_t read_half(uint32_t address) { return *(volatile uint16_t *)address; }
static uint32_t read_byte(uint32_t address) { return *(volatile uint8_t *)address; }

/** Nothing enabled, pending or active, whatever an attack has done. */
static void quiet(void) {
  for (uint32_t i = 0; i < 128; i += 4) {
    probe(write_ones, GICD_BASE + ICENABLER + i);
    probe(write_ones, GICD_BASE + ICPENDR + i);
    probe(write_ones, GICD_BASE + ICACTIVER + i);
  }
  gic_start();
}

/** Take whatever is there. Returns how many, and in `ids` which of the first 32. */
static uint32_t take_all(uint32_t *ids) {
  uint32_t taken = 0;
  *ids = 0;
  while (taken < ENOUGH) {
    uint32_t acknowledged = GICC(IAR), id = acknowledged & 0x3ff;
    if (id >= 1020) break;
    if (id < 32) *ids |= 1u << id;
    GICC(EOIR) = acknowledged;
    taken++;
  }
  return taken;
}

/** Every offset, in words, halves and bytes. */
void gic_reads(struct finding *finding) {
  for (uint32_t offset = 0; offset < PAGE; offset += 4) {
    attempt(finding, read_word, GICD_BASE + offset);
    attempt(finding, read_half, GICD_BASE + offset + 2);
    attempt(finding, read_byte, GICD_BASE + offset + 1);
  }
  for (uint32_t offset = 0; offset < GICC_BYTES; offset += 4) attempt(finding, read_word, GICC_BASE + offset);
}

void gic_writes(struct finding *finding) {
  for (uint32_t offset = 4; offset < PAGE; offset += 4) {
    attempt(finding, write_ones, GICD_BASE + offset);
    if (offset % 64 == 0) quiet(); /* else thousands would be pending */
  }
  quiet();
  uint32_t ids, left = take_all(&ids);
  if (left >= ENOUGH) breach(finding, "interrupts without end");
}

/** Software interrupts to CPUs that are not there, and with the reserved filter 3. */
void sgi_wild(struct finding *finding) {
  uint32_t others = ~(1u << (read_MPIDR() & 7)) & 0xff;
  static const uint32_t filters[] = {0, 1, 3};
  quiet();
  GICD(ISENABLER) = 0xffff;
  for (unsigned i = 0; i < sizeof filters / 4; i++) GICD(SGIR) = filters[i] << 24 | others << 16 | 7;
  GICD(SGIR) = 0xffff7fff;
  dsb();
  uint32_t ids, taken = take_all(&ids);
  note(finding, "4 written, %u taken", taken);
  if (ids & 0xffff) breach(finding, "%u interrupts out of nothing, ids 0x%x", taken, ids);
  quiet();
}

/** All sixteen at once: more than a virtual interface has list registers. */
void sgi_storm(struct finding *finding) {
  uint32_t self = 1u << (read_MPIDR() & 7), ids;
  quiet();
  GICD(ISENABLER) = 0xffff;
  for (uint32_t id = 0; id < 16; id++) GICD(SGIR) = self << 16 | id;
  dsb();
  uint32_t taken = take_all(&ids);
  note(finding, "16 sent, %u taken, ids 0x%x", taken, ids);
  if (taken > 16 || ids & ~0xffffu) breach(finding, "%u taken of 16, ids 0x%x", taken, ids);
  quiet();
}

/** Past the last interrupt (GICD_TYPER.ITLinesNumber) registers read as zero and ignore writes. */
void interrupts_beyond(struct finding *finding) {
  uint32_t first = ((GICD(4) & 31) + 1) * 32;
  note(finding, "interrupts end at %u", first);
  if (first > 1019) return;
  const uint32_t beyond[] = {IPRIORITYR + first, ITARGETSR + first, ICFGR + first / 4, ISENABLER + first / 8};
  for (unsigned i = 0; i < sizeof beyond / 4; i++) {
    attempt(finding, write_ones, GICD_BASE + beyond[i]);
    struct probe_result result = attempt(finding, read_word, GICD_BASE + beyond[i]);
    if (result.kind == EXCEPTION_NONE && result.value != 0) breach(finding, "offset 0x%x holds 0x%x", beyond[i], result.value);
  }
}

/** Enable the whole board, wait, and see whether anybody's interrupt comes; then end interrupts that never began. */
void foreign_interrupts(struct finding *finding) {
  uint32_t ids;
  quiet();
  for (uint32_t i = 0; i < 128; i += 4) probe(write_ones, GICD_BASE + ISENABLER + i);
  for (uint32_t i = 32; i < 1020; i += 4) probe(write_ones, GICD_BASE + ITARGETSR + i);
  timer_wait(timer_frequency() / 500);
  uint32_t pending = GICC(HPPIR) & 0x3ff, taken = take_all(&ids);
  note(finding, "first pending %u, %u taken", pending, taken);
  if (taken) breach(finding, "%u foreign interrupts, the first is %u", taken, pending);
  static const uint32_t never[] = {0, 25, 26, 27, 30, 32, 37, 63, 1019, 1023, 0xffffffff};
  for (unsigned i = 0; i < sizeof never / 4; i++) {
    GICC(EOIR) = never[i];
    GICC(DIR) = never[i];
  }
  quiet();
}

static bool fires(uint64_t compare) {
  write_CNTV_CVAL(compare);
  isb();
  return read_CNTV_CTL() >> 2 & 1; /* ISTATUS: counter >= compare, in 64 unsigned bits */
}

/** Extreme compare values. The interrupt is masked in the timer: only the comparison counts. */
void timer_compare(struct finding *finding) {
  write_CNTV_CTL(3); /* ENABLE, IMASK */
  uint32_t wrong = 0;
  wrong |= !fires(0) << 0;
  wrong |= fires(~0ull) << 1;
  wrong |= fires(1ull << 63) << 2;
  wrong |= !fires(timer_now()) << 3;
  wrong |= fires(timer_now() + timer_frequency()) << 4;
  write_CNTV_TVAL(0xffffffff); /* -1: one tick ago */
  isb();
  wrong |= !(read_CNTV_CTL() >> 2 & 1) << 5;
  write_CNTV_TVAL(0x7fffffff);
  isb();
  wrong |= (read_CNTV_CTL() >> 2 & 1) << 6;
  timer_stop();
  note(finding, "7 comparisons right");
  if (wrong) breach(finding, "comparisons wrong: 0x%x", wrong);
}

/** WFI with interrupts masked must sleep, not hang: the timer that we set ends it. */
void masked_wfi(struct finding *finding) {
  uint32_t ids;
  quiet();
  GICD(ISENABLER) = 1u << GUEST_VTIMER_IRQ;
  uint64_t start = timer_now();
  timer_set_deadline(start + timer_frequency() / 1000);
  while (!(read_CNTV_CTL() >> 2 & 1)) wait_for_interrupt();
  uint64_t slept = timer_now() - start;
  timer_stop();
  take_all(&ids);
  quiet();
  note(finding, "woke after %llu us", divide_u64(ticks_to_ns(slept), 1000));
}
