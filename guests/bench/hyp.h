/* A hypervisor as small as it can be, in the same image as its guest: for simulators that are to be measured without one of their own. */
#ifndef HYP_H
#define HYP_H

/* Where stage 2 maps nothing, and accesses are emulated */
#define HYP_UART 0x0b000000

#endif
