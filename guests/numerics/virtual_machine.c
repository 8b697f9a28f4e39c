/* A little language: an assembler, and an interpreter of its stack code in double precision. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "numerics.h"

enum code { PUSH, LOAD, STORE, ADD, SUB, MUL, DIV, SQRT, LESS, JUMP, JZERO, CALL, RETURN, PRINT, DUP, DROP, SWAP, INDEX, SET,
    HALT };

static const char *const names[] = {"push", "load", "store", "add", "sub", "mul", "div", "sqrt", "less", "jump", "jzero",
                                    "call", "return", "print", "dup", "drop", "swap", "index", "set", "halt"};

struct instruction {
  enum code code;
  double operand;
};

struct program {
  struct instruction code[200];
  int length;
  char label[40][12];
  int place[40], labels;
};

static int label(struct program *p, const char *name) {
  for (int i = 0; i < p->labels; i++)
    if (strcmp(p->label[i], name) == 0) return i;
  strncpy(p->label[p->labels], name, sizeof p->label[0] - 1);
  p->place[p->labels] = -1;
  return p->labels++;
}

/* Words apart by blanks: names of instructions, their operands, and labels with a colon. */
static int assemble(struct program *p, const char *source) {
  static char text[1200];
  char *rest = NULL;

  memset(p, 0, sizeof *p);
  strcpy(text, source);
  for (char *word = strtok_r(text, " \n", &rest); word != NULL; word = strtok_r(NULL, " \n", &rest)) {
    const size_t length = strlen(word);
    if (word[length - 1] == ':') {
      word[length - 1] = 0;
      p->place[label(p, word)] = p->length;
      continue;
    }
    size_t code = 0;
    while (code < COUNT(names) && strcmp(word, names[code]) != 0) code++;
    if (code == COUNT(names)) return 0;
    struct instruction *i = &p->code[p->length++];
    i->code = (enum code)code;
    if (code <= STORE) i->operand = strtod(strtok_r(NULL, " \n", &rest), NULL);
    else if (code >= JUMP && code <= CALL) i->operand = label(p, strtok_r(NULL, " \n", &rest));
  }
  for (int i = 0; i < p->length; i++)
    if (p->code[i].code >= JUMP && p->code[i].code <= CALL) p->code[i].operand = p->place[(int)p->code[i].operand];
  return 1;
}

static double memory[128];

static unsigned run(const struct program *p, unsigned limit) {
  double stack[64], t;
  int top = 0, calls[32], depth = 0, pc = 0;
  unsigned steps = 0;

  while (steps++ < limit && pc >= 0 && pc < p->length) {
    const struct instruction *i = &p->code[pc++];
    switch (i->code) {
      case PUSH: stack[top++] = i->operand; break;
      case LOAD: stack[top++] = memory[(int)i->operand]; break;
      case STORE: memory[(int)i->operand] = stack[--top]; break;
      case ADD: top--; stack[top - 1] += stack[top]; break;
      case SUB: top--; stack[top - 1] -= stack[top]; break;
      case MUL: top--; stack[top - 1] *= stack[top]; break;
      case DIV: top--; stack[top - 1] /= stack[top]; break;
      case SQRT: stack[top - 1] = sqrt(stack[top - 1]); break;
      case LESS: top--; stack[top - 1] = stack[top - 1] < stack[top]; break;
      case JUMP: pc = (int)i->operand; break;
      case JZERO: if (stack[--top] == 0) pc = (int)i->operand; break;
      case CALL: calls[depth++] = pc; pc = (int)i->operand; break;
      case RETURN: pc = calls[--depth]; break;
      case PRINT: printf(" %.15g", stack[--top]); break;
      case DUP: stack[top] = stack[top - 1]; top++; break;
      case DROP: top--; break;
      case SWAP: t = stack[top - 1]; stack[top - 1] = stack[top - 2]; stack[top - 2] = t; break;
      case INDEX: stack[top - 1] = memory[(int)stack[top - 1]]; break;
      case SET: top -= 2; memory[(int)stack[top + 1]] = stack[top]; break;
      case HALT: return steps;
    }
  }
  return steps;
}

void virtual_machine(void) {
  static const struct {
    const char *name, *source;
  } programs[] = {
    {"powers of two",
        "push 1 store 0 again: load 0 dup print push 2 mul store 0 load 0 push 1e6 less jzero end jump again end: halt"},
    {"Newton's root",
        "push 2 store 1 push 1 store 0 push 0 store 2 loop: load 0 load 1 load 0 div add push 2 div dup print store 0 "
                      "load 2 push 1 add dup store 2 push 7 less jzero out jump loop out: halt"},
    {"Leibniz",
        "push 0 store 0 push 1 store 1 push 1 store 2 loop: load 2 load 1 div load 0 add store 0 push 0 load 2 sub store 2 "
                "load 1 push 2 add dup store 1 push 2500 less jzero out jump loop out: load 0 push 4 mul print halt"},
    {"factorial",
        "push 1 store 9 next: load 9 call factorial print load 9 push 1 add dup store 9 push 19 less jzero out jump next "
                  "out: halt factorial: dup push 2 less jzero deeper drop push 1 return "
                  "deeper: dup push 1 sub call factorial mul return"},
    {"sieve", "push 2 store 100 outer: load 100 index jzero prime next: load 100 push 1 add dup store 100 push 90 less jzero end "
              "jump outer prime: load 100 print load 100 store 101 inner: load 101 load 100 add dup store 101 push 90 less "
              "jzero next push 1 load 101 set jump inner end: halt"},
    {"mistaken", "push 1 what"},
    {"endless", "round: jump round"},
  };

  for (size_t i = 0; i < COUNT(programs); i++) {
    static struct program p;
    const int good = assemble(&p, programs[i].source);
    memset(memory, 0, sizeof memory);
    printf("%s (%d, %d instructions):", programs[i].name, good, p.length);
    if (good) printf("; %u steps", run(&p, 30000));
    printf("\n");
    tell_bytes("memory", memory, sizeof memory);
  }
}
