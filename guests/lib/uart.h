/* PL011, output only and polled: enough to be heard. */
#ifndef UART_H
#define UART_H

#include <stddef.h>

void uart_start(void);
void uart_write(const char *text, size_t length);

#endif
