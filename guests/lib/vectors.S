/* The exception vectors. Every handler runs in SVC mode on the one SVC stack: SRS puts the return state there first, so
   the other modes need no stacks. The frame that is built is `struct exception_frame` of exceptions.h. */
#include "exceptions.h"

        .file   "lib/vectors.S"
        .arm
        .section .vectors, "ax"
        .balign 32
        .global vectors
vectors:
        b       .                       @ reset: not a vector that a running CPU takes
        b       undefined_entry
        b       svc_entry
        b       prefetch_entry
        b       data_entry
        b       .                       @ Hyp trap: never ours
        b       irq_entry
        b       .                       @ FIQ: never enabled

/* The preferred return addresses differ by exception (Arm DDI 0406C, B1.8.3): take the difference off here. */
.macro exception kind, adjust
        sub     lr, lr, #\adjust
        srsdb   sp!, #0x13              @ return address and SPSR, to the SVC stack
        cps     #0x13
        push    {r0-r12, lr}
        mov     r0, #\kind
        mov     r1, sp
        b       common
.endm

undefined_entry:
        exception EXCEPTION_UNDEFINED, 4
svc_entry:
        exception EXCEPTION_SVC, 0
prefetch_entry:
        exception EXCEPTION_PREFETCH_ABORT, 4
data_entry:
        exception EXCEPTION_DATA_ABORT, 8

common:
        mov     r4, sp
        bic     sp, sp, #7              @ the procedure call standard wants 8-byte alignment
        bl      exception_handle
        mov     sp, r4
        pop     {r0-r12, lr}
        rfeia   sp!

/* An interrupt may come in the middle of floating-point work: besides the frame, keep the registers that C may change. */
irq_entry:
        sub     lr, lr, #4
        srsdb   sp!, #0x13
        cps     #0x13
        push    {r0-r12, lr}
        mov     r4, sp
        bic     sp, sp, #7
        vmrs    r5, fpscr
        vpush   {d0-d7}
        vpush   {d16-d31}
        bl      gic_dispatch
        vpop    {d16-d31}
        vpop    {d0-d7}
        vmsr    fpscr, r5
        mov     sp, r4
        pop     {r0-r12, lr}
        rfeia   sp!
