/* Three ways to make data smaller, each there and back: LZ77, Huffman's code, and an arithmetic coder with an adaptive model. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "numerics.h"

#define SIZE 1500
#define ROOM (SIZE * 2 + 600)

/* A flag byte for eight items: a literal, or two bytes of distance and length. */
static size_t lz_pack(const uint8_t *in, size_t size, uint8_t *out) {
  static int last[4096];
  size_t at = 0, to = 0, flags = 0;

  memset(last, -1, sizeof last);
  for (int item = 0; at < size; item++) {
    if (item % 8 == 0) out[flags = to++] = 0;
    size_t length = 0;
    int from = -1;
    if (at + 3 <= size) {
      const uint32_t key = (in[at] | (uint32_t)in[at + 1] << 8 | (uint32_t)in[at + 2] << 16) * 2654435761u >> 20;
      from = last[key];
      last[key] = (int)at;
      if (from >= 0 && at - (size_t)from < 4096)
        while (length < 18 && at + length < size && in[(size_t)from + length] == in[at + length]) length++;
    }
    if (length >= 3) {
      const unsigned distance = (unsigned)(at - (size_t)from);
      out[flags] |= (uint8_t)(1 << item % 8);
      out[to++] = (uint8_t)distance;
      out[to++] = (uint8_t)((distance >> 8) << 4 | (length - 3));
      at += length;
    } else out[to++] = in[at++];
  }
  return to;
}

static size_t lz_unpack(const uint8_t *in, size_t size, uint8_t *out) {
  size_t at = 0, to = 0;

  while (at < size) {
    const unsigned flags = in[at++];
    for (int item = 0; item < 8 && at < size; item++) {
      if (flags >> item & 1) {
        const unsigned distance = in[at] | (unsigned)(in[at + 1] >> 4) << 8;
        unsigned length = (in[at + 1] & 15) + 3;
        at += 2;
        for (; length > 0; length--, to++) out[to] = out[to - distance];
      } else out[to++] = in[at++];
    }
  }
  return to;
}

struct node {
  uint32_t weight;
  int16_t child[2];
};

static struct node tree[511];
static char codes[256][40];

static int lightest(int used, const uint8_t *taken) {
  int best = -1;
  for (int i = 0; i < used; i++)
    if (!taken[i] && tree[i].weight > 0 && (best < 0 || tree[i].weight < tree[best].weight)) best = i;
  return best;
}

static void name_codes(int node, char *prefix, int length) {
  if (node < 256) {
    prefix[length] = 0;
    strcpy(codes[node], prefix);
    return;
  }
  for (int side = 0; side < 2; side++) {
    prefix[length] = (char)('0' + side);
    name_codes(tree[node].child[side], prefix, length + 1);
  }
}

static size_t huffman(const uint8_t *in, size_t size, uint8_t *bits, uint8_t *back) {
  uint8_t taken[511] = {0};
  char prefix[256];
  int used = 256;
  size_t at = 0, read = 0;

  memset(tree, 0, sizeof tree);
  for (size_t i = 0; i < size; i++) tree[in[i]].weight++;
  for (;;) {
    const int a = lightest(used, taken);
    taken[a] = 1;
    const int b = lightest(used, taken);
    if (b < 0) {
      name_codes(a, prefix, 0);
      break;
    }
    taken[b] = 1;
    tree[used++] = (struct node){tree[a].weight + tree[b].weight, {(int16_t)a, (int16_t)b}};
  }
  memset(bits, 0, ROOM);
  for (size_t i = 0; i < size; i++)
    for (const char *c = codes[in[i]]; *c; c++, at++) bits[at / 8] |= (uint8_t)((*c - '0') << at % 8);
  for (size_t i = 0; i < size; i++) {
    int node = used - 1;
    while (node >= 256) {
      node = tree[node].child[bits[read / 8] >> read % 8 & 1];
      read++;
    }
    back[i] = (uint8_t)node;
  }
  return (at + 7) / 8;
}

/* A binary range coder; each bit of a byte has its own probability in the context of those before it. */
struct coder {
  uint32_t low, high, code;
  uint8_t *at;
  uint16_t model[256];
};

static void start(struct coder *c, uint8_t *at) {
  c->low = c->code = 0;
  c->high = 0xffffffff;
  c->at = at;
  for (int i = 0; i < 256; i++) c->model[i] = 2048;
}

static int code_bit(struct coder *c, int context, int bit, int decoding) {
  const uint32_t middle = c->low + (uint32_t)((uint64_t)(c->high - c->low) * c->model[context] >> 12);

  if (decoding) bit = c->code <= middle;
  if (bit) {
    c->high = middle;
    c->model[context] = (uint16_t)(c->model[context] + ((4095 - c->model[context]) >> 5));
  } else {
    c->low = middle + 1;
    c->model[context] = (uint16_t)(c->model[context] - ((c->model[context] - 1) >> 5));
  }
  while ((c->low ^ c->high) >> 24 == 0) {
    if (decoding) c->code = c->code << 8 | *c->at++;
    else *c->at++ = (uint8_t)(c->high >> 24);
    c->low <<= 8;
    c->high = c->high << 8 | 255;
  }
  return bit;
}

static size_t arithmetic(const uint8_t *in, size_t size, uint8_t *out, uint8_t *back) {
  struct coder c;

  start(&c, out);
  for (size_t i = 0; i < size; i++)
    for (int context = 1, bit = 7; bit >= 0; bit--) context = context << 1 | code_bit(&c, context, in[i] >> bit & 1, 0);
  for (int i = 0; i < 4; i++, c.low <<= 8) *c.at++ = (uint8_t)(c.low >> 24);
  const size_t packed = (size_t)(c.at - out);
  start(&c, out);
  for (int i = 0; i < 4; i++) c.code = c.code << 8 | *c.at++;
  for (size_t i = 0; i < size; i++) {
    int context = 1;
    while (context < 256) context = context << 1 | code_bit(&c, context, 0, 1);
    back[i] = (uint8_t)context;
  }
  return packed;
}

static void fill(uint8_t *data, int kind) {
  static const char *const words[] = {"partition ", "memory ", "interrupt ", "the ", "of ", "guest ", "is "};
  const char *word = "";

  for (int i = 0; i < SIZE; i++) {
    if (*word == 0) word = words[random_below(COUNT(words))];
    switch (kind) {
      case 0: data[i] = (uint8_t)random_word(); break;
      case 1: data[i] = (uint8_t)*word++; break;
      case 2: data[i] = (uint8_t)(128 + 60 * sin(i * 0.05)); break;
      default: data[i] = (uint8_t)(i / 350);
    }
  }
}

static double entropy(const uint8_t *data) {
  unsigned counts[256] = {0};
  double bits = 0;

  for (int i = 0; i < SIZE; i++) counts[data[i]]++;
  for (int i = 0; i < 256; i++)
    if (counts[i] > 0) bits -= counts[i] * log2((double)counts[i] / SIZE);
  return bits / 8;
}

void compression(void) {
  static uint8_t data[SIZE], packed[ROOM], back[SIZE + 16];

  for (int kind = 0; kind < 4; kind++) {
    fill(data, kind);
    printf("%d: %.6f bytes of entropy\n", kind, entropy(data));
    const size_t size = lz_pack(data, SIZE, packed);
    tell_bytes("LZ77", packed, size);
    const size_t unpacked = lz_unpack(packed, size, back);
    printf("back %d\n", unpacked == SIZE && memcmp(data, back, SIZE) == 0);
    tell_bytes("Huffman", packed, huffman(data, SIZE, packed, back));
    printf("back %d\n", memcmp(data, back, SIZE) == 0);
    tell_bytes("arithmetic", packed, arithmetic(data, SIZE, packed, back));
    printf("back %d\n", memcmp(data, back, SIZE) == 0);
  }
}
