/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_BINDINGS_H
#define TEST_BINDINGS_H

#define GIC_SPI 0
#define GIC_PPI 1

#define IRQ_TYPE_NONE		0
#define IRQ_TYPE_EDGE_RISING	1
#define IRQ_TYPE_EDGE_FALLING	2
#define IRQ_TYPE_EDGE_BOTH	(IRQ_TYPE_EDGE_FALLING | IRQ_TYPE_EDGE_RISING)
#define IRQ_TYPE_LEVEL_HIGH	4
#define GIC_CPU_MASK_RAW(x) ((x) << 8)
#define GIC_CPU_MASK_SIMPLE(num) GIC_CPU_MASK_RAW((1 << (num)) - 1)

#define PIN(bank, pin) \
	(((bank) * 32) + \
	 (pin))
#define NODE(n) node##n
#define TEXT(x) #x
#define DEVICE(name, base, ...) name@base { reg = <0x##base __VA_ARGS__>; }

#endif
