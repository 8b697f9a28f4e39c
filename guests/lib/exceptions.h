/* Exceptions, and `probe`: run something that may fault, and live to tell. */
#ifndef EXCEPTIONS_H
#define EXCEPTIONS_H

#define EXCEPTION_NONE           0
#define EXCEPTION_UNDEFINED      1
#define EXCEPTION_SVC            2
#define EXCEPTION_PREFETCH_ABORT 3
#define EXCEPTION_DATA_ABORT     4

#ifndef __ASSEMBLER__
#include <stdint.h>

/** What vectors.S leaves on the SVC stack. */
struct exception_frame {
  uint32_t r[13];
  uint32_t lr; /* LR_svc, whatever mode the exception came from */
  uint32_t pc;
  uint32_t cpsr;
};

/** How a probe ended. */
struct probe_result {
  uint32_t kind;    /* EXCEPTION_… */
  uint32_t status;  /* DFSR or IFSR */
  uint32_t address; /* DFAR or IFAR */
  uint32_t pc;      /* of the instruction that faulted */
  uint32_t r[4];    /* r0 to r3 at the fault: what had already been loaded */
  uint32_t value;   /* what the function returned, if nothing faulted */
};

typedef uint32_t probe_function(uint32_t argument);

/**
 * Call function(argument). If it takes an exception, abandon it, put the stack, r4-r11, d8-d15 and SVC mode back, and say
 * what happened. Probes do not nest.
 */
struct probe_result probe(probe_function *function, uint32_t argument);

void exception_handle(uint32_t kind, struct exception_frame *frame);

const char *exception_name(uint32_t kind);

#endif
#endif
