/* What all of rogue's attacks share. */
#ifndef ROGUE_H
#define ROGUE_H

#include <stdbool.h>
#include <stdint.h>

#include "exceptions.h"
#include "mmu.h"

/** What one attack met. */
struct finding {
  uint32_t tries;
  uint32_t met[EXCEPTION_DATA_ABORT + 1]; /* by EXCEPTION_…; EXCEPTION_NONE: it completed */
  struct probe_result last;               /* the last fault */
  bool breach;
  char note[160];
};

typedef void attack_function(struct finding *finding);

/* attempt.c: the ways to try something */

/** Say more about what was met. */
void note(struct finding *finding, const char *format, ...);

/** It got something that it must not have. The first breach is the one that is told. */
void breach(struct finding *finding, const char *format, ...);

/** function(argument), counted. */
struct probe_result attempt(struct finding *finding, probe_function *function, uint32_t argument);

/** The same; to complete is a breach. */
void must_fault(struct finding *finding, probe_function *function, uint32_t argument);

/** must_fault(function, ipa), after the MiB around `ipa` was mapped one to one in our own stage 1. Skips what is ours. */
void must_not_reach(struct finding *finding, probe_function *function, uint32_t ipa);

/** A probe_function that loads a word. */
uint32_t read_word(uint32_t address);

/* The partition's own memory, as the device tree tells it */
struct territory {
  uint32_t ram_end;
  uint32_t tree, tree_bytes; /* the device tree itself */
};
extern struct territory own;
bool is_mine(uint32_t ipa);

/* machine_code.c: instructions made at run time */

#define BX_LR 0xe12fff1e
#define SVC_0 0xef000000

uint32_t mrc(uint32_t coprocessor, uint32_t opc1, uint32_t CRn, uint32_t CRm, uint32_t opc2);
uint32_t mcr(uint32_t coprocessor, uint32_t opc1, uint32_t CRn, uint32_t CRm, uint32_t opc2);
uint32_t mrrc(uint32_t coprocessor, uint32_t opc1, uint32_t CRm);
uint32_t mcrr(uint32_t coprocessor, uint32_t opc1, uint32_t CRm);

void code_start(void);

/** Run one instruction in SVC mode. r0 goes in and, in `value`, comes out. */
struct probe_result attempt_instruction(struct finding *finding, uint32_t instruction, uint32_t r0);

/** Run instruction(0) to instruction(count - 1), those that are not 0, in SVC mode with r0 = 0; `check` sees each result. */
struct sweep {
  uint32_t count;
  uint32_t (*instruction)(uint32_t number);
  void (*check)(struct finding *finding, uint32_t number, struct probe_result result);
};
void attempt_sweep(struct finding *finding, const struct sweep *sweep);

/** One instruction in User mode. */
struct probe_result attempt_in_user_mode(struct finding *finding, uint32_t instruction, uint32_t r0);

/** Run an instruction that may change the mode. `value` is the CPSR after it. */
struct probe_result attempt_mode_change(struct finding *finding, uint32_t instruction, uint32_t r0);

/* The attacks, by file */
attack_function read_unmapped, write_unmapped, execute_unmapped, last_page, neighbour_memory, beyond_width, walk_unmapped,
    walk_device, mmu_off, cross_page, channel_write;                                                              /* stage2.c */
attack_function hyp_registers, secure_registers, physical_timer, smc_calls, user_mode, hvc_unknown, it_block, cp15_reads,
    cp15_writes, cp14_reads, other_coprocessors;                                                                   /* traps.c */
attack_function cps_modes, msr_modes, return_to_hyp, banked_registers, store_return_state, illegal_state;          /* modes.c */
attack_function device_odd_loads, device_odd_stores, device_big_endian, device_execute;                    /* device_access.c */
attack_function gic_reads, gic_writes, sgi_wild, sgi_storm, interrupts_beyond, foreign_interrupts, timer_compare,
    masked_wfi;                                                                                               /* interrupts.c */
attack_function console_pointers, console_sizes, random_arguments, foreign_channels, psci_bad, console_escapes,
    error_storm, doorbell_storm;                                                                                   /* calls.c */
attack_function first_run, registers_kept, floating_point_kept, cache_set_way, cache_by_address, tlb_storm, translation_leak;                                                                                                    /* state.c */

#endif
