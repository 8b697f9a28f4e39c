@ Breakpoints and watchpoints in monitor debug-mode: which exceptions they cause is printed, a number a line.
    .syntax unified
    .arch armv7ve
    .arm
    .global _start
    .macro  wr reg, crn, crm, op2, value
    ldr     r0, =\value
    mcr     p14, 0, r0, \crn, \crm, \op2
    .endm
_start:
    ldr     sp, =stack
    ldr     r0, =vectors
    mcr     p15, 0, r0, c12, c0, 0
    cps     #0x17
    ldr     sp, =abort_stack
    cps     #0x13
    @ Nothing while the OS lock is closed
    wr      BVR0, c0, c0, 4, target
    wr      BCR0, c0, c0, 5, 0x1e7
    wr      DSCR, c0, c2, 2, 0x8000
    bl      run
    wr      OSLAR, c1, c0, 4, 0
    mrc     p14, 0, r0, c0, c1, 0       @ DBGDSCRint.MDBGen
    and     r0, r0, #0x8000
    bl      print
    bl      run
    @ not in privileged mode, then there alone
    wr      BCR0, c0, c0, 5, 0x1e5
    bl      run
    wr      BCR0, c0, c0, 5, 0x1e3
    bl      run
    @ disabled
    wr      BCR0, c0, c0, 5, 0x1e6
    bl      run
    @ Thumb: byte address select
    wr      BVR0, c0, c0, 4, thumb_target
    wr      BCR0, c0, c0, 5, 0x067
    bl      run_thumb
    wr      BCR0, c0, c0, 5, 0x187
    bl      run_thumb
    wr      BCR0, c0, c0, 5, 0
    @ linked context ID
    mov     r0, #0x42
    mcr     p15, 0, r0, c13, c0, 1
    isb
    wr      BVR0, c0, c0, 4, target
    wr      BCR0, c0, c0, 5, 0x1401e7
    wr      BVR4, c0, c4, 4, 0x42
    wr      BCR4, c0, c4, 5, 0x3001e7
    bl      run
    mov     r0, #0x43
    mcr     p15, 0, r0, c13, c0, 1
    isb
    bl      run
    wr      BCR4, c0, c4, 5, 0
    wr      BCR0, c0, c0, 5, 0
    @ watchpoints: loads, stores, sizes
    wr      WVR0, c0, c0, 6, data
    wr      WCR0, c0, c0, 7, 0x1fef    @ loads
    bl      accesses
    wr      WCR0, c0, c0, 7, 0x1ff7    @ stores
    bl      accesses
    wr      WCR0, c0, c0, 7, 0x05f     @ byte 1: both
    bl      accesses
    wr      WCR0, c0, c0, 7, 0x11f     @ byte 3
    bl      accesses
    @ a mask: 32 bytes
    wr      WCR0, c0, c0, 7, 0x05001fff
    bl      accesses
    @ unprivileged only: LDRT
    wr      WCR0, c0, c0, 7, 0x1ffd
    bl      accesses
    wr      WCR0, c0, c0, 7, 0
    @ a watchpoint linked to a context
    mov     r0, #0x42
    mcr     p15, 0, r0, c13, c0, 1
    isb
    wr      BVR5, c0, c5, 4, 0x42
    wr      BCR5, c0, c5, 5, 0x3001e7
    wr      WCR0, c0, c0, 7, 0x151fff
    ldr     r4, =data
    bl      word_load
    mov     r0, #0
    mcr     p15, 0, r0, c13, c0, 1
    isb
    bl      word_load
    @ no longer, without monitor debug-mode
    wr      WCR0, c0, c0, 7, 0x1fff
    bl      word_load
    wr      DSCR, c0, c2, 2, 0
    bl      word_load
    bkpt
    mov     r0, r10
    bl      print
    ldr     r1, =0x20026
    mov     r0, #0x18
    svc     0x123456
    b       .

    @ goes through the breakpoint's address: r10 becomes the fault status if it is hit
run:
    mov     r11, lr
    mov     r10, #0
    mov     r9, #0
    bl      over
    mov     r0, r10
    bl      print
    mov     r0, r9
    bl      print
    bx      r11
over:
    nop
target:
    nop
    bx      lr

run_thumb:
    mov     r11, lr
    mov     r10, #0
    mov     r9, #0
    blx     thumb_over
    mov     r0, r10
    bl      print
    mov     r0, r9
    bl      print
    bx      r11
    .thumb
    .align 2
thumb_over:
    nop
    nop
thumb_target:
    nop
    nop
    bx      lr
    .arm
    .align 2

word_load:
    mov     r11, lr
    mov     r10, #0
    mov     r9, #0
    ldr     r5, [r4]
    b       show
accesses:
    mov     r12, lr
    ldr     r4, =data
    .irp    insn, "ldr r5, [r4]", "str r5, [r4]", "ldrb r5, [r4]", "ldrb r5, [r4, #1]", "strb r5, [r4, #1]", "ldrh r5, [r4, #2]", "strh r5, [r4]", "ldr r5, [r4, #4]", "ldr r5, [r4, #8]", "ldr r5, [r4, #-4]", "ldrd r6, r7, [r4, #24]", "ldm r4, {r5-r8}", "ldrt r5, [r4]", "str r5, [r4, #32]", "ldrex r5, [r4]"
    mov     r10, #0
    mov     r9, #0
    \insn
    bl      show_both
    .endr
    bx      r12
show_both:
    mov     r11, lr
show:
    mov     r0, r10
    bl      print
    mov     r0, r9
    bl      print
    bx      r11

prefetch_abort:
    mrc     p15, 0, r10, c5, c0, 1
    @ leaves: the breakpoint is stepped over
    sub     r9, lr, #4
    mrs     r0, spsr
    tst     r0, #0x20
    addeq   lr, lr, #0
    subne   lr, lr, #2
    movs    pc, lr
data_abort:
    mrc     p15, 0, r10, c5, c0, 0
    mrc     p15, 0, r9, c6, c0, 0
    subs    pc, lr, #4

print:
    push    {r0-r5, lr}
    ldr     r1, =buffer + 8
    mov     r2, #8
2:  and     r3, r0, #15
    cmp     r3, #10
    addlt   r3, r3, #48
    addge   r3, r3, #87
    strb    r3, [r1, #-1]!
    lsr     r0, r0, #4
    subs    r2, r2, #1
    bne     2b
    mov     r0, #4
    svc     0x123456
    pop     {r0-r5, pc}
    .ltorg
    .align 5
vectors:
    b       .
    b       .
    b       .
    b       prefetch_abort
    b       data_abort
    b       .
    b       .
    b       .
buffer: .ascii "00000000\n\0"
    .align 8
    .space  256
data:
    .space  256
    .space  1024
stack:
    .space  256
abort_stack:
