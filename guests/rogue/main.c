/*
 * rogue: a guest that does all it can to reach beyond its partition, and says what it met. A correct hypervisor refuses every
 * attack: by the architecture's own fault, by a fault that it injects, or by an error code. "BREACH" means that one was not.
 */
#include "console.h"
#include "cp15.h"
#include "fdt.h"
#include "hypercall.h"
#include "platform.h"
#include "rogue.h"
#include "timer.h"

/** What an attack leaves in the hypervisor's report of this partition. */
enum trace {
  NOTHING, /* refused by the processor inside the guest, or by an error code */
  FAULT,   /* at least one fault record, with its `why` */
  PERHAPS, /* depends on how the hypervisor chose to trap it */
};

struct attack {
  const char *name;
  attack_function *run;
  uint8_t trace;
};

/* Those that a hypervisor may log in great numbers come last, so that the log still has room for the others. */
static const struct attack attacks[] = {
    {"first-run", first_run, NOTHING}, /* before anything else writes RAM */
    /* Stage 2 */
    {"read-unmapped", read_unmapped, FAULT},
    {"write-unmapped", write_unmapped, FAULT},
    {"execute-unmapped", execute_unmapped, FAULT},
    {"last-page", last_page, FAULT},
    {"neighbour-memory", neighbour_memory, FAULT},
    {"beyond-width", beyond_width, FAULT},
    {"walk-unmapped", walk_unmapped, FAULT},
    {"walk-device", walk_device, FAULT},
    {"mmu-off", mmu_off, FAULT},
    {"cross-page", cross_page, FAULT},
    {"channel-write", channel_write, PERHAPS}, /* FAULT if it has a read-only channel */
    /* Devices, by instructions whose syndrome does not describe them */
    {"device-odd-loads", device_odd_loads, FAULT},
    {"device-odd-stores", device_odd_stores, FAULT},
    {"device-big-endian", device_big_endian, PERHAPS},
    {"device-execute", device_execute, FAULT},
    /* Traps */
    {"hyp-registers", hyp_registers, NOTHING},
    {"secure-registers", secure_registers, PERHAPS},
    {"physical-timer", physical_timer, PERHAPS},
    {"smc", smc_calls, PERHAPS},
    {"user-mode", user_mode, NOTHING},
    {"hvc-unknown", hvc_unknown, NOTHING},
    {"it-block", it_block, NOTHING},
    {"other-coprocessors", other_coprocessors, PERHAPS},
    /* Modes */
    {"cps-modes", cps_modes, NOTHING},
    {"msr-modes", msr_modes, NOTHING},
    {"return-to-hyp", return_to_hyp, NOTHING},
    {"banked-registers", banked_registers, NOTHING},
    {"store-return-state", store_return_state, NOTHING},
    {"illegal-state", illegal_state, NOTHING},
    /* Hypercalls and channels */
    {"console-pointers", console_pointers, PERHAPS},
    {"console-sizes", console_sizes, NOTHING},
    {"foreign-channels", foreign_channels, NOTHING},
    {"random-arguments", random_arguments, NOTHING},
    {"psci-bad", psci_bad, NOTHING},
    {"error-storm", error_storm, NOTHING},
    {"doorbell-storm", doorbell_storm, NOTHING},
    /* State and time */
    {"registers-kept", registers_kept, NOTHING},
    {"floating-point-kept", floating_point_kept, NOTHING},
    {"cache-set-way", cache_set_way, PERHAPS},
    {"cache-by-address", cache_by_address, PERHAPS},
    {"tlb-storm", tlb_storm, NOTHING},
    {"translation-leak", translation_leak, NOTHING},
    {"timer-compare", timer_compare, NOTHING},
    {"masked-wfi", masked_wfi, NOTHING},
    /* Interrupt controller, and floods */
    {"sgi-wild", sgi_wild, NOTHING},
    {"sgi-storm", sgi_storm, NOTHING},
    {"interrupts-beyond", interrupts_beyond, PERHAPS},
    {"foreign-interrupts", foreign_interrupts, NOTHING},
    {"gic-reads", gic_reads, PERHAPS},
    {"gic-writes", gic_writes, PERHAPS},
    {"cp15-reads", cp15_reads, PERHAPS},
    {"cp15-writes", cp15_writes, PERHAPS},
    {"cp14-reads", cp14_reads, PERHAPS},
    {"console-escapes", console_escapes, NOTHING},
};

#define ATTACKS (sizeof attacks / sizeof attacks[0])
#define LINE 200

struct territory own;

/** The device tree says how much RAM is ours. Without one, we look for the end ourselves. */
static void explore(const void *tree) {
  if (tree) mmu_map((uint32_t)tree & ~(PAGE - 1), (uint32_t)tree & ~(PAGE - 1), 16 * PAGE, MEMORY_DATA);
  own.tree = (uint32_t)tree;
  own.tree_bytes = fdt_size(tree);
  struct fdt_region ram = fdt_memory(tree);
  own.ram_end = ram.base + ram.bytes;
  if (ram.bytes > 0) return;
  struct probe_result result;
  own.ram_end = GUEST_RAM_BASE;
  do {
    own.ram_end += MEGABYTE;
    uint32_t before = mmu_first_level(own.ram_end);
    mmu_set_first_level(own.ram_end, mmu_section(own.ram_end, MEMORY_DATA));
    result = probe(read_word, own.ram_end);
    mmu_set_first_level(own.ram_end, before);
  } while (result.kind == EXCEPTION_NONE && own.ram_end < GUEST_RAM_BASE + 64 * MEGABYTE);
}

static size_t describe_faults(const struct finding *finding, char *text, size_t size) {
  size_t used = 0;
  for (uint32_t kind = EXCEPTION_NONE; kind <= EXCEPTION_DATA_ABORT; kind++) {
    if (finding->met[kind] == 0) continue;
    const char *name = kind == EXCEPTION_NONE ? "completed" : exception_name(kind);
    const char *plural = kind != EXCEPTION_NONE && finding->met[kind] > 1 ? "s" : "";
    used += format_text(text + used, size - used, "%s%u %s%s", used ? ", " : "", finding->met[kind], name, plural);
  }
  if (finding->last.kind == EXCEPTION_DATA_ABORT) {
    used += format_text(text + used, size - used, " (DFSR 0x%x, DFAR 0x%08x)", finding->last.status, finding->last.address);
  } else if (finding->last.kind == EXCEPTION_PREFETCH_ABORT) {
    used += format_text(text + used, size - used, " (IFSR 0x%x, IFAR 0x%08x)", finding->last.status, finding->last.address);
  }
  if (finding->note[0]) used += format_text(text + used, size - used, "%s%s", used ? "; " : "", finding->note);
  return used;
}

static bool run(const struct attack *attack, uint32_t number) {
  static struct finding finding;
  char text[LINE];
  finding = (struct finding){.tries = 0};
  attack->run(&finding);
  describe_faults(&finding, text, sizeof text);
  printf("rogue: %02u %s: %s: %s\n", number, attack->name, text, finding.breach ? "BREACH" : "refused");
  return finding.breach;
}

int main(const void *tree) {
  uint32_t breaches = 0;
  explore(tree);
  code_start();
  printf("rogue: RAM ends at 0x%08x, %u attacks\n", own.ram_end, (uint32_t)ATTACKS);
  for (uint32_t i = 0; i < ATTACKS; i++) breaches += run(&attacks[i], i + 1);
  printf("rogue: %u attacks, %u refused, %u breaches\n", (uint32_t)ATTACKS, (uint32_t)ATTACKS - breaches, breaches);
  timer_wait(timer_frequency() / 50); /* a busy loop, to take time from others if that can be */
  if (fdt_argument(tree, "again=", 0)) psci_system_reset();
  return 0;
}
