/*
 * Before newlib's own start. On a bare board: VFP on, and the MMU with 256 MiB of normal memory at its own address, since newlib makes
 * unaligned accesses. In User mode, under a user-mode emulator, all that is there already.
 */
  .syntax unified
  .arch armv7-a
  .fpu vfpv3-d16
  .arm
  .global enter
enter:
  mrs r0, cpsr
  and r0, r0, #0x1f
  cmp r0, #0x10                 /* User mode? */
  beq begin
  mrc p15, 0, r0, c1, c0, 2     /* CPACR: full access to CP10 and CP11 */
  orr r0, r0, #0xf00000
  mcr p15, 0, r0, c1, c0, 2
  isb
  mov r0, #0x40000000           /* FPEXC.EN */
  vmsr fpexc, r0
  ldr r0, =table
  add r1, r0, #0x400 * 4        /* the entry of 0x40000000 */
  ldr r2, =0x4001140e           /* section: write-back, write-allocate, shareable, read and write, domain 0 */
  mov r3, #256
1:
  str r2, [r1], #4
  add r2, r2, #0x100000
  subs r3, r3, #1
  bne 1b
  mcr p15, 0, r0, c2, c0, 0     /* TTBR0 */
  mov r0, #0
  mcr p15, 0, r0, c2, c0, 2     /* TTBCR */
  mcr p15, 0, r0, c8, c7, 0     /* TLBIALL */
  mov r0, #1
  mcr p15, 0, r0, c3, c0, 0     /* DACR: domain 0 by the tables */
  dsb
  isb
  mrc p15, 0, r0, c1, c0, 0
  ldr r1, =0x1805               /* SCTLR: I, Z, C, M */
  orr r0, r0, r1
  mcr p15, 0, r0, c1, c0, 0
  isb
begin:
  ldr r0, =_start
  bx r0
  .ltorg
  .data                         /* not .bss, which newlib clears */
  .balign 16384
table:
  .space 16384
