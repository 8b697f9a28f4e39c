@ Enters main with VFP and a flat map of Normal memory, and writes its results to a file of the host by semihosting.
  .syntax unified
  .arm
  .global _start
_start:
  mov r0, #0xf00000
  mcr p15, 0, r0, c1, c0, 2
  isb
  mov r0, #0x40000000
  vmsr fpexc, r0
  ldr sp, =stack
  ldr r0, =sections
  mov r1, #0
  ldr r2, =0x15c0e @ Normal, shareable, for all to read and write
1: orr r3, r2, r1, lsl #20
  str r3, [r0, r1, lsl #2]
  add r1, r1, #1
  cmp r1, #4096
  blo 1b
  mcr p15, 0, r0, c2, c0, 0
  mov r1, #1
  mcr p15, 0, r1, c3, c0, 0
  mcr p15, 0, r1, c8, c7, 0
  dsb
  isb
  mrc p15, 0, r1, c1, c0, 0
  orr r1, r1, #5
  bic r1, r1, #2
  mcr p15, 0, r1, c1, c0, 0
  isb
  bl main
  ldr r1, =open
  mov r0, #1
  svc 0x123456
  ldr r1, =write
  str r0, [r1]
  mov r0, #5
  svc 0x123456
  ldr r1, =write
  mov r0, #2
  svc 0x123456
  ldr r1, =0x20026
  mov r0, #0x18
  svc 0x123456
  b .
  .ltorg
open: .word name, 5, 10
write: .word 0, results, 4096
name: .asciz "result.bin"
  .bss
  .align 14
sections: .space 16384
  .space 16384
stack:
