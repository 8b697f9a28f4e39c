/* The attacks that only assembly can express. */
        .file   "rogue/state_change.S"
        .syntax unified
        .arch_extension virt
        .arm
        .text

.macro function name
        .global \name
        .type   \name, %function
\name:
.endm

/* uint32_t call_in_user_mode(r0, code): drops to User mode at `code`. It comes back by an exception only. */
function call_in_user_mode
        mov     r2, #0x10
        msr     spsr_cxsf, r2
        mov     lr, r1
        movs    pc, lr

/* uint32_t return_by_movs(psr): an exception return to that PSR. Returns the CPSR it found itself with. */
function return_by_movs
        mov     r3, lr
        mrs     r2, cpsr
        msr     spsr_cxsf, r0
        ldr     lr, =landed
        movs    pc, lr

/* uint32_t return_by_rfe(psr): the same by RFE. */
function return_by_rfe
        mov     r3, lr
        mrs     r2, cpsr
        ldr     r1, =landed
        push    {r0, r1}
        mov     r0, sp
        add     sp, sp, #8
        ldr     r1, [r0]
        str     r1, [r0, #4]            @ RFE wants the PC first, the PSR after it
        ldr     r1, =landed
        str     r1, [r0]
        rfeia   r0

/* Wherever the return went, r2 and r3 are not banked. */
landed: mrs     r0, cpsr
        msr     cpsr_c, r2
        bx      r3

/* uint32_t call_keeps_registers(function id): 1 if a hypercall changed r4-r11, SP, LR or a flag. */
function call_keeps_registers
        push    {r4-r11, lr}
        movw    r4, #0x4444
        movw    r5, #0x5555
        movw    r6, #0x6666
        movw    r7, #0x7777
        movw    r8, #0x8888
        movw    r9, #0x9999
        movw    r10, #0xaaaa
        mov     r11, sp
        movw    lr, #0xeeee
        movs    r12, #0                 @ Z set, N clear
        hvc     #0
        movne   r12, #1
        movmi   r12, #1
        cmp     r11, sp
        movne   sp, r11
        movne   r12, #1
        movw    r0, #0xeeee
        cmp     lr, r0
        movw    r0, #0x4444
        cmpeq   r4, r0
        movw    r0, #0x5555
        cmpeq   r5, r0
        movw    r0, #0x6666
        cmpeq   r6, r0
        movw    r0, #0x7777
        cmpeq   r7, r0
        movw    r0, #0x8888
        cmpeq   r8, r0
        movw    r0, #0x9999
        cmpeq   r9, r0
        movw    r0, #0xaaaa
        cmpeq   r10, r0
        movne   r12, #1
        mov     r0, r12
        pop     {r4-r11, pc}

/* uint32_t fill_and_yield(function id): sets d0-d31 and FPSCR, gives up the processor, counts what is different after. */
function fill_and_yield
        push    {r4, lr}
        vpush   {d8-d15}
        mov     r4, r0
        movw    r1, #0x1234
        .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        add     r1, r1, #\n
        mvn     r2, r1
        vmov    d\n, r1, r2
        .endr
        vmrs    r3, fpscr
        orr     r2, r3, #(3 << 22)      @ round towards zero: not what anyone starts with
        vmsr    fpscr, r2
        push    {r2, r3}
        mov     r0, r4
        mov     r1, #0
        mov     r2, #0
        mov     r3, #0
        hvc     #0
        pop     {r2, r3}
        mov     r4, #0
        vmrs    r1, fpscr
        cmp     r1, r2
        addne   r4, r4, #1
        vmsr    fpscr, r3
        movw    r1, #0x1234
        .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        add     r1, r1, #\n
        vmov    r2, r3, d\n
        mvn     r12, r1
        cmp     r2, r1
        cmpeq   r3, r12
        addne   r4, r4, #1
        .endr
        mov     r0, r4
        vpop    {d8-d15}
        pop     {r4, pc}

/* uint32_t it_block_load(address): an emulated load in the middle of an IT block. Returns 0 if the block went on rightly. */
        .thumb
        .thumb_func
function it_block_load
        mov     r1, r0
        ldr     r3, [r1]                @ what is right
        movs    r0, #0
        movs    r2, #0
        cmp     r0, r0                  @ Z
        itete   eq
        ldreq   r2, [r1]
        addne   r0, r0, #1              @ must be skipped
        addeq   r0, r0, #4
        addne   r0, r0, #1
        cmp     r2, r3
        it      ne
        addne   r0, r0, #8
        subs    r0, r0, #4
        bx      lr

/* uint32_t it_block_skip(address): accesses and traps whose condition fails are not made at all. */
        .thumb_func
function it_block_skip
        movs    r1, #1
        movs    r2, #0
        cmp     r1, #0                  @ not Z
        itttt   eq
        ldreq   r2, [r0]
        mrceq   p15, 4, r2, c1, c1, 0   @ HCR
        mrceq   p15, 0, r2, c1, c0, 1   @ ACTLR
        addeq   r1, r1, #1
        mov     r0, r2
        it      ne
        subne   r1, r1, #1
        orr     r0, r0, r1
        bx      lr
