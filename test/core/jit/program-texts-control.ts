/** Programs of control flow and flags. R10 is an address of data, SP another; programs end with WFI. What aborts is passed over. */

export const CONTROL = {
  'calls and returns by every way': `
    mov r5, #50
  1: bl 3f
    bl 4f
    blx 5f
    adr r0, 3f
    blx r0
    adr lr, 2f
    b 4f
  2: push {r5}
    pop {r5}
    subs r5, r5, #1
    bne 1b
    b 9f
  3: add r4, r4, #1
    bx lr
  4: push {r4, lr}
    bl 3b
    pop {r4, pc}
    .thumb
    .balign 4
  5: add r4, r4, #5
    bx lr
    .balign 4
    .arm
  9: nop`,
  'branches by pointers that lead elsewhere after a while': `
    mov r5, #60
    adr r7, 9f
  1: adr r0, 3f
    cmp r5, #40
    adrlt r0, 4f
    cmp r5, #20
    orrlt r0, r7, #1
    blx r0
    add r4, r4, #1
    tst r5, #8
    adr r1, 5f
    adrne r1, 6f
    bx r1
  3: add r4, r4, #16
    bx lr
  4: add r4, r4, #32
    mov r2, lr
    mov pc, r2
    .thumb
    .balign 4
  9: add r4, r4, #64
    bx lr
    .balign 4
    .arm
  5: add r4, r4, #256
    b 7f
  6: add r4, r4, #512
  7: subs r5, r5, #1
    bne 1b`,
  'a return address that the function changes': `
    mov r5, #40
  1: bl 3f
    add r4, r4, #1
    add r4, r4, #2
    bl 4f
    add r4, r4, #16
    add r4, r4, #32
    subs r5, r5, #1
    bne 1b
    b 9f
  3: tst r5, #1
    addne lr, lr, #4
    bx lr
  4: push {lr}
    tst r5, #2
    ldrne r0, [sp]
    addne r0, r0, #4
    strne r0, [sp]
    pop {pc}
  9: nop`,
  'a function that returns into the other instruction set': `
    mov r5, #40
    adr r7, 6f
  1: bl 3f
  2: add r4, r4, #1
    subs r5, r5, #1
    bne 1b
    b 9f
  3: tst r5, #3
    orreq lr, r7, #1
    bx lr
    .thumb
    .balign 4
  6: add r4, r4, #7
    adr r0, 2b
    bx r0
    .balign 4
    .arm
  9: nop`,
  'conditions after every way to set flags': `
    mov r5, #64
    mov r0, #0x80000000
    mov r1, #0x7fffffff
  1: adds r2, r0, r1
    addvs r4, r4, #1
    adcs r3, r2, r5
    addcs r4, r4, #2
    sbcs r3, r3, r0
    addge r4, r4, #4
    rsbs r3, r5, #32
    addlt r4, r4, #8
    ands r3, r5, #5
    addne r4, r4, #16
    movs r3, r5, lsr #1
    addcs r4, r4, #32
    movs r3, r5, rrx
    addmi r4, r4, #64
    cmn r5, r1
    addvs r4, r4, #128
    muls r3, r5, r0
    addeq r4, r4, #256
    teq r5, r4, ror #7
    addhi r4, r4, #512
    addls r4, r4, #1024
    tst r5, #0x40000001
    rsc r6, r5, r4
    umulls r6, r7, r4, r5
    addpl r4, r4, #3
    mrs r8, cpsr
    eor r9, r9, r8, ror #3
    subs r5, r5, #1
    bne 1b`,
  'flags that several ways set differently before they meet': `
    mov r5, #64
  1: tst r5, #1
    beq 2f
    adds r3, r4, r5
    b 3f
  2: tst r5, #2
    subnes r3, r5, r4
    beq 4f
  3: addcs r4, r4, #1
    addvs r4, r4, #2
    addmi r4, r4, #4
    addeq r4, r4, #8
  4: addhi r4, r4, #16
    adc r4, r4, r5, ror #3
    subs r5, r5, #1
    bne 1b`,
  'MRS and MSR of flags within a loop': `
    mov r5, #40
  1: mov r0, r5, lsl #28
    msr apsr_nzcvq, r0
    addeq r4, r4, #1
    addmi r4, r4, #2
    addcs r4, r4, #4
    addvs r4, r4, #8
    mrs r1, apsr
    eor r4, r4, r1, ror #5
    qadd r2, r4, r4
    mrs r1, apsr
    add r4, r4, r1
    subs r5, r5, #1
    bne 1b`,
  'exception returns to the next instruction, with other flags': `
    mov r5, #64
  1: mrs r0, cpsr
    bic r0, r0, #0xf0000000
    orr r0, r0, r5, lsl #28
    msr spsr_fsxc, r0
    adr lr, 2f
    tst r5, #16
    beq 3f
    movs pc, lr
  2: addmi r4, r4, #1
    addeq r4, r4, #2
    adc r4, r4, #0
    addvs r4, r4, #4
  3: subs r5, r5, #1
    bne 1b`,
  'IT blocks in which the flags change': `
    adr r0, 1f
    orr r0, r0, #1
    bx r0
    .thumb
  1: movs r5, #50
  2: cmp r5, #25
    itete lt
    addlt.w r4, r4, #1
    cmpge r5, #30
    addlt.w r4, r4, #4
    addge.w r4, r4, #8
    ittt ne
    addsne.w r3, r4, r5
    adcne r3, r3
    subsne.w r3, r3, #1
    it cs
    bxcs r8
    it eq
    moveq r3, #3
    subs r5, #1
    bne 2b
    .balign 4
    bx pc
    nop`,
  'tables of branches': `
    adr r0, 1f
    orr r0, r0, #1
    bx r0
    .thumb
  1: movs r5, #50
  2: and r0, r5, #3
    tbb [pc, r0]
  3: .byte (4f-3b)/2, (5f-3b)/2, (6f-3b)/2, (7f-3b)/2
  4: adds r4, #1
  5: adds r4, #2
  6: adds r4, #3
  7: and r0, r5, #1
    tbh [pc, r0, lsl #1]
  8: .hword (4f-8b)/2, (5f-8b)/2
  4: adds r4, #5
  5: cbz r0, 6f
    adds r4, #9
  6: subs r5, #1
    bne 2b
    .balign 4
    bx pc
    nop`,
  'writes to the PC': `
    mov r5, #50
  1: and r0, r5, #3
    add pc, pc, r0, lsl #2
    nop
    add r4, r4, #1
    add r4, r4, #2
    add r4, r4, #4
    adr r1, 2f
    str r1, [r10]
    tst r5, #4
    movne pc, r1
    ldr pc, [r10]
    add r4, r4, #64
  2: subs r5, r5, #1
    bne 1b`,
  'a loop that is entered in its middle': `
    mov r5, #60
  1: tst r5, #1
    bne 3f
  2: add r4, r4, #1
    tst r5, #4
    bne 4f
  3: add r4, r4, #2
    tst r5, #2
    bne 2b
  4: subs r5, r5, #1
    subgts r5, r5, #1
    bgt 1b`,
} as const;
