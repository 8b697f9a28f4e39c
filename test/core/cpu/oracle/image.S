@ Test image for the oracle of the system side: enters one instruction per case from Hyp mode and records where it ended.
@ Runs on QEMU's "virt" with virtualization=on and in our interpreter. Cases at INPUT, 16 words each: HCR, HSTR, HDCR, HCPTR, CNTHCTL,
@ CNTKCTL, CPACR, PMUSERENR, SPSR (mode to enter), instruction, what follows it, R0, R1, LR and SPSR of the other modes.
    .syntax unified
    .arch armv7ve
    .arm
    .equ    INPUT, 0x40400000
    .equ    OUTPUT, 0x41000000

    .global _start
_start:
    ldr     sp, =stack
    ldr     r0, =hyp_vectors
    mcr     p15, 4, r0, c12, c0, 0
    ldr     r8, =INPUT
    ldr     r9, =OUTPUT
next_case:
    ldr     r10, [r8, #36]          @ no instruction: the end
    cmp     r10, #0
    beq     finish
    ldr     r0, [r8, #4]
    mcr     p15, 4, r0, c1, c1, 3   @ HSTR
    ldr     r0, [r8, #8]
    mcr     p15, 4, r0, c1, c1, 1   @ HDCR
    ldr     r0, [r8, #12]
    mcr     p15, 4, r0, c1, c1, 2   @ HCPTR
    ldr     r0, [r8, #16]
    mcr     p15, 4, r0, c14, c1, 0  @ CNTHCTL
    ldr     r0, [r8, #20]
    mcr     p15, 0, r0, c14, c1, 0  @ CNTKCTL
    ldr     r0, [r8, #24]
    mcr     p15, 0, r0, c1, c0, 2   @ CPACR
    ldr     r0, [r8, #28]
    mcr     p15, 0, r0, c9, c14, 0  @ PMUSERENR
    ldr     r0, [r8]
    mcr     p15, 4, r0, c1, c1, 0   @ HCR
    mov     r0, #0
    mcr     p15, 4, r0, c5, c2, 0   @ HSR
    ldr     r0, =0xc50078
    mcr     p15, 0, r0, c1, c0, 0   @ SCTLR
    ldr     r0, =pl1_vectors
    mcr     p15, 0, r0, c12, c0, 0  @ VBAR
    ldr     r0, [r8, #52]
    ldr     r1, [r8, #56]
    msr     lr_svc, r0
    msr     spsr_svc, r1
    msr     lr_und, r0
    msr     spsr_und, r1
    msr     lr_abt, r0
    msr     spsr_abt, r1
    mov     lr, r0
    ldr     r1, =target
    str     r10, [r1]
    ldr     r0, [r8, #40]
    str     r0, [r1, #4]
    dsb
    mcr     p15, 0, r0, c7, c5, 0   @ ICIALLU
    isb
    msr     elr_hyp, r1
    ldr     r0, [r8, #32]
    msr     spsr_cxsf, r0
    ldr     r0, [r8, #44]
    ldr     r1, [r8, #48]
    eret

    .align 5
hyp_vectors:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    b       trapped_\n
    .endr

    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
trapped_\n:
    mov     r10, #\n
    b       trapped
    .endr

trapped:
    str     r10, [r9]
    mrc     p15, 4, r10, c5, c2, 0  @ HSR
    str     r10, [r9, #4]
    mrs     r10, elr_hyp
    str     r10, [r9, #8]
    mrs     r10, spsr
    str     r10, [r9, #12]
    str     r0, [r9, #16]
    str     r1, [r9, #20]
    .irp    reg, svc, und, abt
    mrs     r10, lr_\reg
    str     r10, [r9, #24]!
    mrs     r10, spsr_\reg
    str     r10, [r9, #4]!
    sub     r9, r9, #20
    .endr
    sub     r9, r9, #24
    mov     r10, #0
    mcr     p15, 4, r10, c1, c1, 0
    mcr     p15, 4, r10, c1, c1, 3
    add     r8, r8, #64
    add     r9, r9, #64
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

    .align 5
pl1_vectors:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    hvc     #(0x100 + \n)
    .endr

    .align 3
open: .word name, 5, 10
write: .word 0, OUTPUT, 0
name: .asciz "result.bin"
    .ltorg
    .org    0x400
target:
    .space  64
    .space  1024
stack:
