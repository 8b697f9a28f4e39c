/** Programs of how VFP is set up. R10 is an address of data, SP another; programs end with WFI. What aborts is passed over. */

export const VFP = {
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
  /** Underflow is found before rounding, even where that gives a normal number. */
  'results that round up to the least normal number': `
    mov r6, #0x10
    mov r5, #12
  1:
    ldr r0, =0x3f7fffff
    vmov s1, r0
    ldr r0, =0x00800000
    vmov s2, r0
    ldr r0, =0x00ffffff
    vmov s3, r0
    ldr r0, =0x40000000
    vmov s4, r0
    ldr r0, =0x3f800000
    vmov s5, r0
    vmsr fpscr, r6
    vmul.f32 s0, s1, s2
    vmrs r0, fpscr
    add r4, r0, r4, ror #3
    vmsr fpscr, r6
    vnmul.f32 s0, s1, s2
    vmrs r0, fpscr
    add r4, r0, r4, ror #3
    vmsr fpscr, r6
    vmla.f32 s5, s1, s2
    vmrs r0, fpscr
    add r4, r0, r4, ror #3
    vmsr fpscr, r6
    vmls.f32 s5, s1, s2
    vmrs r0, fpscr
    add r4, r0, r4, ror #3
    vmsr fpscr, r6
    vnmla.f32 s5, s1, s2
    vmrs r0, fpscr
    add r4, r0, r4, ror #3
    vmsr fpscr, r6
    vnmls.f32 s5, s1, s2
    vmrs r0, fpscr
    add r4, r0, r4, ror #3
    vmsr fpscr, r6
    vdiv.f32 s0, s3, s4
    vmrs r0, fpscr
    add r4, r0, r4, ror #3
    ldr r0, =0xffffffff
    ldr r1, =0x3fefffff
    vmov d1, r0, r1
    ldr r0, =0
    ldr r1, =0x00100000
    vmov d2, r0, r1
    ldr r0, =0xffffffff
    ldr r1, =0x001fffff
    vmov d3, r0, r1
    ldr r0, =0
    ldr r1, =0x40000000
    vmov d4, r0, r1
    ldr r0, =0
    ldr r1, =0x3ff00000
    vmov d5, r0, r1
    vmsr fpscr, r6
    vmul.f64 d0, d1, d2
    vmrs r0, fpscr
    add r4, r0, r4, ror #3
    vmsr fpscr, r6
    vnmul.f64 d0, d1, d2
    vmrs r0, fpscr
    add r4, r0, r4, ror #3
    vmsr fpscr, r6
    vmla.f64 d5, d1, d2
    vmrs r0, fpscr
    add r4, r0, r4, ror #3
    vmsr fpscr, r6
    vmls.f64 d5, d1, d2
    vmrs r0, fpscr
    add r4, r0, r4, ror #3
    vmsr fpscr, r6
    vnmla.f64 d5, d1, d2
    vmrs r0, fpscr
    add r4, r0, r4, ror #3
    vmsr fpscr, r6
    vnmls.f64 d5, d1, d2
    vmrs r0, fpscr
    add r4, r0, r4, ror #3
    vmsr fpscr, r6
    vdiv.f64 d0, d3, d4
    vmrs r0, fpscr
    add r4, r0, r4, ror #3
    subs r5, r5, #1
    bne 1b
    b 2f
    .ltorg
  2: nop`,
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
} as const;
