@ Performance monitors: what they count is printed, a number a line.
    .syntax unified
    .arch armv7ve
    .arm
    .global _start
    .macro show
    bl      print
    .endm
_start:
    ldr     sp, =stack
    ldr     r0, =vectors
    mcr     p15, 0, r0, c12, c0, 0
    @ 1: cycles and instructions over a loop
    mov     r0, #0x7
    mcr     p15, 0, r0, c9, c12, 0      @ PMCR: E P C
    ldr     r0, =0x8000003f
    mcr     p15, 0, r0, c9, c12, 1
    ldr     r4, =0x08
    bl      select0
    mrc     p15, 0, r5, c9, c13, 0
    mrc     p15, 0, r6, c9, c13, 2
    mov     r0, #100
1:  subs    r0, r0, #1
    bne     1b
    mrc     p15, 0, r7, c9, c13, 0
    mrc     p15, 0, r8, c9, c13, 2
    sub     r0, r7, r5
    show
    sub     r0, r8, r6
    show
    @ 2: user mode filter: U=1 (do not count in PL0)
    ldr     r4, =0x40000008
    bl      select0
    mrc     p15, 0, r6, c9, c13, 2
    bl      user_loop
    mrc     p15, 0, r8, c9, c13, 2
    sub     r0, r8, r6
    show
    ldr     r4, =0x80000008
    bl      select0
    mrc     p15, 0, r6, c9, c13, 2
    bl      user_loop
    mrc     p15, 0, r8, c9, c13, 2
    sub     r0, r8, r6
    show
    ldr     r4, =0x00000008
    bl      select0
    mrc     p15, 0, r6, c9, c13, 2
    bl      user_loop
    mrc     p15, 0, r8, c9, c13, 2
    sub     r0, r8, r6
    show
    @ 3: divider
    mov     r0, #0xd                     @ E, C, D
    mcr     p15, 0, r0, c9, c12, 0
    ldr     r0, =1000
1:  subs    r0, r0, #1
    bne     1b
    mrc     p15, 0, r0, c9, c13, 0
    show
    mov     r0, #1
    mcr     p15, 0, r0, c9, c12, 0
    @ 4: software increment and overflow
    ldr     r4, =0
    bl      select0
    ldr     r0, =0xfffffffe
    mcr     p15, 0, r0, c9, c13, 2
    mov     r0, #1
    mcr     p15, 0, r0, c9, c12, 4
    mcr     p15, 0, r0, c9, c12, 4
    mcr     p15, 0, r0, c9, c12, 4
    mrc     p15, 0, r0, c9, c13, 2
    show
    mrc     p15, 0, r0, c9, c12, 3
    show
    mov     r0, #1
    mcr     p15, 0, r0, c9, c12, 3
    mrc     p15, 0, r0, c9, c12, 3
    show
    @ 5: PMCR reset of counters, PMXEVTYPER's mask, PMCR itself
    mvn     r4, #0
    bl      select0
    mrc     p15, 0, r0, c9, c13, 1
    show
    mov     r0, #31
    mcr     p15, 0, r0, c9, c12, 5
    mvn     r0, #0
    mcr     p15, 0, r0, c9, c13, 1
    mrc     p15, 0, r0, c9, c13, 1
    show
    mov     r0, #0
    mcr     p15, 0, r0, c9, c13, 1
    mvn     r0, #0
    mcr     p15, 0, r0, c9, c12, 0
    mrc     p15, 0, r0, c9, c12, 0
    show
    mrc     p15, 0, r0, c9, c12, 1
    show
    mvn     r0, #0
    mcr     p15, 0, r0, c9, c14, 1
    mrc     p15, 0, r0, c9, c14, 1
    show
    mcr     p15, 0, r0, c9, c14, 2
    @ 6: overflow interrupt: cycles
    mov     r0, #1
    mcr     p15, 0, r0, c9, c12, 0
    ldr     r1, =0x08000000
    mov     r0, #1
    str     r0, [r1]
    mov     r0, #(1 << 23)
    str     r0, [r1, #0x100]
    ldr     r2, =0x08010000
    mov     r0, #0xff
    str     r0, [r2, #4]
    mov     r0, #1
    str     r0, [r2]
    mvn     r0, #0
    mcr     p15, 0, r0, c9, c12, 3
    ldr     r0, =0xfffffc18
    mcr     p15, 0, r0, c9, c13, 0
    mov     r0, #(1 << 31)
    mcr     p15, 0, r0, c9, c14, 1
    mov     r9, #0
    cpsie   i
    ldr     r0, =2000
1:  subs    r0, r0, #1
    bne     1b
    cpsid   i
    mov     r0, r9
    show
    mov     r0, r10
    show
    mov     r0, r11
    show
    ldr     r1, =0x20026
    mov     r0, #0x18
    svc     0x123456
    b       .

select0:
    mov     r0, #0
    mcr     p15, 0, r0, c9, c12, 5
    mcr     p15, 0, r4, c9, c13, 1
    bx      lr

user_loop:
    mov     r12, lr
    ldr     r0, =50
    cps     #0x10
1:  subs    r0, r0, #1
    bne     1b
    svc     #1
    .align 3
svc_handler:
    mov     lr, r12
    bx      lr

irq_handler:
    ldr     r1, =0x08010000
    ldr     r10, [r1, #0xc]
    mrc     p15, 0, r11, c9, c12, 3
    mcr     p15, 0, r11, c9, c12, 3
    str     r10, [r1, #0x10]
    mov     r9, #1
    subs    pc, lr, #4

print:  @ r0 in hex and newline by SYS_WRITE0
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
    b       svc_handler
    b       .
    b       .
    b       .
    b       irq_handler
    b       .
buffer: .ascii "00000000\n\0"
    .align 3
    .space 1024
stack:
