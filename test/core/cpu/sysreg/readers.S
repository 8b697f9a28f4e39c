@ Test image: executes one instruction per case in any mode of either security state, and records how it ended.
@ Runs on QEMU's "virt" with secure=on,virtualization=on and in our interpreter, from Secure Supervisor mode at reset.
@ Cases at INPUT, 4 words each: CPSR, SCR, instruction, what follows it. Records at OUTPUT, 4 words: R11 (the vector), R0, R1, HSR.
    .syntax unified
    .arch armv7ve
    .arm
    .equ    INPUT, 0x40400000
    .equ    OUTPUT, 0x42000000

    .global _start
_start:
    cps     #0x16                   @ Monitor mode
    ldr     r0, =mon_vectors
    mcr     p15, 0, r0, c12, c0, 1  @ MVBAR
    ldr     r0, =pl1_vectors
    mcr     p15, 0, r0, c12, c0, 0  @ VBAR, both copies
    ldr     r1, =0x101              @ NS, HCE
    mcr     p15, 0, r1, c1, c1, 0
    isb
    mcr     p15, 0, r0, c12, c0, 0
    ldr     r0, =hyp_vectors
    mcr     p15, 4, r0, c12, c0, 0  @ HVBAR
    ldr     r0, =0x303
    mcr     p15, 0, r0, c14, c1, 0  @ CNTKCTL
    ldr     r8, =INPUT
    ldr     r9, =OUTPUT
next_case:
    ldr     r10, [r8, #8]           @ no instruction: the end
    cmp     r10, #0
    beq     finish
    ldr     r1, =target
    str     r10, [r1]
    ldr     r0, [r8, #12]
    str     r0, [r1, #4]
    dsb
    mcr     p15, 0, r0, c7, c5, 0   @ ICIALLU
    isb
    ldr     r0, =0x101
    mcr     p15, 0, r0, c1, c1, 0
    mov     r0, #0
    mcr     p15, 4, r0, c5, c2, 0   @ HSR
    ldr     r0, [r8, #4]
    mcr     p15, 0, r0, c1, c1, 0   @ SCR
    isb
    ldr     r2, =state
    stm     r2, {r8, r9}
    ldr     r0, [r8]
    msr     spsr_cxsf, r0
    mov     lr, r1
    mov     r11, #0
    ldr     r0, =0x5a5a5a5a
    mov     r1, r0
    movs    pc, lr

    .align 5
pl1_vectors:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    b       pl1_\n
    .endr
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
pl1_\n:
    ldr     r11, =(0x100 + \n)
    smc     #0
    .endr
    .align 5
hyp_vectors:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    b       hyp_\n
    .endr
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
hyp_\n:
    ldr     r11, =(0x200 + \n)
    smc     #0
    .endr
    .ltorg
    .align 5
mon_vectors:
    b       .
    b       .
    b       record
    b       .
    b       .
    b       .
    b       .
    b       .

record:
    ldr     r10, =state
    ldm     r10, {r8, r9}
    str     r11, [r9]
    str     r0, [r9, #4]
    str     r1, [r9, #8]
    ldr     r0, =0x101
    mcr     p15, 0, r0, c1, c1, 0
    isb
    mrc     p15, 4, r0, c5, c2, 0
    str     r0, [r9, #12]
    add     r8, r8, #16
    add     r9, r9, #16
    b       next_case

finish:
    ldr     r1, =open
    mov     r0, #1
    svc     0x123456
    ldr     r1, =write
    str     r0, [r1]
    ldr     r2, =OUTPUT
    sub     r2, r9, r2
    str     r2, [r1, #8]
    mov     r0, #5
    svc     0x123456
    ldr     r1, =0x20026
    mov     r0, #0x18
    svc     0x123456
    b       .

    .align 3
state: .word 0, 0
open: .word name, 5, 10
write: .word 0, OUTPUT, 0
name: .asciz "result.bin"
    .ltorg
    .align 6
target:
    .space  64
