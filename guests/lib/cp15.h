/* System registers by their Arm names: read_SCTLR(), write_VBAR(x) … Reference: Arm DDI 0406C, part B. */
#ifndef CP15_H
#define CP15_H

#include <stdint.h>

#define CP15_READ(name, opc1, CRn, CRm, opc2)                                                         \
  static inline uint32_t read_##name(void) {                                                          \
    uint32_t value;                                                                                   \
    __asm__ volatile("mrc p15, " #opc1 ", %0, " #CRn ", " #CRm ", " #opc2 : "=r"(value) : : "memory"); \
    return value;                                                                                     \
  }

#define CP15_WRITE(name, opc1, CRn, CRm, opc2)                                                        \
  static inline void write_##name(uint32_t value) {                                                   \
    __asm__ volatile("mcr p15, " #opc1 ", %0, " #CRn ", " #CRm ", " #opc2 : : "r"(value) : "memory");  \
  }

#define CP15_READ_WRITE(name, opc1, CRn, CRm, opc2) \
  CP15_READ(name, opc1, CRn, CRm, opc2)             \
  CP15_WRITE(name, opc1, CRn, CRm, opc2)

#define CP15_READ64(name, opc1, CRm)                                                             \
  static inline uint64_t read_##name(void) {                                                     \
    uint64_t value;                                                                              \
    __asm__ volatile("mrrc p15, " #opc1 ", %Q0, %R0, " #CRm : "=r"(value) : : "memory");          \
    return value;                                                                                \
  }

#define CP15_WRITE64(name, opc1, CRm)                                                            \
  static inline void write_##name(uint64_t value) {                                              \
    __asm__ volatile("mcrr p15, " #opc1 ", %Q0, %R0, " #CRm : : "r"(value) : "memory");           \
  }

/* Identification */
CP15_READ(MIDR, 0, c0, c0, 0)
CP15_READ(MPIDR, 0, c0, c0, 5)

/* Control, translation, faults */
CP15_READ_WRITE(SCTLR, 0, c1, c0, 0)
CP15_READ_WRITE(TTBR0, 0, c2, c0, 0)
CP15_READ_WRITE(TTBCR, 0, c2, c0, 2)
CP15_READ_WRITE(DACR, 0, c3, c0, 0)
CP15_READ_WRITE(DFSR, 0, c5, c0, 0)
CP15_READ_WRITE(IFSR, 0, c5, c0, 1)
CP15_READ_WRITE(DFAR, 0, c6, c0, 0)
CP15_READ_WRITE(IFAR, 0, c6, c0, 2)
CP15_READ_WRITE(PAR, 0, c7, c4, 0)
CP15_READ_WRITE(VBAR, 0, c12, c0, 0)

/* Caches, branch predictor, TLB. ICIALLU also empties the branch predictor. */
CP15_WRITE(ICIALLU, 0, c7, c5, 0)
CP15_WRITE(ICIMVAU, 0, c7, c5, 1)
CP15_WRITE(BPIALL, 0, c7, c5, 6)
CP15_WRITE(DCIMVAC, 0, c7, c6, 1)
CP15_WRITE(DCISW, 0, c7, c6, 2)
CP15_WRITE(ATS1CPR, 0, c7, c8, 0)
CP15_WRITE(DCCMVAC, 0, c7, c10, 1)
CP15_WRITE(DCCSW, 0, c7, c10, 2)
CP15_WRITE(DCCMVAU, 0, c7, c11, 1)
CP15_WRITE(DCCIMVAC, 0, c7, c14, 1)
CP15_WRITE(DCCISW, 0, c7, c14, 2)
CP15_WRITE(TLBIALL, 0, c8, c7, 0)
CP15_WRITE(TLBIMVA, 0, c8, c7, 1)
CP15_WRITE(TLBIASID, 0, c8, c7, 2)
CP15_WRITE(TLBIMVAA, 0, c8, c7, 3)
CP15_WRITE(TLBIALLIS, 0, c8, c3, 0)

/* Thread identifiers */
CP15_READ_WRITE(CONTEXTIDR, 0, c13, c0, 1)
CP15_READ_WRITE(TPIDRURW, 0, c13, c0, 2)
CP15_READ_WRITE(TPIDRURO, 0, c13, c0, 3)
CP15_READ_WRITE(TPIDRPRW, 0, c13, c0, 4)

/* Generic timer */
CP15_READ(CNTFRQ, 0, c14, c0, 0)
CP15_READ_WRITE(CNTV_TVAL, 0, c14, c3, 0)
CP15_READ_WRITE(CNTV_CTL, 0, c14, c3, 1)
CP15_READ64(CNTVCT, 1, c14)
CP15_READ64(CNTV_CVAL, 3, c14)
CP15_WRITE64(CNTV_CVAL, 3, c14)

#define SCTLR_M   (1u << 0)
#define SCTLR_A   (1u << 1)
#define SCTLR_C   (1u << 2)
#define SCTLR_Z   (1u << 11)
#define SCTLR_I   (1u << 12)
#define SCTLR_V   (1u << 13)
#define SCTLR_EE  (1u << 25)
#define SCTLR_TRE (1u << 28)
#define SCTLR_AFE (1u << 29)
#define SCTLR_TE  (1u << 30)

#define CPSR_MODE 0x1f
#define CPSR_T    (1u << 5)
#define CPSR_F    (1u << 6)
#define CPSR_I    (1u << 7)
#define CPSR_E    (1u << 9)
#define CPSR_J    (1u << 24)

#define MODE_USR  0x10
#define MODE_FIQ  0x11
#define MODE_IRQ  0x12
#define MODE_SVC  0x13
#define MODE_MON  0x16
#define MODE_ABT  0x17
#define MODE_HYP  0x1a
#define MODE_UND  0x1b
#define MODE_SYS  0x1f

static inline void dsb(void) { __asm__ volatile("dsb" : : : "memory"); }
static inline void dmb(void) { __asm__ volatile("dmb" : : : "memory"); }
static inline void isb(void) { __asm__ volatile("isb" : : : "memory"); }

static inline void mask_interrupts(void) { __asm__ volatile("cpsid i" : : : "memory"); }
static inline void unmask_interrupts(void) { __asm__ volatile("cpsie i" : : : "memory"); }

/** WFI wakes for a pending interrupt even while CPSR.I masks it, so a guest can look first and sleep without missing one. */
static inline void wait_for_interrupt(void) { __asm__ volatile("dsb\n\twfi" : : : "memory"); }

static inline uint32_t read_CPSR(void) {
  uint32_t value;
  __asm__ volatile("mrs %0, cpsr" : "=r"(value));
  return value;
}

#endif
