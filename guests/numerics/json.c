/* A parser and a printer of JSON, values in a tree on the heap; what is printed and parsed again prints the same. */
#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "numerics.h"

enum kind { NOTHING, TRUTH, NUMBER, STRING, ARRAY, OBJECT };

struct value {
  enum kind kind;
  double number;
  char *text; /* of a string */
  char *name; /* of a member */
  struct value *first, *next;
};

static const char *at;
static jmp_buf failed;

static struct value *parse(void);

static void space(void) {
  while (isspace((unsigned char)*at)) at++;
}

static void expect(char c) {
  if (*at != c) longjmp(failed, c);
  at++;
}

static unsigned hex_digits(void) {
  unsigned code = 0;
  for (int i = 0; i < 4; i++, at++) {
    if (!isxdigit((unsigned char)*at)) longjmp(failed, 'x');
    code = code * 16 + (unsigned)(isdigit((unsigned char)*at) ? *at - '0' : (*at | 32) - 'a' + 10);
  }
  return code;
}

static char *put_utf8(char *out, unsigned code) {
  if (code < 0x80) *out++ = (char)code;
  else if (code < 0x800) {
    *out++ = (char)(0xc0 | code >> 6);
    *out++ = (char)(0x80 | (code & 63));
  } else {
    *out++ = (char)(0xe0 | code >> 12);
    *out++ = (char)(0x80 | (code >> 6 & 63));
    *out++ = (char)(0x80 | (code & 63));
  }
  return out;
}

static char *parse_string(void) {
  char *text = malloc(strlen(at) + 1), *out = text;
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";

  expect('"');
  while (*at != '"') {
    if ((unsigned char)*at < 0x20) longjmp(failed, '"');
    if (*at != '\\') *out++ = *at++;
    else if (*++at == 'u') {
      at++;
      out = put_utf8(out, hex_digits());
    } else {
      const char *which = strchr(from, *at);
      if (which == NULL || *which == 0) longjmp(failed, '\\');
      *out++ = to[which - from];
      at++;
    }
  }
  at++;
  *out = 0;
  return realloc(text, (size_t)(out - text) + 1);
}

static void parse_members(struct value *value, char close, int named) {
  struct value **last = &value->first;

  at++;
  space();
  if (*at == close) {
    at++;
    return;
  }
  for (;;) {
    char *name = NULL;
    space();
    if (named) {
      name = parse_string();
      space();
      expect(':');
    }
    *last = parse();
    (*last)->name = name;
    last = &(*last)->next;
    if (*at == close) break;
    expect(',');
  }
  at++;
}

static int word(const char *text) {
  const size_t length = strlen(text);
  if (strncmp(at, text, length) != 0) return 0;
  at += length;
  return 1;
}

static struct value *parse(void) {
  struct value *value = calloc(1, sizeof *value);

  space();
  if (*at == '{') {
    value->kind = OBJECT;
    parse_members(value, '}', 1);
  } else if (*at == '[') {
    value->kind = ARRAY;
    parse_members(value, ']', 0);
  } else if (*at == '"') {
    value->kind = STRING;
    value->text = parse_string();
  } else if (word("null")) value->kind = NOTHING;
  else if (word("true") || word("false")) {
    value->kind = TRUTH;
    value->number = at[-2] == 'u';
  } else {
    char *end;
    value->kind = NUMBER;
    value->number = strtod(at, &end);
    if (end == at) longjmp(failed, '0');
    at = end;
  }
  space();
  return value;
}

static char *out;

static void print_string(const char *text) {
  *out++ = '"';
  for (; *text; text++) {
    if (*text == '"' || *text == '\\') *out++ = '\\';
    if ((unsigned char)*text < 0x20) out += sprintf(out, "\\u%04x", *text);
    else *out++ = *text;
  }
  *out++ = '"';
}

static void print(const struct value *value) {
  if (value->name != NULL) out += sprintf(out, "\"%s\":", value->name);
  switch (value->kind) {
    case NOTHING: out += sprintf(out, "null"); break;
    case TRUTH: out += sprintf(out, value->number != 0 ? "true" : "false"); break;
    case NUMBER: out += sprintf(out, "%.17g", value->number); break;
    case STRING: print_string(value->text); break;
    default:
      *out++ = value->kind == ARRAY ? '[' : '{';
      for (const struct value *member = value->first; member != NULL; member = member->next) {
        print(member);
        if (member->next != NULL) *out++ = ',';
      }
      *out++ = value->kind == ARRAY ? ']' : '}';
  }
  *out = 0;
}

static void weigh(const struct value *value, int level, double *sum, int *deepest) {
  if (level > *deepest) *deepest = level;
  if (value->kind == NUMBER) *sum += value->number * level;
  for (const struct value *member = value->first; member != NULL; member = member->next) weigh(member, level + 1, sum, deepest);
}

static void both_ways(const char *source) {
  static char once[4096], twice[4096];
  const int reason = setjmp(failed);

  if (reason != 0) {
    printf("expected '%c' at %d of %.30s\n", reason, (int)(at - source), source);
    return;
  }
  at = source;
  const struct value *value = parse();
  if (*at != 0) longjmp(failed, '$');
  out = once;
  print(value);
  printf("%s\n", once);
  at = once;
  const struct value *again = parse();
  out = twice;
  print(again);
  double sum = 0;
  int deepest = 0;
  weigh(again, 0, &sum, &deepest);
  printf("same %d, weight %.17g, depth %d\n", strcmp(once, twice) == 0, sum, deepest);
}

void json(void) {
  static const char *const sources[] = {
    "{\"name\": \"partition\", \"memory\": [0x0], \"x\": 1}",
    " { \"a\" : [ 1 , -2.5e3 , 1e-7, 123456789012345678 ], \"b\": { \"c\": null, \"d\": [ true, false, [ ] , { } ] } } ",
    "[0.1, 0.2, 0.30000000000000004, 1.7976931348623157e308, 4.9e-324, 2.2250738585072011e-308, 9007199254740993]",
    "\"\\u00e9t\\u00e9 \\u20ac \\\\ \\/ tab\\t.\"",
    "[1, 2",
    "{\"a\" 1}",
    "\"unfinished",
    "[[[[[[[[[[[[1]]]]]]]]]]]]",
    "{\"bad\": \"\\q\"}",
    "[3.14159265358979, -0.0, 1E+2, 5e-1] trailing",
    "{\"matrix\": [[1.5, 2.25], [3.125, 4.0625]], \"inverse\": [[-4.3333, 2.4], [3.3333, -1.6]]}",
  };
  static char made[4096];
  char *to = made;

  for (size_t i = 0; i < COUNT(sources); i++) both_ways(sources[i]);
  *to++ = '[';
  for (int i = 0; i < 40; i++) to += sprintf(to, "%s%.*e", i > 0 ? "," : "", (int)random_below(17), ldexp(random_signed(),
      (int)random_below(200) - 100));
  *to++ = ']';
  *to = 0;
  both_ways(made);
}
