/* Entered in Hyp mode: sets up stage 2, vectors and a stack, and drops to the guest's _start in SVC mode.
   Reference: Arm DDI 0406C, B3.6 (stage 2), B1.8.11 (Hyp traps), B4.1 (registers). */
        .file   "bench/hyp.S"
        .arch   armv7ve
        .arch_extension virt
        .arm
        .section .start, "ax"
        .global hyp_start
        .type   hyp_start, %function
hyp_start:
        mrs     r0, cpsr
        and     r0, r0, #0x1f
        cmp     r0, #0x1a               @ not in Hyp mode: the guest would find nobody
        bne     .
        ldr     sp, =hyp_stack_top
        ldr     r0, =hyp_vectors
        mcr     p15, 4, r0, c12, c0, 0  @ HVBAR
        ldr     r0, =hyp_level1
        mov     r1, #(1 << 16)          @ VMID 1
        mcrr    p15, 6, r0, r1, c2      @ VTTBR
        ldr     r0, =0x80003540         @ write-back, inner shareable walks; SL0 = 1: from level 1; T0SZ = 0
        mcr     p15, 4, r0, c2, c1, 2   @ VTCR
        mcr     p15, 4, r0, c8, c7, 4   @ TLBIALLNSNH
        dsb
        mov     r0, #1                  @ HCR.VM alone: interrupts are the guest's own business
        mcr     p15, 4, r0, c1, c1, 0
        mov     r0, #0
        mcr     p15, 4, r0, c1, c1, 2   @ HCPTR: no traps of floating point
        isb
        ldr     r0, =_start
        msr     elr_hyp, r0
        mov     r0, #0xd3               @ SVC, interrupts masked
        msr     spsr_cxsf, r0
        eret

        .text
        .balign 32
hyp_vectors:
        b       .
        b       .
        b       .                       @ HVC from Hyp mode itself
        b       .
        b       .
        b       hyp_entry               @ Hyp trap, HVC from the guest
        b       .
        b       .

hyp_entry:
        push    {r0-r12, lr}
        mov     r0, sp
        bl      hyp_exit
        pop     {r0-r12, lr}
        eret

        .section .rodata
/* Level 1: the first GiB by 2 MiB blocks, the second as one block of normal memory. */
        .balign 32
hyp_level1:
        .word   hyp_level2 + 3, 0
        .word   0x400007fd, 0           @ AF, inner shareable, read and write, write-back
        .word   0, 0, 0, 0
        .balign 4096
hyp_level2:
        .set    at, 0
        .rept   512
        .if     at == 0x0b000000 & ~0x1fffff
        .word   0, 0
        .else
        .word   at + 0x4c5, 0           @ AF, read and write, device
        .endif
        .set    at, at + 0x200000
        .endr

        .section .stacks, "aw", %nobits
        .balign 8
        .space  1024
hyp_stack_top:
