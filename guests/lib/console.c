/* printf, reduced to what the guests need. */
#include "console.h"

#include <stdbool.h>

#include "hypercall.h"
#include "timer.h"

#define LINE 256

static console_sink *current_sink;

void console_set_sink(console_sink *sink) { current_sink = sink; }

/** A place to write to that never overflows. */
struct buffer {
  char *text;
  size_t size, length;
};

/** What stands between the % and the letter. */
struct field {
  unsigned width;
  char padding;
  bool wide; /* ll: a 64-bit argument */
};

static void put(struct buffer *out, char c) {
  if (out->length + 1 < out->size) out->text[out->length++] = c;
}

static void put_text(struct buffer *out, const char *text, size_t length, struct field field) {
  for (size_t i = length; i < field.width; i++) put(out, ' ');
  for (size_t i = 0; i < length; i++) put(out, text[i]);
}

static void put_unsigned(struct buffer *out, uint64_t value, unsigned base, bool negative, struct field field) {
  char digits[24];
  unsigned count = 0;
  do {
    uint64_t rest = base == 16 ? value >> 4 : divide_u64(value, 10);
    digits[count++] = "0123456789abcdef"[(uint32_t)(value - rest * base)];
    value = rest;
  } while (value != 0);
  unsigned width = count + negative;
  if (negative && field.padding == '0') put(out, '-');
  for (; width < field.width; width++) put(out, field.padding);
  if (negative && field.padding != '0') put(out, '-');
  while (count > 0) put(out, digits[--count]);
}

static void put_signed(struct buffer *out, int64_t value, struct field field) {
  put_unsigned(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, value < 0, field);
}

/** Three decimals, rounded; for values whose thousandfold fits an int32_t. */
static void put_float(struct buffer *out, double value, struct field field) {
  bool negative = value < 0;
  uint32_t thousandths = (uint32_t)((negative ? -value : value) * 1000.0 + 0.5);
  if (field.width > 4) field.width -= 4;
  put_unsigned(out, thousandths / 1000, 10, negative, field);
  put(out, '.');
  put_unsigned(out, thousandths % 1000, 10, false, (struct field){.width = 3, .padding = '0'});
}

static size_t text_length(const char *text) {
  size_t length = 0;
  while (text[length]) length++;
  return length;
}

static const char *parse_field(const char *format, struct field *field) {
  *field = (struct field){.padding = ' '};
  if (*format == '0') field->padding = *format++;
  while (*format >= '0' && *format <= '9') field->width = field->width * 10 + (unsigned)(*format++ - '0');
  for (; *format == 'l'; format++) field->wide = format[1] == 'l' || field->wide;
  return format;
}

size_t format_arguments(char *buffer, size_t size, const char *format, va_list arguments) {
  struct buffer out = {.text = buffer, .size = size};
  struct field field;
  for (; *format; format++) {
    if (*format != '%') {
      put(&out, *format);
      continue;
    }
    format = parse_field(format + 1, &field);
    switch (*format) {
      case 's': {
        const char *text = va_arg(arguments, const char *);
        put_text(&out, text, text_length(text), field);
        break;
      }
      case 'c': put(&out, (char)va_arg(arguments, int)); break;
      case 'd': put_signed(&out, field.wide ? va_arg(arguments, int64_t) : va_arg(arguments, int), field); break;
      case 'u': put_unsigned(&out, field.wide ? va_arg(arguments, uint64_t) : va_arg(arguments, unsigned), 10, false, field); break;
      case 'x': put_unsigned(&out, field.wide ? va_arg(arguments, uint64_t) : va_arg(arguments, unsigned), 16, false, field); break;
      case 'f': put_float(&out, va_arg(arguments, double), field); break;
      case '\0': format--; break;
      default: put(&out, *format);
    }
  }
  out.text[out.length] = '\0';
  return out.length;
}

size_t format_text(char *buffer, size_t size, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  size_t length = format_arguments(buffer, size, format, arguments);
  va_end(arguments);
  return length;
}

void printf(const char *format, ...) {
  char line[LINE];
  va_list arguments;
  va_start(arguments, format);
  size_t length = format_arguments(line, sizeof line, format, arguments);
  va_end(arguments);
  (current_sink ? current_sink : hyp_console_write_all)(line, length);
}
