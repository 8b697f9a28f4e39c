/*
 * fresh: writes functions of about 25 instructions, drawn at random, and calls each 200 times, as a guest does that translates code itself.
 * They take 128 bytes each of 32 MiB, one after the other; then the first are written over.
 */
#include "bench.h"

#include "cp15.h"
#include "mmu.h"

const char bench_name[] = "fresh";

#define MEBIBYTE   0x100000u
#define VIRTUAL    0x60000000u
#define PHYSICAL   0x44000000u
#define MIBS       32u
#define BYTES      128u
#define PLACES     (MIBS * MEBIBYTE / BYTES)
#define NEVER      (1u << 4) /* XN of a section */
#define LINE       64u

#define FUNCTIONS  64u
#define CALLS      200u
#define LENGTH     25u

typedef uint32_t function(uint32_t a, uint32_t b);

static uint32_t place;

void bench_start(void) {
  for (uint32_t at = 0; at < MIBS * MEBIBYTE; at += MEBIBYTE)
    mmu_set_first_level(VIRTUAL + at, mmu_section(PHYSICAL + at, MEMORY_DATA) & ~NEVER);
  write_TLBIALL(0);
  dsb();
  isb();
}

#define REGISTERS 5u
static const uint8_t registers[REGISTERS] = {0, 1, 2, 3, 12};
static uint32_t any(uint32_t *state) { return registers[draw(state) % REGISTERS]; }

/** AND, EOR, SUB, RSB, ADD, ADC, SBC or RSC, or one with ORR, of registers, the last one shifted by a constant; some set the flags. */
static uint32_t instruction(uint32_t *state) {
  uint32_t bits = draw(state), opcode = bits & 7, flags = (bits >> 3) & 1, shift = (bits >> 4) & 0x7f;
  if ((bits & 0xf000) == 0) return 0xe0000090u | any(state) << 16 | any(state) << 8 | any(state); /* MUL */
  if ((bits & 0xf000) == 0x1000) opcode = 12;                                                     /* ORR */
  return 0xe0000000u | opcode << 21 | flags << 20 | any(state) << 16 | any(state) << 12 | shift << 5 | any(state);
}

/** Beyond its arguments a function reads only what it has set. */
static void write(uint32_t *code, uint32_t seed) {
  uint32_t state = seed | 1, at = 0;
  for (uint32_t i = 2; i < REGISTERS; i++) code[at++] = 0xe3000000u | (uint32_t)registers[i] << 12 | (draw(&state) & 0xf0fff); /* MOVW */
  code[at++] = 0xe0900001u; /* ADDS r0, r0, r1 */
  while (at < LENGTH - 1) {
    uint32_t condition = draw(&state) % 28; /* half of them none, and no branch over the end */
    if (at + 3 < LENGTH && at % 8 == 7) code[at++] = (condition % 14) << 28 | 0x0a000000u; /* over one */
    code[at] = instruction(&state);
    if (condition < 14) code[at] = (code[at] & 0x0fffffff) | condition << 28;
    at++;
  }
  code[at] = 0xe12fff1eu; /* BX lr */
}

uint32_t bench_round(uint32_t round) {
  uint32_t sum = 0, first = place;
  for (uint32_t i = 0; i < FUNCTIONS; i++, place = (place + 1) % PLACES) {
    uint32_t va = VIRTUAL + place * BYTES;
    write((uint32_t *)va, (round * FUNCTIONS + i) * 2654435761u);
    for (uint32_t line = 0; line < BYTES; line += LINE) write_DCCMVAU(va + line);
  }
  dsb();
  write_ICIALLU(0);
  dsb();
  isb();
  for (uint32_t call = 0; call < CALLS; call++) {
    for (uint32_t i = 0; i < FUNCTIONS; i++) sum = mix(sum, ((function *)(VIRTUAL + (first + i) % PLACES * BYTES))(sum, call));
  }
  return sum;
}
