/* The functions of string.h and ctype.h at every alignment, and algorithms on text. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "numerics.h"

static void memory_at_every_alignment(void) {
  static uint8_t a[160], b[160];
  uint32_t sum = 0;

  for (unsigned from = 0; from < 8; from++)
    for (unsigned to = 0; to < 8; to++)
      for (unsigned size = 0; size < 70; size += 1 + size / 5) {
        for (unsigned i = 0; i < sizeof a; i++) a[i] = (uint8_t)(i * 7 + size);
        memset(b, 0xee, sizeof b);
        memcpy(b + to, a + from, size);
        memmove(b + to + 3, b + to, size);
        memset(b + to + 100, (int)from, size / 3);
        sum = sum * 31 + (uint32_t)(memcmp(a + from, b + to, size) > 0) + (uint32_t)(memcmp(a + from, b + to + 3, size) < 0);
        for (unsigned i = 0; i < sizeof b; i++) sum = sum * 33 + b[i];
      }
  printf("memory %08lx\n", (unsigned long)sum);
}

static void strings_at_every_alignment(void) {
  static char a[100], b[100];
  unsigned sum = 0;

  for (unsigned from = 0; from < 8; from++)
    for (unsigned length = 0; length < 40; length += 3) {
      memset(a, 'x', sizeof a);
      a[from + length] = 0;
      strcpy(b + (from ^ 3), a + from);
      sum = sum * 31 + (unsigned)strlen(b + (from ^ 3)) + (strcmp(a + from, b + (from ^ 3)) == 0);
      if (length > 4) {
        b[(from ^ 3) + 4] = 'y';
        sum = sum * 31 + (unsigned)(strchr(b + (from ^ 3), 'y') - b) + (strcmp(a + from, b + (from ^ 3)) < 0);
        sum += (unsigned)strspn(b + (from ^ 3), "x") + (unsigned)strcspn(b + (from ^ 3), "yz");
        sum += memchr(a + from, 0, length + 1) == a + from + length;
      }
    }
  printf("strings %08lx\n", (unsigned long)sum);
}

static int distance(const char *a, const char *b) {
  int row[32];
  const int n = (int)strlen(b);

  for (int j = 0; j <= n; j++) row[j] = j;
  for (int i = 1; a[i - 1]; i++) {
    int diagonal = row[0];
    row[0] = i;
    for (int j = 1; j <= n; j++) {
      const int cost = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
      if (cost < row[j]) row[j] = cost;
    }
  }
  return row[n];
}

static void common_subsequence(const char *a, const char *b) {
  static uint8_t table[33][33];
  char out[33];
  int i = (int)strlen(a), j = (int)strlen(b), length;

  memset(table, 0, sizeof table);
  for (int x = i; x-- > 0;)
    for (int y = j; y-- > 0;)
      table[x][y] = a[x] == b[y] ? (uint8_t)(table[x + 1][y + 1] + 1)
                    : table[x + 1][y] > table[x][y + 1] ? table[x + 1][y] : table[x][y + 1];
  for (i = j = length = 0; a[i] && b[j];)
    if (a[i] == b[j]) {
      out[length++] = a[i++];
      j++;
    } else if (table[i + 1][j] >= table[i][j + 1]) i++;
    else j++;
  out[length] = 0;
  printf("common '%s'\n", out);
}

/* Boyer, Moore and Horspool. */
static const char *search(const char *text, const char *pattern) {
  const size_t n = strlen(text), m = strlen(pattern);
  size_t skip[128];

  for (size_t i = 0; i < 128; i++) skip[i] = m;
  for (size_t i = 0; i + 1 < m; i++) skip[(uint8_t)pattern[i] & 127] = m - 1 - i;
  for (size_t at = 0; at + m <= n; at += skip[(uint8_t)text[at + m - 1] & 127])
    if (memcmp(text + at, pattern, m) == 0) return text + at;
  return NULL;
}

static void base64(const char *in) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char out[100], *to = out;
  const size_t size = strlen(in);

  for (size_t i = 0; i < size; i += 3) {
    const uint32_t group = (uint32_t)in[i] << 16 | (i + 1 < size ? (uint32_t)in[i + 1] << 8 : 0) | (i + 2 < size
        ? (uint32_t)in[i + 2] : 0);
    for (int d = 0; d < 4; d++) *to++ = i + (size_t)d <= size ? digits[group >> (18 - 6 * d) & 63] : '=';
  }
  *to = 0;
  printf("%s\n", out);
}

static void classes(void) {
  static int (*const functions[])(int) = {isalpha, isdigit, isspace, isupper, islower, ispunct, isxdigit, iscntrl, isprint};

  for (size_t f = 0; f < COUNT(functions); f++) {
    uint32_t sum = 0;
    for (int c = 0; c < 128; c++) sum = sum * 3 + (functions[f](c) != 0);
    printf("%08lx ", (unsigned long)sum);
  }
  for (int c = 'X'; c < 'd'; c++) printf("%c%c", toupper(c), tolower(c));
  printf("\n");
}

void text(void) {
  static const char verse[] = "In the beginning the partition was without form, and void; and darkness was upon the memory.";
  static const char *const words[] = {"kitten", "sitting", "partition", "petition", "hypervisor", "supervisor", "", "interrupt"};
  char copy[sizeof verse], *rest = NULL;

  memory_at_every_alignment();
  strings_at_every_alignment();
  for (size_t i = 0; i < COUNT(words); i++) {
    for (size_t j = 0; j < COUNT(words); j++) printf("%2d ", distance(words[i], words[j]));
    printf("\n");
    common_subsequence(words[i], words[(i + 1) % COUNT(words)]);
    base64(words[i]);
    const char *found = search(verse, words[i]), *again = strstr(verse, words[i]);
    printf("%d %d\n", found == NULL ? -1 : (int)(found - verse), found == again);
  }
  strcpy(copy, verse);
  for (char *word = strtok_r(copy, " ,;.", &rest); word != NULL; word = strtok_r(NULL, " ,;.", &rest)) {
    for (char *p = word, *q = word + strlen(word) - 1; p < q; p++, q--) {
      const char c = *p;
      *p = (char)toupper(*q);
      *q = c;
    }
    printf("%s ", word);
  }
  printf("\n");
  classes();
  printf("%d %s %s\n", strncmp("abcdef", "abcxyz", 3), strrchr("a/b/c", '/'), strpbrk("name=value", ":="));
}
