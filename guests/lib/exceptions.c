/* Exception handling in C. Reference: Arm DDI 0406C, B1.8 and B3.13. */
#include "exceptions.h"

#include "console.h"
#include "cp15.h"
#include "hypercall.h"

/* In probe.S */
uint32_t probe_enter(probe_function *function, uint32_t argument, uint32_t *faulted);
extern char probe_landing[];
extern uint32_t probe_stack;

static struct probe_result last_fault;

const char *exception_name(uint32_t kind) {
  static const char *const names[] = {"no exception", "undefined instruction", "supervisor call", "prefetch abort", "data abort"};
  return names[kind];
}

static void describe(uint32_t kind, const struct exception_frame *frame, struct probe_result *result) {
  result->kind = kind;
  result->status = kind == EXCEPTION_DATA_ABORT ? read_DFSR() : kind == EXCEPTION_PREFETCH_ABORT ? read_IFSR() : 0;
  result->address = kind == EXCEPTION_DATA_ABORT ? read_DFAR() : kind == EXCEPTION_PREFETCH_ABORT ? read_IFAR() : 0;
  /* The vector code took 4 off, as suits ARM state; LR_und is the address + 2 in Thumb state. */
  result->pc = frame->pc + (kind == EXCEPTION_UNDEFINED && (frame->cpsr & CPSR_T) ? 2 : 0);
  for (int i = 0; i < 4; i++) result->r[i] = frame->r[i];
}

/** Return from the exception not to where it came from but to probe_landing, in the state of this file's code. */
static void return_to_probe(struct exception_frame *frame) {
  frame->pc = (uint32_t)probe_landing;
  frame->cpsr = MODE_SVC | CPSR_I | CPSR_F;
}

void exception_handle(uint32_t kind, struct exception_frame *frame) {
  describe(kind, frame, &last_fault);
  if (probe_stack != 0) {
    return_to_probe(frame);
    return;
  }
  printf("exception: %s at %08x, status %08x, address %08x\n", exception_name(kind), last_fault.pc, last_fault.status,
         last_fault.address);
  hyp_health_report(HYP_SEVERITY_FATAL, kind);
  psci_system_off();
}

struct probe_result probe(probe_function *function, uint32_t argument) {
  uint32_t interrupts = read_CPSR() & CPSR_I;
  uint32_t faulted = 0;
  uint32_t value = probe_enter(function, argument, &faulted);
  if (!interrupts) unmask_interrupts();
  if (faulted) return last_fault;
  return (struct probe_result){.kind = EXCEPTION_NONE, .value = value};
}
