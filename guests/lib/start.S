/* From reset to main(). Reference: Arm DDI 0406C, part B. The hypervisor enters us in SVC mode, ARM state, MMU off,
   interrupts masked, r2 = address of the device tree. */
        .file   "lib/start.S"
        .arm
        .section .start, "ax"
        .global _start
        .type   _start, %function
_start:
        cpsid   aif
        mov     r4, r2                  @ C code keeps r4
        ldr     sp, =stack_top
        bl      enable_vfp

        ldr     r0, =bss_start          @ C expects zeroes here
        ldr     r1, =bss_end
        mov     r2, #0
1:      cmp     r0, r1
        strlo   r2, [r0], #4
        blo     1b

        bl      mmu_build_tables
        bl      enter_c_world
        mov     r0, r4
        bl      main
        bl      psci_system_off         @ a guest that returns is a guest that has finished
1:      wfi
        b       1b

/* A second CPU, started by smp_start(): r0 = its struct cpu_start {stack, function, argument}. */
        .global secondary_start
        .type   secondary_start, %function
secondary_start:
        cpsid   aif
        mov     r4, r0
        ldr     sp, [r4]
        bl      enable_vfp
        bl      enter_c_world
        ldr     r1, [r4, #4]
        ldr     r0, [r4, #8]
        blx     r1
        bl      psci_cpu_off
1:      wfi
        b       1b

/* What each CPU does before C: vectors at VBAR, MMU and caches on, asynchronous aborts unmasked. */
enter_c_world:
        push    {r4, lr}
        ldr     r0, =vectors
        mcr     p15, 0, r0, c12, c0, 0  @ VBAR
        bl      mmu_enable
        cpsie   a
        pop     {r4, pc}

/* CPACR opens coprocessors 10 and 11 to us, FPEXC.EN switches the VFP on. FPSCR = 0: round to nearest, no traps. */
enable_vfp:
        mrc     p15, 0, r0, c1, c0, 2   @ CPACR
        orr     r0, r0, #(0xf << 20)
        mcr     p15, 0, r0, c1, c0, 2
        isb
        mov     r0, #(1 << 30)
        vmsr    fpexc, r0
        mov     r0, #0
        vmsr    fpscr, r0
        bx      lr
