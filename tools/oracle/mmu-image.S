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

@ What a case executes, four words each, from PL1, User or Hyp mode: r0 = address, r1 = value. KINDS in mmu-layout.ts has the same order.
    .macro  stub first, second=nop
    \first
    \second
    svc     #1
    nop
    .endm
    .macro  translation op
    mcr     p15, 0, r0, c7, c8, \op
    hvc     #7
    nop
    nop
    .endm
    .global stubs
stubs:
    stub    "ldr r1, [r0]"
    stub    "str r1, [r0]"
    stub    "ldrt r1, [r0]"
    stub    "strt r1, [r0]"
    stub    "ldrb r1, [r0]"
    stub    "strb r1, [r0]"
    stub    "ldrh r1, [r0]"
    stub    "strh r1, [r0]"
    stub    "ldrd r2, r3, [r0]"
    stub    "strd r2, r3, [r0]"
    stub    "ldm r0, {r1-r4}"
    stub    "stm r0, {r1-r4}"
    stub    "ldrex r1, [r0]"
    stub    "ldrex r2, [r0]", "strex r2, r1, [r0]"
    stub    "ldrexd r2, r3, [r0]"
    stub    "pld [r0]"
    stub    "mcr p15, 0, r0, c7, c10, 1"
    stub    "mcr p15, 0, r0, c7, c6, 1"
    stub    "mcr p15, 0, r0, c7, c5, 1"
    translation 0
    translation 1
    translation 2
    translation 3

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

@ Enters another mode at r2 with r0 and r1 as they are, r3 = SPSR, HSCTLR from the stack. Comes back from here as a number of what happened.
    .global enter
enter:
    push    {r4-r11, lr}
    mrc     p15, 4, r5, c1, c0, 0
    ldr     r6, =saved_stack
    str     sp, [r6]
    ldr     r6, [sp, #36]
    msr     ELR_hyp, r2
    msr     SPSR_cxsf, r3
    mov     r4, #0x44
    mcr     p15, 4, r6, c1, c0, 0
    isb
    eret

@ Any exception to Hyp mode: HSCTLR of before is in r5, which no stub changes.
trapped:
    setend  le
    mcr     p15, 4, r5, c1, c0, 0
    isb
    ldr     r6, =saved_stack
    ldr     sp, [r6]
    ldr     r6, =values
    stm     r6, {r1-r4}
    mrc     p15, 4, r0, c5, c2, 0   @ HSR
    lsr     r1, r0, #26
    cmp     r1, #0x12
    uxtheq  r0, r0                  @ HVC: its number
    beq     1f
    cmp     r1, #0x11
    movne   r0, #0x10
    bne     1f
    uxth    r0, r0
    cmp     r0, #1                  @ SVC in Hyp mode: a stub's, or one of the target memory
    movne   r0, #2
1:  pop     {r4-r11, pc}

start:
    ldr     sp, =0x40180000
    adr     r0, hyp_vectors
    mcr     p15, 4, r0, c12, c0, 0  @ HVBAR
    adr     r0, pl1_vectors
    mcr     p15, 0, r0, c12, c0, 0  @ VBAR
    b       run
    .ltorg

    .section .cases, "a"
    .incbin "cases.bin"
