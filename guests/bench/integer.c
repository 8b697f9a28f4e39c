/* integer: what embedded code does all day, in four parts: linked lists, small matrices, a state machine over text, CRCs. */
#include "bench.h"

#include <stddef.h>

const char bench_name[] = "integer";

#define NODES 200
#define SIDE  12
#define TEXT  600

struct node {
  struct node *next;
  int16_t key, index;
};

static struct node nodes[NODES];
static int16_t left[SIDE][SIDE], right[SIDE][SIDE];
static int32_t product[SIDE][SIDE];
static char text[TEXT + 1];

static uint16_t crc16(uint16_t crc, uint8_t byte) {
  for (int bit = 0; bit < 8; bit++) {
    uint16_t carry = (crc ^ byte) & 1;
    crc >>= 1;
    if (carry) crc ^= 0xa001;
    byte >>= 1;
  }
  return crc;
}

static uint16_t crc_word(uint16_t crc, uint32_t word) {
  for (int i = 0; i < 4; i++, word >>= 8) crc = crc16(crc, (uint8_t)word);
  return crc;
}

static struct node *reverse(struct node *list) {
  struct node *done = NULL;
  while (list) {
    struct node *next = list->next;
    list->next = done;
    done = list;
    list = next;
  }
  return done;
}

static struct node *find(struct node *list, int16_t key) {
  while (list && list->key != key) list = list->next;
  return list;
}

typedef int comparison(const struct node *a, const struct node *b);

static int by_key(const struct node *a, const struct node *b) { return a->key - b->key; }
static int by_index(const struct node *a, const struct node *b) { return a->index - b->index; }

static struct node *merge(struct node *a, struct node *b, comparison *compare) {
  struct node head, *tail = &head;
  while (a && b) {
    struct node **smaller = compare(a, b) <= 0 ? &a : &b;
    tail->next = *smaller;
    tail = *smaller;
    *smaller = tail->next;
  }
  tail->next = a ? a : b;
  return head.next;
}

static struct node *sort(struct node *list, uint32_t length, comparison *compare) {
  if (length < 2) return list;
  struct node *middle = list;
  for (uint32_t i = 1; i < length / 2; i++) middle = middle->next;
  struct node *second = middle->next;
  middle->next = NULL;
  list = sort(list, length / 2, compare);
  return merge(list, sort(second, length - length / 2, compare), compare);
}

static uint16_t lists(uint32_t *state) {
  uint16_t crc = 0;
  for (int i = 0; i < NODES; i++) nodes[i] = (struct node){i + 1 < NODES ? &nodes[i + 1] : NULL, (int16_t)(draw(state) >> 20), (int16_t)i};
  struct node *list = sort(nodes, NODES, by_key);
  for (int i = 0; i < 12; i++) {
    struct node *found = find(list, nodes[draw(state) % NODES].key);
    crc = crc_word(crc, found ? (uint32_t)found->index : 0xffff);
    list = reverse(list);
  }
  list = sort(list, NODES, by_index);
  for (struct node *at = list; at; at = at->next) crc = (uint16_t)(crc * 31 + at->key);
  return crc;
}

static uint16_t matrices(uint32_t *state) {
  uint16_t crc = 0;
  for (int i = 0; i < SIDE * SIDE; i++) {
    left[i / SIDE][i % SIDE] = (int16_t)draw(state);
    right[i / SIDE][i % SIDE] = (int16_t)draw(state);
  }
  for (int i = 0; i < SIDE; i++) {
    for (int j = 0; j < SIDE; j++) {
      int32_t sum = 0, bits = 0;
      for (int k = 0; k < SIDE; k++) {
        int32_t term = left[i][k] * right[k][j];
        sum += term;
        bits += (term >> 2 & 15) * (term >> 5 & 127);
      }
      product[i][j] = sum ^ bits;
    }
  }
  for (int i = 0; i < SIDE; i++) crc = crc_word(crc, (uint32_t)product[i][SIDE - 1 - i]);
  return crc;
}

/** Numbers of several kinds, right and wrong, with commas between them. */
static void write_text(uint32_t *state) {
  static const char *const words[] = {"5012", "-1234", "+87", "12.5", "-.25", "7e3", "9.1e-4", "0x1F", "T0.3e-1F", "--9", "1.2.3", "xyz"};
  int at = 0;
  for (;;) {
    const char *word = words[draw(state) % 12];
    int length = 0;
    while (word[length]) length++;
    if (at + length + 1 > TEXT) break;
    for (int i = 0; i < length; i++) text[at++] = word[i];
    text[at++] = ',';
  }
  text[at] = '\0';
}

enum scan { START, SIGN, INTEGER, POINT, FRACTION, EXPONENT, EXPONENT_SIGN, POWER, WRONG, STATES };

static enum scan advance(enum scan state, char c) {
  int digit = c >= '0' && c <= '9';
  switch (state) {
    case START: return digit ? INTEGER : c == '+' || c == '-' ? SIGN : c == '.' ? POINT : WRONG;
    case SIGN: return digit ? INTEGER : c == '.' ? POINT : WRONG;
    case INTEGER: return digit ? INTEGER : c == '.' ? FRACTION : c == 'e' ? EXPONENT : WRONG;
    case POINT: return digit ? FRACTION : WRONG;
    case FRACTION: return digit ? FRACTION : c == 'e' ? EXPONENT : WRONG;
    case EXPONENT: return digit ? POWER : c == '+' || c == '-' ? EXPONENT_SIGN : WRONG;
    case EXPONENT_SIGN:
    case POWER: return digit ? POWER : WRONG;
    default: return WRONG;
  }
}

static uint16_t scans(uint32_t *state) {
  uint16_t crc = 0;
  uint32_t ended[STATES] = {0}, passed[STATES] = {0};
  write_text(state);
  enum scan now = START;
  for (const char *at = text; *at; at++) {
    if (*at == ',') {
      ended[now]++;
      now = START;
    } else {
      now = advance(now, *at);
      passed[now]++;
    }
  }
  for (int i = 0; i < STATES; i++) crc = crc_word(crc_word(crc, ended[i]), passed[i]);
  return crc;
}

uint32_t bench_round(uint32_t round) {
  uint32_t state = round * 2654435761u | 1, sum = 0;
  sum = mix(sum, lists(&state));
  sum = mix(sum, matrices(&state));
  return mix(sum, scans(&state));
}
