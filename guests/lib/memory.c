/* The four functions that gcc may call even in freestanding code. */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);

void *memcpy(void *to, const void *from, size_t bytes) {
  char *target = to;
  const char *source = from;
  if ((((uint32_t)to | (uint32_t)from) & 3) == 0) {
    for (; bytes >= 4; bytes -= 4, target += 4, source += 4) *(uint32_t *)target = *(const uint32_t *)source;
  }
  while (bytes-- > 0) *target++ = *source++;
  return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
  char *target = to;
  const char *source = from;
  if (target <= source) return memcpy(to, from, bytes);
  while (bytes-- > 0) target[bytes] = source[bytes];
  return to;
}

void *memset(void *to, int value, size_t bytes) {
  char *target = to;
  while (bytes-- > 0) *target++ = (char)value;
  return to;
}

int memcmp(const void *a, const void *b, size_t bytes) {
  const uint8_t *left = a, *right = b;
  for (size_t i = 0; i < bytes; i++) {
    if (left[i] != right[i]) return left[i] - right[i];
  }
  return 0;
}
