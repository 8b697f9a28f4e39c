/** Programs that change their own code, and those whose accesses abort. R10 is an address of data, SP another; programs end with WFI. What aborts is passed over. */

export const SELF_MODIFYING = {
  'a store to the next instruction': `
    mov r5, #12
    adr r6, 2f
    mov r0, r10
    ldr r1, =0xe2844064 @ add r4, r4, #100
  1: cmp r5, #3
    movle r0, r6
    str r1, [r0]
  2: add r4, r4, #1
    subs r5, r5, #1
    bne 1b`,
  'stores beside code, so many that its page counts as data, and then to the code': `
    mov r5, #9
    adr r0, 8f
    ldr r1, [r0]
    add r0, r0, r1
    ldr r1, [r0]
  1: mov r2, #150
  2: str r2, [r0, #64]
    subs r2, r2, #1
    bne 2b
    add r1, r1, #1
    str r1, [r0]
    mov r3, #20
  3: blx r0
    subs r3, r3, #1
    bne 3b
    subs r5, r5, #1
    bne 1b
    b 9f
  8: .word 7f - 8b
    .balign 4096
  7: add r4, r4, #1
    bx lr
    .space 128
  9: nop`,
  'stores to the page in hand, so many that it counts as data, and then to the next instruction': `
    mov r5, #8
    adr r6, 2f
    adr r0, 3f
    ldr r1, =0xe2844064 @ add r4, r4, #100
  1: .rept 40
    str r5, [r0]
    .endr
    cmp r5, #3
    streq r1, [r6]
  2: add r4, r4, #1
    subs r5, r5, #1
    bne 1b
    b 9f
  3: .word 0
  9: nop`,
  'VST1 to the next instruction': `
    mov r5, #12
    adr r6, 2f
    mov r0, r10
    ldr r1, =0xe2844064
    vmov.32 d0[0], r1
  1: cmp r5, #3
    movle r0, r6
    vst1.32 {d0[0]}, [r0]
  2: add r4, r4, #1
    subs r5, r5, #1
    bne 1b`,
  'STREX to an instruction of the same block': `
    mov r5, #12
    adr r6, 2f
    mov r0, r10
    ldr r1, =0xe2844064
  1: cmp r5, #3
    movle r0, r6
    ldrex r2, [r0]
    strex r2, r1, [r0]
    add r7, r7, #1
  2: add r4, r4, #1
    subs r5, r5, #1
    bne 1b`,
  'STRT and SWP to the next instruction': `
    mov r5, #12
    adr r6, 2f
    adr r9, 3f
    mov r0, r10
    mov r8, r10
    ldr r1, =0xe2844064
  1: cmp r5, #6
    movle r0, r6
    cmp r5, #3
    movle r8, r9
    strt r1, [r0]
  2: add r4, r4, #1
    swp r2, r1, [r8]
  3: add r4, r4, #1
    subs r5, r5, #1
    bne 1b`,
  'STM over the loop that it is in': `
    mov r5, #12
    adr r6, 2f
    mov r0, r10
    ldr r1, =0xe2844064
    ldr r2, =0xe2833003 @ add r3, r3, #3
  1: cmp r5, #3
    movle r0, r6
    stm r0, {r1, r2}
  2: add r4, r4, #1
    add r3, r3, #1
    subs r5, r5, #1
    bne 1b`,
  'STM and VSTM that end in code': `
    mov r5, #12
    adr r6, 2f
    sub r6, r6, #12
    mov r0, r10
    ldm r6, {r1, r2, r3}
    ldr r7, =0xe2844064
    vmov d0, r1, r2
    vmov d1, r3, r7
  1: cmp r5, #3
    movle r0, r6
    vstm r0, {d0, d1}
    nop
    nop
  2: add r4, r4, #1
    subs r5, r5, #1
    bne 1b`,
  'a store that makes a branch of an instruction before the one it is in': `
    mov r5, #20
    adr r6, 2f
    mov r0, r10
    ldr r1, =0xea000000
    b 1f
  2: add r4, r4, #1
    add r4, r4, #2
  1: cmp r5, #10
    moveq r0, r6
    subs r5, r5, #1
    str r1, [r0]
    bne 2b`,
  'a byte and a halfword of an immediate': `
    mov r5, #40
    adr r6, 2f
    mov r0, r10
  1: cmp r5, #20
    movle r0, r6
    strb r5, [r0]
  2: add r4, r4, #1
    subs r5, r5, #1
    bne 1b
    mov r5, #40
    adr r6, 2f
    mov r0, r10
    movw r7, #0x4000
  1: cmp r5, #20
    movle r0, r6
    add r8, r7, r5
    strh r8, [r0]
  2: add r4, r4, #1
    subs r5, r5, #1
    bne 1b`,
  'half of a wide Thumb instruction, and a narrow one': `
    adr r0, 1f
    orr r0, r0, #1
    bx r0
    .thumb
  1: movs r5, #30
    adr r6, 3f
    mov r0, r10
  2: cmp r5, #14
    it le
    movle r0, r6
    strh r5, [r0, #2]
    nop
    .balign 4
  3: movw r4, #0
    add r3, r4
    subs r5, #1
    bne 2b
    .balign 4
    bx pc
    nop`,
  'a literal that changes': `
    mov r5, #20
    adr r6, 3f
    mov r0, r10
  1: cmp r5, #10
    movle r0, r6
    ldr r1, 3f
    add r4, r4, r1
    str r5, [r0]
    subs r5, r5, #1
    bne 1b
    b 2f
  3: .word 1000
  2: nop`,
  'data beside code on its page': `
    mov r5, #200
    adr r6, 3f
  1: and r7, r5, #31
    ldr r1, [r6, r7, lsl #2]
    add r1, r1, r5
    str r1, [r6, r7, lsl #2]
    subs r5, r5, #1
    bne 1b
    b 2f
  3: .space 128
  2: nop`,
  'a function that writes another and calls it': `
    mov r5, #16
    ldr r7, =0xe2844001 @ add r4, r4, #1
    ldr r8, =0xe12fff1e @ bx lr
    adr r6, 3f
  1: add r0, r7, r5
    stm r6, {r0, r8}
    mov r9, #3
  2: blx r6
    subs r9, r9, #1
    bne 2b
    subs r5, r5, #1
    bne 1b
    b 2f
  3: .space 8
  2: nop`,
} as const;

export const ABORTS = {
  'all widths in pages that nothing maps, the first and the last of all addresses among them': `
    mov r5, #30
  1: mvn r6, #0
    ldrb r0, [r6]
    add r4, r4, #1
    strb r4, [r6, #-1]
    ldrh r1, [r6, #-1]
    ldr r2, [r6, #-3]
    str r4, [r6, #-7]
    sub r7, r6, #31
    ldm r7, {r0-r3}
    stm r7, {r0-r3}
    mov r6, r5, lsl #24
    sub r6, r6, #1
    ldrb r0, [r6]
    ldr r1, [r6, #-3]
    add r4, r4, #1
    subs r5, r5, #1
    bne 1b`,
  'LDM and STM into a page that is absent': `
    mov r5, #30
    add r6, r10, #0x1fc0
    add r6, r6, #0x20
  1: stm r6, {r0-r7}
    ldm r6, {r0-r3, r7}
    ldmia r6!, {r0-r3}
    sub r6, r6, #12
    add r4, r4, #1
    stmib r6!, {r1-r4}
    sub r6, r6, #8
    subs r5, r5, #1
    bne 1b`,
  'LDM of PC from a page that is absent, with writeback': `
    mov r5, #30
    adr r0, 2f
    add r6, r10, #0x1f00
  1: mov r7, #0
    str r0, [r6, #0x3c]
    add r8, r6, #0x30
    ldm r8!, {r1-r3, pc}
    add r4, r4, #100
  2: add r4, r4, #1
    add r6, r6, #16
    subs r5, r5, #1
    bne 1b`,
  'LDRD, STRD, VLDM, VSTM, VLDR and VSTR that begin on one page and end on another': `
    mov r5, #40
    add r6, r10, #0x1f00
    add r6, r6, #0xb0
  1: strd r2, r3, [r6]
    ldrd r0, r1, [r6], #4
    vstm r6, {d0-d3}
    vldmia r6!, {d4-d5}
    sub r6, r6, #16
    vstr d1, [r6]
    vldr d2, [r6, #4]
    vstr s7, [r6, #8]
    ldr r7, [r6, #6]
    strh r7, [r6, #7]
    subs r5, r5, #1
    bne 1b`,
  'stores to a page that is read only': `
    mov r5, #30
    add r6, r10, #0x3000
    add r6, r6, #0xf80
  1: str r5, [r6], #4
    strb r5, [r6, #3]
    stmia r6!, {r0-r3}
    sub r6, r6, #16
    ldr r7, [r6, #16]
    add r4, r4, r7
    subs r5, r5, #1
    bne 1b`,
  'addresses that are not aligned': `
    mov r5, #40
    add r6, r10, #0xf00
    add r6, r6, #0xe0
  1: str r5, [r6], #1
    ldr r7, [r6, #-3]
    ldrh r8, [r6, #2]
    strh r8, [r6, #6]
    ldrsh r9, [r6]
    add r4, r4, r7
    ldm r6, {r1, r2}
    vstr d3, [r6]
    ldrd r2, r3, [r6]
    subs r5, r5, #1
    bne 1b`,
  'conditional accesses in IT blocks': `
    adr r0, 1f
    orr r0, r0, #1
    bx r0
    .thumb
  1: movs r5, #40
    add r6, r10, #0x1f00
    add r6, r6, #0xd0
  2: tst r5, #1
    itete ne
    ldrne.w r7, [r6, #4]
    streq.w r5, [r6, #8]
    ldmne.w r6, {r1, r2, r3}
    addeq.w r4, r4, #1
    ittt cs
    strdcs r2, r3, [r6]
    addscs.w r4, r4, r4
    addcs.w r4, r4, #3
    adds r6, r6, #2
    subs r5, #1
    bne 2b
    .balign 4
    bx pc
    nop`,
} as const;
