/* What the guest's exits are answered with. Reference: Arm DDI 0406C, B3.13.6 (HSR). */
#include <stdint.h>

#include "cp15.h"
#include "hyp.h"
#include "hyp_abi.h"

CP15_READ(HSR, 4, c5, c2, 0)
CP15_READ(HPFAR, 4, c6, c0, 4)
CP15_READ(HDFAR, 4, c6, c0, 0)

#define EC_HVC        0x12
#define EC_DATA_ABORT 0x24
#define ISS_ISV       (1u << 24)
#define ISS_WNR       (1u << 6)
#define UARTFR        0x18
#define UARTFR_EMPTY  0x90

struct frame {
  uint32_t r[13], lr;
};

void hyp_exit(struct frame *frame);

/** By HVC the guest reaches us, by SMC we reach the firmware. */
static void forward(struct frame *frame) {
  register uint32_t r0 __asm__("r0") = frame->r[0];
  __asm__ volatile(".arch_extension sec\n\tsmc #0" : "+r"(r0) : : "r1", "r2", "r3", "memory");
  frame->r[0] = r0;
}

static void answer_call(struct frame *frame) {
  if (frame->r[0] == PSCI_VERSION) frame->r[0] = 0x10001;
  else forward(frame);
}

static void skip_instruction(uint32_t hsr) {
  uint32_t pc;
  __asm__ volatile(".arch_extension virt\n\tmrs %0, elr_hyp" : "=r"(pc));
  pc += hsr >> 25 & 1 ? 4 : 2;
  __asm__ volatile(".arch_extension virt\n\tmsr elr_hyp, %0" : : "r"(pc));
}

static void emulate(struct frame *frame, uint32_t hsr) {
  uint32_t ipa = (read_HPFAR() << 8 & ~0xfffu) | (read_HDFAR() & 0xfff), target = hsr >> 16 & 15;
  while (!(hsr & ISS_ISV) || (ipa & ~0xfffu) != HYP_UART || target > 12) { /* nothing else is expected */
  }
  if (!(hsr & ISS_WNR)) frame->r[target] = (ipa & 0xfff) == UARTFR ? UARTFR_EMPTY : 0;
  skip_instruction(hsr);
}

void hyp_exit(struct frame *frame) {
  uint32_t hsr = read_HSR();
  switch (hsr >> 26) {
    case EC_HVC: answer_call(frame); break;
    case EC_DATA_ABORT: emulate(frame, hsr); break;
    default: for (;;) wait_for_interrupt();
  }
}
