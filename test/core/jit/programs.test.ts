import { describe, expect, it } from 'vitest';
import { have } from '../../support/oracles.ts';
import { assembleAll, Pair } from './programs.ts';

/** R10 is an address of data, SP another; programs end with WFI. What aborts is passed over. */
const SELF_MODIFYING = {
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

const ABORTS = {
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

const CONTROL = {
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

const SYSTEM = {
  'changes of mode': `
    mov r5, #40
  1: cps #0x11
    add r8, r8, #1
    add r13, r13, #1
    cps #0x13
    add r8, r8, #2
    add r14, r14, #4
    cps #0x1f
    add r14, r14, #8
    svc #0
    cps #0x12
    mov r14, r8
    cps #0x13
    udf #0
    subs r5, r5, #1
    bne 1b`,
  'User mode and back': `
    mov r5, #20
    cps #0x10
  1: add r4, r4, #1
    add r13, r13, #4
    str r4, [r10]
    mcr p15, 0, r4, c1, c0, 0
    svc #3
    mrs r0, cpsr
    cps #0x13
    subs r5, r5, #1
    bne 1b`,
  SETEND: `
    mov r5, #40
  1: str r5, [r10]
    setend be
    ldr r0, [r10]
    add r4, r4, r0
    strh r4, [r10, #4]
    setend le
    ldr r0, [r10, #4]
    add r4, r4, r0
    mrs r0, cpsr
    eor r0, r0, #0x200
    msr cpsr_x, r0
    ldr r1, [r10]
    eor r0, r0, #0x200
    msr cpsr_x, r0
    eor r4, r4, r1
    subs r5, r5, #1
    bne 1b`,
  'the MMU off and on, and caches of its tables dropped': `
    mov r5, #20
  1: mrc p15, 0, r0, c1, c0, 0
    eor r1, r0, #1
    mcr p15, 0, r1, c1, c0, 0
    isb
    add r4, r4, #1
    str r4, [r10]
    mcr p15, 0, r0, c1, c0, 0
    isb
    ldr r2, [r10]
    add r4, r4, r2
    mcr p15, 0, r0, c8, c7, 0
    str r4, [r10, #4]
    add r3, r10, #4
    mcr p15, 0, r3, c8, c7, 1
    ldr r2, [r10, #4]
    subs r5, r5, #1
    bne 1b`,
  'short vectors, with which VFP is UNDEFINED, in an IT block': `
    mov r5, #64
    adr r1, 3f
    orr r1, r1, #1
    bx r1
    .thumb
  3: subs r5, r5, #1
    ittet ne
    addne r4, r4, #1
    vaddne.f32 s0, s1, s2
    addeq r4, r4, #2
    addne r4, r4, #2
    cmp r5, #20
    it eq
    moveq r0, #0x10000
    it ne
    movne r0, #0x10
    vmsr fpscr, r0
    cmp r5, #0
    bne 3b
    .balign 4
    bx pc
    nop`,
  'alignment checked or not': `
    mov r5, #20
    add r6, r10, #2
  1: mrc p15, 0, r0, c1, c0, 0
    eor r0, r0, #2
    mcr p15, 0, r0, c1, c0, 0
    ldr r1, [r6]
    str r5, [r6, #4]
    ldr r2, [r10]
    vldr d1, [r10, #4]
    add r4, r4, r1
    subs r5, r5, #1
    bne 1b`,
  'VFP disabled and enabled': `
    mov r5, #20
    vmov.f64 d1, #1.5
    vmov.f64 d2, #0.25
  1: vadd.f64 d0, d0, d1
    vmrs r0, fpexc
    eor r1, r0, #0x40000000
    vmsr fpexc, r1
    vadd.f64 d0, d0, d2
    vldr d3, [r10]
    vmsr fpexc, r0
    vmul.f64 d1, d1, d2
    mrc p15, 0, r2, c1, c0, 2
    mov r3, #0
    mcr p15, 0, r3, c1, c0, 2
    isb
    vadd.f64 d0, d0, d2
    vstr d0, [r10]
    vmrs r7, fpscr
    mcr p15, 0, r2, c1, c0, 2
    isb
    vmov r8, r9, d0
    subs r5, r5, #1
    bne 1b`,
  'modes of FPSCR': `
    mov r5, #128
    vmov.f64 d1, #1.5
    vmov.f64 d2, #3.0
    vmov.f32 s20, #0.5
    vmov.f32 s21, #7.0
  1: mov r0, r5, lsl #22
    orr r0, r0, #0x10
    tst r5, #64
    orrne r0, r0, #0x10000
    vmsr fpscr, r0
    vdiv.f64 d0, d1, d2
    vadd.f64 d3, d3, d0
    vmul.f64 d4, d0, d0
    vmla.f64 d5, d0, d1
    vdiv.f32 s22, s20, s21
    vmul.f32 s20, s20, s22
    vsqrt.f64 d6, d3
    vneg.f64 d7, d6
    vabs.f32 s24, s22
    vcmp.f64 d3, d4
    vmrs apsr_nzcv, fpscr
    addgt r4, r4, #1
    addmi r4, r4, #2
    vcvt.s32.f64 s25, d3
    vcvt.u32.f32 s26, s22
    vcvt.f32.s32 s27, s25
    vcvt.f64.u32 d14, s25
    vcvt.f32.f64 s30, d3
    vcvt.f64.f32 d16, s30
    vcmpe.f32 s20, #0
    vmrs r1, fpscr
    eor r4, r4, r1
    mov r0, #0
    vmsr fpscr, r0
    subs r5, r5, #1
    bne 1b`,
  'a watchpoint on a literal': `
    mov r0, #0
    mcr p14, 0, r0, c1, c0, 4
    mcr p14, 0, r0, c1, c3, 4
    mov r5, #30
    adr r6, 3f
  1: ldr r0, 3f
    add r4, r4, r0
    cmp r5, #15
    bne 2f
    mrc p14, 0, r0, c0, c1, 0
    orr r0, r0, #0x8000
    mcr p14, 0, r0, c0, c2, 2
    mcr p14, 0, r6, c0, c0, 6
    movw r0, #0x1ff
    mcr p14, 0, r0, c0, c0, 7
  2: subs r5, r5, #1
    bne 1b
    mov r0, #0
    mcr p14, 0, r0, c0, c0, 7
    b 4f
  3: .word 1234, 5678
  4: nop`,
  'a breakpoint in a loop': `
    mov r0, #0
    mcr p14, 0, r0, c1, c0, 4
    mcr p14, 0, r0, c1, c3, 4
    mov r5, #30
    adr r6, 3f
  1: add r4, r4, #1
  3: add r4, r4, #2
    cmp r5, #15
    bne 2f
    mrc p14, 0, r0, c0, c1, 0
    orr r0, r0, #0x8000
    mcr p14, 0, r0, c0, c2, 2
    mcr p14, 0, r6, c0, c0, 4
    movw r0, #0x1e7
    mcr p14, 0, r0, c0, c0, 5
  2: subs r5, r5, #1
    bne 1b`,
  'the event register, barriers and hints': `
    mov r5, #20
  1: sev
    wfe
    nop
    dsb
    dmb
    isb
    yield
    pld [r10]
    clrex
    mcr p15, 0, r5, c13, c0, 2
    mrc p15, 0, r0, c13, c0, 2
    add r4, r4, r0
    subs r5, r5, #1
    bne 1b`,
} as const;

const GROUPS = [
  { group: 'code that changes', texts: SELF_MODIFYING, mmus: ['on'] },
  { group: 'aborts', texts: ABORTS, mmus: ['on'] },
  { group: 'control flow and flags', texts: CONTROL, mmus: ['off'] },
  { group: 'the system', texts: SYSTEM, mmus: ['off', 'on'] },
] as const;

describe.skipIf(!have('arm-none-eabi-as'))(
  'programs give the same state translated as interpreted, after windows of any size',
  () => {
    for (const { group, texts, mmus } of GROUPS) {
      const programs = assembleAll<string>(texts);
      describe(group, () => {
        for (const [name, program] of Object.entries(programs)) {
          it.each(mmus)(`${name}, the MMU %s`, (mmu) => {
            const pair = mmu === 'on' ? new Pair().mmu() : new Pair();
            expect(pair.compare(program)).toBe(undefined);
            expect(pair.translated.inside).toBeGreaterThan(20);
          });
        }
      });
    }
  },
);
