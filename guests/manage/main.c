/*
 * manage: a program for Linux that manages other partitions by the management page (partita,management-page), which it maps by /dev/mem; only
 * root may. No C library. What it may do is what its partition may (partita,management).
 *
 *   manage info                       what this partition is; this needs no right
 *   manage list
 *   manage pause|resume|restart|stop PARTITION
 *   manage inspect PARTITION [VCPU]
 *
 * PARTITION is a name or a number. Exit status: 0 done, 1 refused, 2 usage error, or no page.
 */
#include <stdbool.h>

#include "console.h"
#include "linux.h"
#include "manage.h"

#define PAGE        4096
#define O_SYNC      010000 | 04000000 /* a device: nothing is cached */
#define SYS_FLOCK   143
#define LOCK_EX     2
#define SYS_MMAP2   192
#define FAILED      0xfffff000
#define ERROR_PERM  (-1)
#define ERROR_ACCES (-13)

static uint32_t page;

/* Plain LDR and STR: of what changes its address register, too, a trap does not say what it was. */
static uint32_t get(uint32_t offset) {
  uint32_t value;
  __asm__ volatile("ldr %0, [%1]" : "=r"(value) : "r"(page + offset) : "memory");
  return value;
}

static void put(uint32_t offset, uint32_t value) { __asm__ volatile("str %0, [%1]" : : "r"(value), "r"(page + offset) : "memory"); }

static void to_console(const char *text, size_t length) { linux_write(1, text, length); }

static int give_up(const char *why) {
  printf("manage: %s\n", why);
  linux_exit(2);
  return 2;
}

/** The file stays open: its lock lets one call after the other, and its end is the program's. */
static void open_page(void) {
  if (linux_open("/proc/device-tree/management@22010000/reg", O_RDONLY) < 0)
    give_up("this partition has no management page (partita,management-page)");
  int32_t memory = linux_open("/dev/mem", O_RDWR | O_SYNC);
  if (memory == ERROR_PERM || memory == ERROR_ACCES) give_up("only root may open /dev/mem");
  if (memory < 0) give_up("there is no /dev/mem");
  linux_call(SYS_FLOCK, (uint32_t)memory, LOCK_EX, 0, 0, 0, 0);
  page = (uint32_t)linux_call(SYS_MMAP2, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, (uint32_t)memory,
                              GUEST_MANAGEMENT_BASE / PAGE);
  if (page >= FAILED) give_up("/dev/mem cannot be mapped there");
  if (get(HYP_PAGE_ID) != HYP_PAGE_MAGIC) give_up("that is no management page");
}

static int32_t call(uint32_t function, uint32_t a1, uint32_t a2, uint32_t a3) {
  put(HYP_PAGE_R1, a1);
  put(HYP_PAGE_R2, a2);
  put(HYP_PAGE_R3, a3);
  put(HYP_PAGE_R0, function);
  return (int32_t)get(HYP_PAGE_R0);
}

static void take(void *to, uint32_t bytes) {
  for (uint32_t i = 0; i < bytes / 4; i++) ((uint32_t *)to)[i] = get(HYP_PAGE_BUFFER + 4 * i);
}

static int32_t status_of(uint32_t partition, struct hyp_status *status) {
  int32_t answer = call(HYP_MANAGE_STATUS, partition, 0, sizeof *status);
  if (answer > 0) take(status, sizeof *status);
  return answer;
}

static bool same(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

static int refused(const char *verb, int32_t error) {
  static const char *const why[] = {"not known to this hypervisor", "it is not in a state for that, or it is this partition itself",
                                    "this partition has not the right to manage others (partita,management)", "there is no such partition or vCPU",
                                    "it is running: pause it first"};
  bool known = error < 0 && error >= -5;
  printf("manage: %s: %s\n", verb, known ? why[-1 - error] : "an answer that makes no sense");
  return 1;
}

static int32_t count_all(void) {
  int32_t answer = call(HYP_MANAGE_COUNT, 0, 0, 0);
  return answer == 0 ? (int32_t)get(HYP_PAGE_R1) : answer;
}

static int list(void) {
  static const char *const states[] = {"running", "off", "stopped", "paused"};
  struct hyp_status status;
  int32_t count = count_all();
  if (count < 0) return refused("list", count);
  for (int32_t i = 0; i < count; i++) {
    int32_t answer = status_of((uint32_t)i, &status);
    if (answer < 0) return refused("list", answer);
    printf("%d %s %s, %u vCPU, ran %llu ns, %u restarts, %u faults\n", i, status.name, states[status.state & 3], status.vcpus,
           (unsigned long long)status.ran_ns, status.restarts, status.faults);
  }
  return 0;
}

static int info(void) {
  int32_t answer = call(HYP_PARTITION_INFO, 0, 0, 0);
  if (answer < 0) return refused("info", answer);
  printf("partition %u, %u vCPU, %u channels\n", get(HYP_PAGE_R1), get(HYP_PAGE_R2), get(HYP_PAGE_R3));
  return 0;
}

/** Which partition a word means; the number of all of them if none. */
static int32_t find(const char *word) {
  struct hyp_status status;
  int32_t count = count_all(), number = 0;
  const char *digit = word;
  for (; *digit >= '0' && *digit <= '9' && number < 1000; digit++) number = 10 * number + (*digit - '0');
  if (count < 0 || (*digit == 0 && digit != word)) return count < 0 ? count : number;
  for (int32_t i = 0; i < count; i++)
    if (status_of((uint32_t)i, &status) > 0 && same(status.name, word)) return i;
  return count;
}

static int inspect(uint32_t partition, uint32_t vcpu) {
  static const char *const power[] = {"off", "starting", "on"};
  struct hyp_registers r;
  int32_t answer = call(HYP_MANAGE_INSPECT, partition, vcpu, 0);
  if (answer < 0) return refused("inspect", answer);
  take(&r, sizeof r);
  for (uint32_t i = 0; i < 13; i++) printf("r%u %08x%s", i, r.r[i], i % 4 == 3 || i == 12 ? "\n" : "  ");
  printf("sp %08x  lr %08x  pc %08x  cpsr %08x\n", r.sp, r.lr, r.pc, r.cpsr);
  printf("sctlr %08x  ttbr0 %08x  vbar %08x\n", r.sctlr, r.ttbr0, r.vbar);
  printf("dfsr %08x  dfar %08x  ifsr %08x  ifar %08x\n", r.dfsr, r.dfar, r.ifsr, r.ifar);
  printf("it is %s%s\n", power[r.power < 3 ? r.power : 0], r.waits ? " and waits" : "");
  return 0;
}

static const struct {
  const char *name;
  uint32_t function;
} verbs[] = {{"pause", HYP_MANAGE_PAUSE},
             {"resume", HYP_MANAGE_RESUME},
             {"restart", HYP_MANAGE_RESTART},
             {"stop", HYP_MANAGE_STOP},
             {"inspect", HYP_MANAGE_INSPECT}};

static int act(uint32_t function, const char *verb, const char *whom, uint32_t vcpu) {
  open_page();
  int32_t partition = find(whom);
  if (partition < 0) return refused(verb, partition);
  if (function == HYP_MANAGE_INSPECT) return inspect((uint32_t)partition, vcpu);
  int32_t answer = call(function, (uint32_t)partition, 0, 0);
  if (answer < 0) return refused(verb, answer);
  printf("manage: %s %s: done\n", verb, whom);
  return 0;
}

int main(int argc, char **argv) {
  console_set_sink(to_console);
  if (argc == 2 && (same(argv[1], "list") || same(argv[1], "info"))) {
    open_page();
    return argv[1][0] == 'l' ? list() : info();
  }
  for (uint32_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
    bool inspects = verbs[i].function == HYP_MANAGE_INSPECT;
    if (argc >= 3 && argc <= (inspects ? 4 : 3) && same(argv[1], verbs[i].name))
      return act(verbs[i].function, verbs[i].name, argv[2], argc == 4 ? (uint32_t)(argv[3][0] - '0') : 0);
  }
  return give_up("info, list, pause|resume|restart|stop PARTITION, or inspect PARTITION [VCPU]");
}
