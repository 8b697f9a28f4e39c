/* Instructions made at run time: the only way to try thousands of them. Encodings: Arm DDI 0406C, A8. */
#include "cp15.h"
#include "platform.h"
#include "rogue.h"

#define MRS_R0_CPSR 0xe10f0000
#define MRS_R2_CPSR 0xe10f2000
#define MSR_CPSR_R2 0xe121f002
#define MOV_R3_LR   0xe1a0300e
#define BX_R3       0xe12fff13

static uint32_t code[PAGE / 4] __attribute__((aligned(PAGE)));

/* In state_change.S */
uint32_t call_in_user_mode(uint32_t r0, const uint32_t *user_code);

uint32_t mrc(uint32_t coprocessor, uint32_t opc1, uint32_t CRn, uint32_t CRm, uint32_t opc2) {
  return 0xee100010 | opc1 << 21 | CRn << 16 | coprocessor << 8 | opc2 << 5 | CRm; /* Rt = r0 */
}

uint32_t mcr(uint32_t coprocessor, uint32_t opc1, uint32_t CRn, uint32_t CRm, uint32_t opc2) {
  return mrc(coprocessor, opc1, CRn, CRm, opc2) & ~(1u << 20);
}

uint32_t mrrc(uint32_t coprocessor, uint32_t opc1, uint32_t CRm) {
  return 0xec510000 | coprocessor << 8 | opc1 << 4 | CRm; /* Rt = r0, Rt2 = r1 */
}

uint32_t mcrr(uint32_t coprocessor, uint32_t opc1, uint32_t CRm) { return mrrc(coprocessor, opc1, CRm) & ~(1u << 20); }

/** Our own stage 1 lets everybody do everything with this page. */
void code_start(void) { mmu_map((uint32_t)code, (uint32_t)code, PAGE, MEMORY_ANYTHING); }

/** What was written as data is fetched as instructions only after this sequence. Lines are at least 16 bytes long. */
static void publish(unsigned words) {
  for (unsigned i = 0; i < words; i += 4) write_DCCMVAU((uint32_t)&code[i]);
  dsb();
  for (unsigned i = 0; i < words; i += 4) write_ICIMVAU((uint32_t)&code[i]);
  write_BPIALL(0);
  dsb();
  isb();
}

static uint32_t call_code(uint32_t r0) { return ((uint32_t(*)(uint32_t))code)(r0); }
static uint32_t call_user_code(uint32_t r0) { return call_in_user_mode(r0, code); }

struct probe_result attempt_instruction(struct finding *finding, uint32_t instruction, uint32_t r0) {
  code[0] = instruction;
  code[1] = BX_LR;
  publish(2);
  return attempt(finding, call_code, r0);
}

/** A page full at a time, since each change of code costs the processor (and whoever simulates it) more than running it. */
void attempt_sweep(struct finding *finding, const struct sweep *sweep) {
  const uint32_t pairs = PAGE / 8;
  for (uint32_t first = 0; first < sweep->count; first += pairs) {
    uint32_t end = sweep->count - first < pairs ? sweep->count - first : pairs;
    for (uint32_t i = 0; i < end; i++) {
      code[2 * i] = sweep->instruction(first + i);
      code[2 * i + 1] = BX_LR;
    }
    publish(2 * end);
    for (uint32_t i = 0; i < end; i++) {
      if (code[2 * i] == 0) continue;
      struct probe_result result = attempt(finding, (probe_function *)(uint32_t)&code[2 * i], 0);
      if (sweep->check) sweep->check(finding, first + i, result);
    }
  }
}

/** From User mode the way back is a supervisor call: for us it means that the instruction completed. */
struct probe_result attempt_in_user_mode(struct finding *finding, uint32_t instruction, uint32_t r0) {
  code[0] = instruction;
  code[1] = SVC_0;
  publish(2);
  struct probe_result result = probe(call_user_code, r0);
  if (result.kind == EXCEPTION_SVC) {
    result.kind = EXCEPTION_NONE;
    result.value = result.r[0];
  }
  finding->tries++;
  finding->met[result.kind]++;
  if (result.kind != EXCEPTION_NONE) finding->last = result;
  return result;
}

/** LR and SP are banked, r8 to r12 too in FIQ mode: r2 and r3 carry the way back. */
struct probe_result attempt_mode_change(struct finding *finding, uint32_t instruction, uint32_t r0) {
  const uint32_t words[] = {MRS_R2_CPSR, MOV_R3_LR, instruction, MRS_R0_CPSR, MSR_CPSR_R2, BX_R3};
  for (unsigned i = 0; i < 6; i++) code[i] = words[i];
  publish(6);
  return attempt(finding, call_code, r0);
}
