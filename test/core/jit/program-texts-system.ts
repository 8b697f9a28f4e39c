/** Programs of what the system side does. R10 is an address of data, SP another; programs end with WFI. What aborts is passed over. */

export const SYSTEM = {
  'calls from every mode and instruction set, and returns with the flags': `
    mov r5, #40
  1: adds r4, r4, r5, lsl #24
    svc #0
    adc r4, r4, #0
    cps #0x1f
    svc #1
    cps #0x12
    subs r6, r4, r5, lsl #20
    svc #2
    sbc r4, r4, r6
    cps #0x17
    svc #3
    cps #0x1b
    svc #4
    cps #0x11
    svc #5
    mov r8, r5
    cps #0x13
    adr r0, 2f
    orr r0, r0, #1
    blx r0
    subs r5, r5, #1
    bne 1b
    cps #0x10
    mov r5, #40
  3: adds r4, r4, r5, lsl #25
    svc #6
    mrs r6, cpsr
    add r4, r4, r6
    adr r0, 2f
    orr r0, r0, #1
    blx r0
    subs r5, r5, #1
    bne 3b
    b 4f
    .thumb
  2: cmp r5, #20
    svc #7
    it hi
    addhi r4, #3
    bx lr
    .arm
  4: svc #8`,
  'masks and status registers': `
    mov r5, #60
  1: cpsid i
    mrs r0, cpsr
    add r4, r4, r0
    cpsie i
    mrs r0, cpsr
    eor r4, r4, r0
    cpsid aif
    cpsie af
    adds r4, r4, r5, lsl #26
    mrs r0, cpsr
    eor r0, r0, #0xf0000000
    msr cpsr_f, r0
    adc r4, r4, r0
    eor r0, r0, #0x80
    msr cpsr_c, r0
    mrs r1, cpsr
    add r4, r4, r1
    msr cpsr_s, r5
    msr cpsr_fs, r4
    mrs r1, cpsr
    sel r2, r1, r4
    eor r4, r4, r2
    msr cpsr_f, #0x50000000
    addvs r4, r4, #7
    msr cpsr_c, #0xd3
    cps #0x12
    msr spsr_cxsf, r5
    mrs r1, spsr
    add r4, r4, r1
    cpsid i, #0x13
    clrex
    isb
    yield
    subs r5, r5, #1
    bne 1b`,
  'exclusive accesses that pass and that fail': `
    mov r5, #60
  1: ldrex r0, [r10]
    add r0, r0, r5
    strex r1, r0, [r10]
    strex r2, r4, [r10]
    add r4, r4, r1
    add r4, r4, r2, lsl #4
    ldrex r0, [r10]
    add r3, r10, #4
    strex r1, r0, [r3]
    add r4, r4, r1, lsl #8
    ldrexb r0, [r10]
    strex r1, r5, [r10]
    add r4, r4, r1, lsl #12
    ldrexd r0, r1, [r10]
    strex r2, r5, [r10]
    add r4, r4, r2, lsl #16
    ldrex r0, [r10]
    clrex
    strex r1, r5, [r10]
    add r4, r4, r1, lsl #20
    ldrex r0, [r10]
    tst r5, #3
    strexne r1, r5, [r10]
    addne r4, r4, r1, lsl #24
    strex r2, r4, [r10]
    tst r5, #7
    addeq r6, r10, #2
    movne r6, r10
    ldrex r0, [r6]
    strex r1, r4, [r6]
    subs r5, r5, #1
    bne 1b`,
  'caches and branch predictors maintained, at addresses of all kinds and as a user': `
    mov r5, #60
  1: tst r5, #3
    movne r6, r10
    movteq r6, #0xf000
    mcr p15, 0, r6, c7, c11, 1
    add r4, r4, #1
    mcr p15, 0, r6, c7, c5, 1
    mcr p15, 0, r6, c7, c10, 1
    mcr p15, 0, r10, c7, c14, 1
    mcr p15, 0, r10, c7, c6, 1
    mcr p15, 0, r5, c7, c14, 2
    mcr p15, 0, r5, c7, c1, 6
    mcr p15, 0, r5, c7, c5, 6
    mcr p15, 0, r5, c7, c5, 0
    add r4, r4, r5
    subs r5, r5, #1
    bne 1b
    cps #0x10
    mov r5, #20
  2: mcr p15, 0, r10, c7, c11, 1
    mcr p15, 0, r5, c7, c5, 6
    add r4, r4, r5
    subs r5, r5, #1
    bne 2b
    svc #0`,
  'registers of threads and of faults': `
    mov r5, #40
  1: mcr p15, 0, r5, c13, c0, 2
    mcr p15, 0, r4, c13, c0, 3
    mcr p15, 0, r10, c13, c0, 4
    mrc p15, 0, r0, c13, c0, 2
    mrc p15, 0, r1, c13, c0, 3
    mrc p15, 0, r2, c13, c0, 4
    add r4, r4, r0
    eor r4, r4, r1
    add r4, r4, r2
    mrc p15, 0, r0, c0, c0, 1
    eor r4, r4, r0
    mrc p15, 0, r0, c5, c0, 0
    mrc p15, 0, r1, c6, c0, 0
    mrc p15, 0, r2, c13, c0, 1
    add r4, r4, r0
    eor r4, r4, r1
    add r4, r4, r2
    cmp r5, #20
    mrcgt p15, 0, r3, c13, c0, 2
    mrc p15, 0, apsr_nzcv, c13, c0, 2
    subs r5, r5, #1
    bne 1b
    cps #0x10
    mov r5, #20
  2: mcr p15, 0, r5, c13, c0, 2
    mcr p15, 0, r4, c13, c0, 3
    mrc p15, 0, r0, c13, c0, 2
    mrc p15, 0, r1, c13, c0, 3
    mrc p15, 0, r2, c13, c0, 4
    add r4, r4, r0
    add r4, r4, r1
    subs r5, r5, #1
    bne 2b`,

  'the counters, polled': `
    mov r5, #60
  1: mrrc p15, 1, r0, r1, c14
    add r4, r4, r0
    mrrc p15, 0, r2, r3, c14
    eor r4, r4, r2
    add r4, r4, r1
    cmp r4, #0
    mrrcpl p15, 1, r6, r7, c14
    mrrc p15, 3, r8, r9, c14
    subs r5, r5, #1
    bne 1b
    cps #0x10
    mov r5, #60
  2: mrrc p15, 1, r0, r1, c14
    add r4, r4, r0
    mrrc p15, 0, r2, r3, c14
    subs r5, r5, #1
    bne 2b
    svc #0
    cps #0x13`,

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
