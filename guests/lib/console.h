/* A small printf. Output is collected into lines, since each hypercall or device access costs an exit to the hypervisor. */
#ifndef CONSOLE_H
#define CONSOLE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

typedef void console_sink(const char *text, size_t length);

/** Where lines go. At first: to the hypervisor's CONSOLE_WRITE. */
void console_set_sink(console_sink *sink);

/** %s %c %d %u %x %llu %lld %llx %f %%, with width and leading zeroes (%08x). %f shows three decimals. */
void printf(const char *format, ...);

/** The same, into a buffer of `size` bytes; always terminated. Returns the length. */
size_t format_text(char *buffer, size_t size, const char *format, ...);
size_t format_arguments(char *buffer, size_t size, const char *format, va_list arguments);

#endif
