/* Attacks on the processor's modes: no way leads to Hyp or Monitor mode but the exceptions. */
#include "cp15.h"
#include "hypercall.h"
#include "rogue.h"

#define CPS(mode)   (0xf1020000u | (mode))
#define MSR_CPSR_C  0xe121f000u
#define MSR_CPSR    0xe12ff000u /* all four fields */
#define SRSDB(mode) (0xf94d0500u | (mode))
#define BXJ_LR      0xe12fff2eu

/* In state_change.S */
uint32_t return_by_movs(uint32_t psr);
uint32_t return_by_rfe(uint32_t psr);

/** Those that are not ours to enter, and numbers that are no mode at all. */
static const uint8_t forbidden[] = {MODE_HYP, MODE_MON, 0x00, 0x03, 0x14, 0x15, 0x18, 0x19, 0x1c, 0x1d, 0x1e};

static void check(struct finding *finding, struct probe_result result, const char *how) {
  uint32_t mode = result.value & CPSR_MODE;
  if (result.kind != EXCEPTION_NONE) return;
  if (mode == MODE_HYP || mode == MODE_MON) breach(finding, "%s led to mode 0x%x", how, mode);
}

/** The hypervisor must still be there, and be the one we know. */
static void still_answers(struct finding *finding) {
  if ((uint32_t)hyp_call(HYP_CALL_UID, 0, 0, 0).r0 != HYP_UID_R0) breach(finding, "the hypervisor does not answer any more");
}

void cps_modes(struct finding *finding) {
  for (unsigned i = 0; i < sizeof forbidden; i++) check(finding, attempt_mode_change(finding, CPS(forbidden[i]), 0), "CPS");
  still_answers(finding);
}

void msr_modes(struct finding *finding) {
  uint32_t cpsr = read_CPSR() & ~CPSR_MODE;
  for (unsigned i = 0; i < sizeof forbidden; i++) {
    check(finding, attempt_mode_change(finding, MSR_CPSR_C, cpsr | forbidden[i]), "MSR");
  }
  still_answers(finding);
}

void return_to_hyp(struct finding *finding) {
  uint32_t masks = CPSR_I | CPSR_F;
  check(finding, attempt(finding, return_by_movs, masks | MODE_HYP), "MOVS PC");
  check(finding, attempt(finding, return_by_movs, masks | MODE_MON), "MOVS PC");
  check(finding, attempt(finding, return_by_rfe, masks | MODE_HYP), "RFE");
  check(finding, attempt(finding, return_by_rfe, masks | MODE_MON), "RFE");
  still_answers(finding);
}

/** MRS and MSR (banked register), B9.3.9: SYSm is the M bit (8) and the M1 field (19:16). */
static uint32_t banked(uint32_t base, uint32_t R, uint32_t SYSm) {
  return base | R << 22 | (SYSm & 15) << 16 | (SYSm >> 4) << 8;
}

/** UNPREDICTABLE from PL1; whatever the processor does, it must not tell. */
void banked_registers(struct finding *finding) {
  static const struct { uint8_t R, SYSm; } rows[] = {
      {0, 0x1e}, /* ELR_hyp */
      {0, 0x1f}, /* SP_hyp */
      {1, 0x1e}, /* SPSR_hyp */
      {0, 0x1c}, /* LR_mon */
      {0, 0x1d}, /* SP_mon */
      {1, 0x1c}, /* SPSR_mon */
  };
  for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct probe_result read = attempt_instruction(finding, banked(0xe1000200, rows[i].R, rows[i].SYSm), 0);
    if (read.kind == EXCEPTION_NONE && read.value != 0) breach(finding, "SYSm 0x%x read 0x%08x", rows[i].SYSm, read.value);
    attempt_instruction(finding, banked(0xe120f200, rows[i].R, rows[i].SYSm), 0xdeadbeef);
  }
  still_answers(finding);
}

/** SRS with another mode's stack pointer. */
void store_return_state(struct finding *finding) {
  check(finding, attempt_mode_change(finding, SRSDB(MODE_HYP), 0), "SRS");
  check(finding, attempt_mode_change(finding, SRSDB(MODE_MON), 0), "SRS");
  still_answers(finding);
}

/** Jazelle state, and instruction-set bits that MSR must leave alone. */
void illegal_state(struct finding *finding) {
  uint32_t cpsr = read_CPSR();
  struct probe_result result = attempt_mode_change(finding, MSR_CPSR, cpsr | CPSR_J | CPSR_T);
  if (result.kind == EXCEPTION_NONE && (result.value & (CPSR_J | CPSR_T))) breach(finding, "MSR changed the instruction set");
  attempt_instruction(finding, BXJ_LR, 0); /* with JMCR.JE = 0 it is BX */
  check(finding, attempt(finding, return_by_movs, (cpsr & 0xff) | CPSR_J), "MOVS PC");
  still_answers(finding);
}
