/*
 * Many small computations with known kinds of trouble in them: all that a compiler makes of C with floating point should be met
 * here. What it prints depends on nothing but the program. The same file runs on a bare board (see start.S) and under a user-mode
 * emulator.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "numerics.h"

static const struct {
  const char *name;
  void (*run)(void);
} sections[] = {
  {"fourier", fourier},
  {"linear_algebra", linear_algebra},
  {"differential_equations", differential_equations},
  {"big_integers", big_integers},
  {"digests", digests},
  {"sorting", sorting},
  {"hash_map", hash_map},
  {"json", json},
  {"regular_expressions", regular_expressions},
  {"ray_tracer", ray_tracer},
  {"filters", filters},
  {"vectors", vectors},
  {"half_precision", half_precision},
  {"rounding", rounding},
  {"formats", formats},
  {"control_flow", control_flow},
  {"integers", integers},
  {"fixed_point", fixed_point},
  {"virtual_machine", virtual_machine},
  {"compression", compression},
  {"text", text},
  {"calculus", calculus},
  {"elementary_functions", elementary_functions},
  {"graphs", graphs},
  {"automata", automata},
};

/* With arguments, only the sections that they name. The status is the number of sections that ran. */
int main(int argc, char **argv) {
  static char buffer[4096];
  int ran = 0;

  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  for (size_t i = 0; i < COUNT(sections); i++) {
    int wanted = argc < 2;
    for (int a = 1; a < argc; a++)
      wanted |= strcmp(argv[a], sections[i].name) == 0;
    if (!wanted)
      continue;
    printf("== %s ==\n", sections[i].name);
    seed(i + 1);
    sections[i].run();
    ran++;
  }
  fflush(stdout);
  return ran;
}
