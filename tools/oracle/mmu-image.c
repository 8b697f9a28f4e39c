/* Reads scenarios from RAM, carries them out, and writes one record of eight words per operation through semihosting. */
typedef unsigned int u32;

enum { INPUT = 0x40400000, OUTPUT = 0x41000000, POOL = 0x44000000, POOL_END = 0x46000000 };
enum { STUB_WORDS = 4, TRANSLATION = 0x1000, EXECUTE = 0x400, THUMB = 0x800, SVC_INSTRUCTION = 0xef000000u };
static const u32 modes[] = {0x1d3, 0x1d0, 0x1da};

u32 saved_stack, values[4];
u32 translate(u32 va, u32 operation, u32 hsctlr, u32 after);
u32 enter(u32 va, u32 r1, u32 target, u32 spsr, u32 hsctlr);
extern const u32 stubs[];

#define READ(name, op1, n, m, op2) ({ u32 v; __asm__ volatile("mrc p15, " #op1 ", %0, c" #n ", c" #m ", " #op2 : "=r"(v)); v; })
#define WRITE(op1, n, m, op2, v) __asm__ volatile("mcr p15, " #op1 ", %0, c" #n ", c" #m ", " #op2 : : "r"(v) : "memory")
#define WRITE64(op1, m, low, high) __asm__ volatile("mcrr p15, " #op1 ", %0, %1, c" #m : : "r"(low), "r"(high) : "memory")

static u32 semihost(u32 operation, const void *block) {
  register u32 r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = block;
  __asm__ volatile("svc 0x123456" : "+r"(r0) : "r"(r1) : "memory", "lr");
  return r0;
}

static const u32 *configure(const u32 *in) {
  WRITE(4, 1, 1, 0, in[0]);           /* HCR */
  WRITE64(6, 2, in[1], in[2]);        /* VTTBR */
  WRITE(4, 2, 1, 2, in[3]);           /* VTCR */
  WRITE(0, 2, 0, 2, in[5]);           /* TTBCR */
  WRITE64(0, 2, in[6], in[7]);        /* TTBR0 */
  WRITE64(1, 2, in[8], in[9]);        /* TTBR1 */
  WRITE(0, 3, 0, 0, in[10]);          /* DACR */
  WRITE(0, 10, 2, 0, in[11]);         /* PRRR, MAIR0 */
  WRITE(0, 10, 2, 1, in[12]);         /* NMRR, MAIR1 */
  WRITE64(4, 2, in[14], in[15]);      /* HTTBR */
  WRITE(4, 2, 0, 2, in[16]);          /* HTCR */
  WRITE(4, 10, 2, 0, in[17]);         /* HMAIR0 */
  WRITE(4, 10, 2, 1, in[18]);         /* HMAIR1 */
  WRITE(0, 1, 0, 0, in[4]);           /* SCTLR */
  WRITE(4, 1, 0, 0, in[13] & ~1u);    /* HSCTLR */
  WRITE(4, 8, 7, 4, 0);               /* TLBIALLNSNH */
  WRITE(4, 8, 7, 0, 0);               /* TLBIALLH */
  __asm__ volatile("dsb\n isb" ::: "memory");
  return in + 19;
}

/* Bits of an operation: what (7:0), from which mode (9:8), EXECUTE, THUMB; or TRANSLATION from Hyp mode. */
static void perform(u32 operation, u32 va, u32 hsctlr, u32 *out) {
  u32 status, level = operation >> 8 & 3;
  WRITE(4, 6, 0, 4, 0);               /* HPFAR */
  WRITE64(0, 7, 0, 0);                /* PAR */
  if (operation & TRANSLATION) {
    status = translate(va, operation & 0xff, hsctlr, hsctlr & ~1u);
  } else {
    u32 target = operation & EXECUTE ? va : (u32)(stubs + STUB_WORDS * (operation & 0xff));
    u32 state = modes[level] | (operation & THUMB ? 0x20 : 0);
    status = enter(va, 0xefabcdef, target, state, level == 2 ? hsctlr : hsctlr & ~1u);
  }
  out[0] = status;
  for (int i = 1; i < 8; i++) out[i] = 0;
  if (status == 0 || status == 7) {
    __asm__ volatile("mrrc p15, 0, %0, %1, c7" : "=r"(out[1]), "=r"(out[2]));
  } else if (status == 1 || status == 2) {
    for (int i = 0; i < 4; i++) out[1 + i] = operation & EXECUTE ? 0 : values[i];
  } else if (status == 9) {             /* Undefined: nothing else to tell */
  } else if (status == 3) {
    out[1] = READ(DFSR, 0, 5, 0, 0);
    out[2] = READ(DFAR, 0, 6, 0, 0);
  } else if (status == 4) {
    out[1] = READ(IFSR, 0, 5, 0, 1);
    out[2] = READ(IFAR, 0, 6, 0, 2);
  } else {
    out[1] = READ(HSR, 4, 5, 2, 0);
    out[2] = READ(HDFAR, 4, 6, 0, 0);
    out[3] = READ(HIFAR, 4, 6, 0, 2);
    out[4] = READ(HPFAR, 4, 6, 0, 4);
  }
}

void run(void) {
  const u32 *in = (const u32 *)INPUT;
  u32 *out = (u32 *)OUTPUT;
  for (u32 at = POOL; at < POOL_END; at += 4) *(volatile u32 *)at = SVC_INSTRUCTION | (at >> 12 & 0xffffff);
  while (*in != 0xffffffff) {
    for (u32 writes = *in++; writes > 0; writes--, in += 2) *(volatile u32 *)in[0] = in[1];
    u32 hsctlr = in[13];
    in = configure(in);
    for (u32 count = *in++; count > 0; count--, in += 2, out += 8) perform(in[0], in[1], hsctlr, out);
  }
  static const char name[] = "result.bin";
  u32 open[] = {(u32)name, 5, sizeof name - 1};
  u32 handle = semihost(0x01, open);
  u32 write[] = {handle, OUTPUT, (u32)out - OUTPUT};
  semihost(0x05, write);
  u32 close[] = {handle};
  semihost(0x02, close);
  semihost(0x18, (const void *)0x20026);
  for (;;) {}
}
