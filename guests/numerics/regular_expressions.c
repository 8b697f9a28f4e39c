/* Regular expressions, compiled to a program for a machine that follows all its threads at once (Thompson's construction). */
#include <stdio.h>
#include <string.h>

#include "numerics.h"

enum operation { CHARACTER, ANY, SET, SPLIT, JUMP, BEGIN, END, MATCH };

struct step {
  enum operation operation;
  int x, y;         /* where to go on; SPLIT prefers x */
  uint32_t set[8]; /* of a SET: 256 bits */
};

#define STEPS 128

static struct step program[STEPS];
static int length;
static const char *source;

static int emit(enum operation operation, int x, int y) {
  memset(&program[length], 0, sizeof *program);
  program[length].operation = operation;
  program[length].x = x;
  program[length].y = y;
  return length++;
}

/* Makes room for one step before those from `from` on. */
static void open_at(int from) {
  memmove(&program[from + 1], &program[from], (size_t)(length - from) * sizeof *program);
  length++;
  for (int i = from + 1; i < length; i++)
    if (program[i].operation == SPLIT || program[i].operation == JUMP) {
      program[i].x += program[i].x >= from;
      program[i].y += program[i].y >= from;
    }
  memset(&program[from], 0, sizeof *program);
}

static void alternatives(void);

static void set(void) {
  const int at = emit(SET, 0, 0);
  const int negated = *source == '^';

  source += negated;
  do {
    unsigned low = (uint8_t)*source++, high = low;
    if (*source == '-' && source[1] != ']') {
      high = (uint8_t)source[1];
      source += 2;
    }
    for (unsigned c = low; c <= high; c++) program[at].set[c / 32] |= 1u << c % 32;
  } while (*source != ']' && *source != 0);
  source += *source == ']';
  if (negated)
    for (int i = 0; i < 8; i++) program[at].set[i] = ~program[at].set[i];
}

static void atom(void) {
  const char c = *source++;
  switch (c) {
    case '(':
      alternatives();
      source += *source == ')';
      break;
    case '[': set(); break;
    case '.': emit(ANY, 0, 0); break;
    case '^': emit(BEGIN, 0, 0); break;
    case '$': emit(END, 0, 0); break;
    case '\\':
      if (*source == 'd') {
        const int at = emit(SET, 0, 0);
        program[at].set['0' / 32] = 0x03ff0000;
        source++;
      } else emit(CHARACTER, *source++, 0);
      break;
    default: emit(CHARACTER, c, 0);
  }
}

static void repeated(void) {
  const int start = length;
  atom();
  while (*source == '*' || *source == '+' || *source == '?') {
    const char c = *source++;
    const int lazy = *source == '?';
    source += lazy;
    if (c == '+') emit(SPLIT, lazy ? length + 1 : start, lazy ? start : length + 1);
    else {
      open_at(start);
      if (c == '*') emit(JUMP, start, 0);
      program[start].operation = SPLIT;
      program[start].x = lazy ? length : start + 1;
      program[start].y = lazy ? start + 1 : length;
    }
  }
}

static void sequence(void) {
  while (*source != 0 && *source != '|' && *source != ')') repeated();
}

static void alternatives(void) {
  const int start = length;
  sequence();
  while (*source == '|') {
    source++;
    open_at(start);
    const int jump = emit(JUMP, 0, 0);
    program[start].operation = SPLIT;
    program[start].x = start + 1;
    program[start].y = length;
    sequence();
    program[jump].x = length;
  }
}

struct threads {
  int count, pc[STEPS];
  const char *from[STEPS];
};

static uint32_t seen[STEPS / 32];

static void follow(struct threads *threads, int pc, const char *from, const char *text, const char *at) {
  if (seen[pc / 32] >> pc % 32 & 1) return;
  seen[pc / 32] |= 1u << pc % 32;
  const struct step *step = &program[pc];
  switch (step->operation) {
    case SPLIT:
      follow(threads, step->x, from, text, at);
      follow(threads, step->y, from, text, at);
      break;
    case JUMP: follow(threads, step->x, from, text, at); break;
    case BEGIN:
      if (at == text) follow(threads, pc + 1, from, text, at);
      break;
    case END:
      if (*at == 0) follow(threads, pc + 1, from, text, at);
      break;
    default:
      threads->pc[threads->count] = pc;
      threads->from[threads->count++] = from;
  }
}

static int accepts(const struct step *step, uint8_t c) {
  if (c == 0) return 0;
  return step->operation == ANY || (step->operation == CHARACTER && step->x == c) ||
         (step->operation == SET && (step->set[c / 32] >> c % 32 & 1));
}

/* Leftmost, then as the operators prefer. Returns where it begins, and sets `end`; else a null pointer. */
static const char *match(const char *text, const char **end) {
  static struct threads lists[2];
  struct threads *now = &lists[0], *next = &lists[1];
  const char *found = NULL;

  now->count = 0;
  for (const char *at = text;; at++) {
    memset(seen, 0, sizeof seen);
    for (int i = 0; i < now->count; i++) seen[now->pc[i] / 32] |= 1u << now->pc[i] % 32;
    if (found == NULL) follow(now, 0, at, text, at);
    memset(seen, 0, sizeof seen);
    next->count = 0;
    for (int i = 0; i < now->count; i++) {
      const struct step *step = &program[now->pc[i]];
      if (step->operation == MATCH) {
        found = now->from[i];
        *end = at;
        break;
      }
      if (accepts(step, (uint8_t)*at)) follow(next, now->pc[i] + 1, now->from[i], text, at + 1);
    }
    struct threads *const t = now;
    now = next;
    next = t;
    if (*at == 0 || (now->count == 0 && found != NULL)) return found;
  }
}

void regular_expressions(void) {
  static const char *const expressions[] = {
    "a",          "colou?r",          "^the",        "dog$",           "[0-9]+",        "[^a-z ]+",     "(ab|cd)+e?",
    "\\d+\\.\\d*", "(a*)*b",          "x*",          "(foo|foobar)$",  "q.*?k",         "q.*k",         "[a-c][x-z]|lazy",
    "(0|1(01*0)*1)+$", "^$",          "((a|b)(c|d))+", "th(e|is|at) [a-z]+", "\\(.*\\)", "[.+-]",
  };
  static const char *const texts[] = {
    "the quick brown fox jumps over the lazy dog", "colour and color, pi is 3.14159 (about)", "ababcdcde abcdabcde", "foobar",
    "1001 110 1111 1011011", "", "aaaaaaaaaaaaaaaaaaaaaaaaac", "this is -1.5e+10 of that thing; acbdbc",
  };

  for (size_t e = 0; e < COUNT(expressions); e++) {
    length = 0;
    source = expressions[e];
    alternatives();
    emit(MATCH, 0, 0);
    printf("%s: %d steps:", expressions[e], length);
    for (size_t t = 0; t < COUNT(texts); t++) {
      const char *end = NULL, *begin = match(texts[t], &end);
      if (begin == NULL) printf(" -");
      else printf(" %d..%d '%.*s'", (int)(begin - texts[t]), (int)(end - texts[t]), (int)(end - begin), begin);
    }
    printf("\n");
  }
}
