/* From the kernel's exec to main(argc, argv): both lie on the stack. Reference: Linux fs/binfmt_elf.c (layout of a new stack). */
        .file   "lib/linux_start.S"
        .arm
        .text
        .global _start
        .type   _start, %function
_start:
        ldr     r0, [sp]
        add     r1, sp, #4
        bic     sp, sp, #7
        bl      main
        mov     r7, #1                  @ exit
        svc     0
        .section .note.GNU-stack, "", %progbits
