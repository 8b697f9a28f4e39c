/* PL011 UART. Reference: Arm DDI 0183. */
#include "uart.h"

#include <stdint.h>

#include "platform.h"

#define UART(offset) (*(volatile uint32_t *)(UART_BASE + (offset)))
#define UARTDR    UART(0x00)
#define UARTFR    UART(0x18)
#define UARTLCR_H UART(0x2c)
#define UARTCR    UART(0x30)
#define UARTIMSC  UART(0x38)

#define FR_TXFF   (1u << 5)

void uart_start(void) {
  UARTCR = 0;
  UARTIMSC = 0;
  UARTLCR_H = 0x70; /* 8 bits, FIFOs on */
  UARTCR = 0x301;   /* RXE, TXE, UARTEN. The speed is the board's business; a virtual UART has none. */
}

void uart_write(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    while (UARTFR & FR_TXFF) {
    }
    UARTDR = (uint8_t)text[i];
  }
}
