/* The recovery point of exceptions.c's probe(): a small setjmp and longjmp. */
        .file   "lib/probe.S"
        .arm
        .text

/* uint32_t probe_enter(function, argument, uint32_t *faulted) */
        .global probe_enter
        .type   probe_enter, %function
probe_enter:
        push    {r2, r4-r11, lr}
        vpush   {d8-d15}
        ldr     r3, =probe_stack
        str     sp, [r3]
        mov     r3, r0
        mov     r0, r1
        blx     r3
        b       leave

/* An exception's handler returns here, with everything but the mode unknown. */
        .global probe_landing
probe_landing:
        ldr     r3, =probe_stack
        ldr     sp, [r3]
        mov     r0, #(1 << 30)          @ the function may have switched the VFP off
        vmsr    fpexc, r0
        clrex                           @ or have left an exclusive access open
        ldr     r2, [sp, #64]           @ the `faulted` that was pushed, above d8-d15
        mov     r1, #1
        str     r1, [r2]

leave:  ldr     r3, =probe_stack
        mov     r1, #0
        str     r1, [r3]
        vpop    {d8-d15}
        pop     {r2, r4-r11, pc}

        .bss
        .balign 4
        .global probe_stack             @ zero: no probe is running
probe_stack:
        .space  4
