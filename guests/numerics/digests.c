/* SHA-256, SHA-1, MD5 and checksums, against their known answers. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "numerics.h"

static uint32_t rotate_left(uint32_t x, int n) {
  return x << n | x >> (32 - n);
}

static uint32_t rotate_right(uint32_t x, int n) {
  return x >> n | x << (32 - n);
}

static uint32_t big_word(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The constants are the fraction bits of square and cube roots of primes: found here with integers only. */
static uint32_t fraction_of_root(uint32_t prime, int degree) {
  uint64_t low = 0, high = (uint64_t)32 << 32;

  while (high - low > 1) {
    const uint64_t middle = (low + high) / 2;
    /* middle^degree against prime * 2^(32 * degree), in limbs of 32 bits */
    uint32_t value[8] = {1}, out[8];
    for (int d = 0; d < degree; d++) {
      memset(out, 0, sizeof out);
      for (int part = 0; part < 2; part++) {
        uint64_t carry = 0;
        const uint64_t factor = part == 0 ? (uint32_t)middle : middle >> 32;
        for (int i = 0; i + part < 8; i++) {
          carry += value[i] * factor + out[i + part];
          out[i + part] = (uint32_t)carry;
          carry >>= 32;
        }
      }
      memcpy(value, out, sizeof out);
    }
    if (value[degree] >= prime)
      high = middle;
    else
      low = middle;
  }
  return (uint32_t)low;
}

static uint32_t sha256_start[8], sha256_round[64];

static void find_constants(void) {
  unsigned found = 0;

  for (uint32_t candidate = 2; found < 64; candidate++) {
    int prime = 1;
    for (uint32_t d = 2; d * d <= candidate; d++)
      prime &= candidate % d != 0;
    if (!prime)
      continue;
    if (found < 8)
      sha256_start[found] = fraction_of_root(candidate, 2);
    sha256_round[found++] = fraction_of_root(candidate, 3);
  }
}

static void sha256_block(uint32_t *state, const uint8_t *block) {
  uint32_t w[64], s[8];

  for (int i = 0; i < 16; i++)
    w[i] = big_word(block + 4 * i);
  for (int i = 16; i < 64; i++) {
    const uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + w[i - 7] + (rotate_right(a, 7) ^ rotate_right(a, 18) ^ a >> 3) +
       (rotate_right(b, 17) ^ rotate_right(b, 19) ^ b >> 10);
  }
  memcpy(s, state, sizeof s);
  for (int i = 0; i < 64; i++) {
    const uint32_t e = s[4], a = s[0];
    const uint32_t one = s[7] + (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) +
              ((e & s[5]) ^ (~e & s[6])) + sha256_round[i] + w[i];
    const uint32_t two =
      (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
    memmove(s + 1, s, 7 * sizeof *s);
    s[4] += one;
    s[0] = one + two;
  }
  for (int i = 0; i < 8; i++)
    state[i] += s[i];
}

static void sha1_block(uint32_t *state, const uint8_t *block) {
  static const uint32_t constants[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
  uint32_t w[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];

  for (int i = 0; i < 16; i++)
    w[i] = big_word(block + 4 * i);
  for (int i = 16; i < 80; i++)
    w[i] = rotate_left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  for (int i = 0; i < 80; i++) {
    const int phase = i / 20;
    const uint32_t f = phase == 0 ? (b & c) | (~b & d) : phase == 2 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
    const uint32_t t = rotate_left(a, 5) + f + e + constants[phase] + w[i];
    e = d;
    d = c;
    c = rotate_left(b, 30);
    b = a;
    a = t;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}

static void md5_block(uint32_t *state, const uint8_t *block) {
  static const uint8_t shifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  static uint32_t sines[64];

  if (sines[0] == 0) {
    for (int i = 0; i < 64; i++)
      sines[i] = (uint32_t)(fabs(sin(i + 1)) * 4294967296.0);
  }
  for (int i = 0; i < 64; i++) {
    uint32_t f, word;
    const int g[4] = {i, 5 * i + 1, 3 * i + 5, 7 * i};
    switch (i / 16) {
    case 0:
      f = (b & c) | (~b & d);
      break;
    case 1:
      f = (d & b) | (~d & c);
      break;
    case 2:
      f = b ^ c ^ d;
      break;
    default:
      f = c ^ (b | ~d);
    }
    memcpy(&word, block + 4 * (g[i / 16] % 16), 4);
    const uint32_t t = d;
    d = c;
    c = b;
    b += rotate_left(a + f + sines[i] + word, shifts[i / 16][i % 4]);
    a = t;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

/* All three pad in the same way, but for the order of the length's bytes. */
static void digest(const char *name, const uint8_t *data, size_t size, const uint32_t *start, int words, int little,
         void (*consume)(uint32_t *, const uint8_t *)) {
  uint32_t state[8];
  uint8_t last[128] = {0};
  size_t at = 0;

  memcpy(state, start, words * sizeof *state);
  for (; size - at >= 64; at += 64)
    consume(state, data + at);
  memcpy(last, data + at, size - at);
  last[size - at] = 0x80;
  const size_t end = size - at < 56 ? 64 : 128;
  for (int i = 0; i < 8; i++)
    last[little ? end - 8 + i : end - 1 - i] = (uint8_t)((uint64_t)size * 8 >> (8 * i));
  for (size_t block = 0; block < end; block += 64)
    consume(state, last + block);
  printf("%s ", name);
  for (int i = 0; i < words; i++)
    printf("%08lx", (unsigned long)(little ? __builtin_bswap32(state[i]) : state[i]));
  printf("\n");
}

static uint32_t crc32(const uint8_t *data, size_t size, uint32_t polynomial) {
  uint32_t crc = 0xffffffff;

  for (size_t i = 0; i < size; i++) {
    crc ^= data[i];
    for (int bit = 0; bit < 8; bit++)
      crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
  }
  return ~crc;
}

static uint16_t crc16(const uint8_t *data, size_t size) {
  uint16_t crc = 0xffff;

  for (size_t i = 0; i < size; i++) {
    crc ^= (uint16_t)(data[i] << 8);
    for (int bit = 0; bit < 8; bit++)
      crc = (uint16_t)(crc << 1 ^ (crc & 0x8000 ? 0x1021 : 0));
  }
  return crc;
}

static uint32_t adler32(const uint8_t *data, size_t size) {
  uint32_t a = 1, b = 0;

  for (size_t i = 0; i < size; i++) {
    a = (a + data[i]) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

void digests(void) {
  static const uint32_t start[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  static uint8_t data[3000];
  static const size_t sizes[] = {0, 3, 55, 56, 63, 64, 65, 119, 120, 1000, 3000};

  find_constants();
  printf("%08lx %08lx\n", (unsigned long)sha256_start[7], (unsigned long)sha256_round[63]);
  for (size_t i = 0; i < sizeof data; i++)
    data[i] = (uint8_t)random_word();
  memcpy(data, "abc", 3);
  for (size_t i = 0; i < COUNT(sizes); i++) {
    printf("%u bytes\n", (unsigned)sizes[i]);
    digest("SHA-256", data, sizes[i], sha256_start, 8, 0, sha256_block);
    digest("SHA-1", data, sizes[i], start, 5, 0, sha1_block);
    digest("MD5", data, sizes[i], start, 4, 1, md5_block);
    printf("CRC-32 %08lx, CRC-32C %08lx, CRC-16 %04x, Adler-32 %08lx\n", (unsigned long)crc32(data, sizes[i], 0xedb88320),
       (unsigned long)crc32(data, sizes[i], 0x82f63b78), crc16(data, sizes[i]), (unsigned long)adler32(data, sizes[i]));
  }
}
