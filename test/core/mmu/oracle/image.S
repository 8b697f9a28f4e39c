@ Test image for the MMU oracle: runs in Hyp mode from flash at address 0 (QEMU "virt", virtualization=on, -bios).
@ Everything that must stay executable while random tables are in force lies in the first page, which every scenario maps flat.
    .syntax unified
    .arch armv7ve
    .arm
    .section .text.first, "ax"

    .global _start
_start:
    b       start
    .org    0x20
@ Hyp vectors: all entries lead to trapped; the ones that matter are data abort, prefetch abort (from Hyp) and the trap entry.
hyp_vectors:
    .rept 8
    b       trapped
    .endr
    .org    0x40
@ PL1 vectors: each tells Hyp mode its number.
pl1_vectors:
    hvc     #8
    hvc     #9
    hvc     #2                      @ SVC: what the target memory is full of
    hvc     #4                      @ prefetch abort
    hvc     #3                      @ data abort
    hvc     #10
    hvc     #11
    hvc     #12

@ Accesses made at PL1: r0 = address, r1 = value.
    .global stubs
stubs:
    ldr     r1, [r0]
    hvc     #1
    str     r1, [r0]
    hvc     #1
    ldrt    r1, [r0]
    hvc     #1
    strt    r1, [r0]
    hvc     #1
    mcr     p15, 0, r0, c7, c8, 0   @ ATS1CPR
    hvc     #7
    mcr     p15, 0, r0, c7, c8, 1   @ ATS1CPW
    hvc     #7
    mcr     p15, 0, r0, c7, c8, 2   @ ATS1CUR
    hvc     #7
    mcr     p15, 0, r0, c7, c8, 3   @ ATS1CUW
    hvc     #7

@ Address translation from Hyp mode, with HSCTLR.M perhaps set meanwhile. r0 = address, r1 = operation, r2 = HSCTLR, r3 = HSCTLR for afterwards.
    .global translate
translate:
    push    {r4-r11, lr}
    mov     r5, r3
    adr     r4, operations
    add     r4, r4, r1, lsl #3
    ldr     r6, =saved_stack
    str     sp, [r6]
    mcr     p15, 4, r2, c1, c0, 0
    isb
    bx      r4
operations:
    mcr     p15, 0, r0, c7, c8, 0
    b       translated
    mcr     p15, 0, r0, c7, c8, 1
    b       translated
    mcr     p15, 0, r0, c7, c8, 2
    b       translated
    mcr     p15, 0, r0, c7, c8, 3
    b       translated
    mcr     p15, 0, r0, c7, c8, 4   @ ATS12NSOPR
    b       translated
    mcr     p15, 0, r0, c7, c8, 5
    b       translated
    mcr     p15, 0, r0, c7, c8, 6
    b       translated
    mcr     p15, 0, r0, c7, c8, 7
    b       translated
    mcr     p15, 4, r0, c7, c8, 0   @ ATS1HR
    b       translated
    mcr     p15, 4, r0, c7, c8, 1   @ ATS1HW
    b       translated
translated:
    isb
    mcr     p15, 4, r5, c1, c0, 0
    isb
    mov     r0, #0
    pop     {r4-r11, pc}

@ Enters another mode at r2 with r0 and r1 as they are, r3 = SPSR. Comes back from here as a number of what happened.
    .global enter
enter:
    push    {r4-r11, lr}
    mrc     p15, 4, r5, c1, c0, 0
    ldr     r6, =saved_stack
    str     sp, [r6]
    msr     ELR_hyp, r2
    msr     SPSR_cxsf, r3
    eret

@ Any exception to Hyp mode: HSCTLR of before is in r5, which no stub changes.
trapped:
    setend  le
    mcr     p15, 4, r5, c1, c0, 0
    isb
    ldr     r6, =saved_stack
    ldr     sp, [r6]
    ldr     r6, =value
    str     r1, [r6]
    mrc     p15, 4, r0, c5, c2, 0   @ HSR
    lsr     r1, r0, #26
    cmp     r1, #0x12
    uxtheq  r0, r0                  @ HVC: its number
    movne   r0, #0x10
    pop     {r4-r11, pc}

start:
    ldr     sp, =0x40180000
    adr     r0, hyp_vectors
    mcr     p15, 4, r0, c12, c0, 0  @ HVBAR
    adr     r0, pl1_vectors
    mcr     p15, 0, r0, c12, c0, 0  @ VBAR
    b       run
    .ltorg
