/* A hash map with open addressing, a trie and a treap, checked against each other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "numerics.h"

struct entry {
  char *key;
  double value;
};

struct map {
  struct entry *entries;
  unsigned size, used;
};

static uint32_t hash(const char *key) {
  uint32_t h = 0x811c9dc5;
  while (*key) h = (h ^ (uint8_t)*key++) * 0x01000193;
  return h ^ h >> 15;
}

static struct entry *slot(const struct map *map, const char *key) {
  unsigned i = hash(key) & (map->size - 1);
  while (map->entries[i].key != NULL && strcmp(map->entries[i].key, key) != 0) i = (i + 1) & (map->size - 1);
  return &map->entries[i];
}

static void grow(struct map *map) {
  struct map bigger = {calloc(map->size * 2, sizeof *bigger.entries), map->size * 2, map->used};
  for (unsigned i = 0; i < map->size; i++)
    if (map->entries[i].key != NULL) *slot(&bigger, map->entries[i].key) = map->entries[i];
  free(map->entries);
  *map = bigger;
}

static double *at(struct map *map, const char *key) {
  if (map->used * 4 >= map->size * 3) grow(map);
  struct entry *entry = slot(map, key);
  if (entry->key == NULL) {
    entry->key = strdup(key);
    entry->value = 0;
    map->used++;
  }
  return &entry->value;
}

struct trie {
  struct trie *next[26];
  int count;
};

static void insert(struct trie *node, const char *word) {
  for (; *word; word++) {
    struct trie **next = &node->next[*word - 'a'];
    if (*next == NULL) *next = calloc(1, sizeof **next);
    node = *next;
  }
  node->count++;
}

static int depth(const struct trie *node, int *nodes) {
  int most = 0;
  ++*nodes;
  for (int i = 0; i < 26; i++)
    if (node->next[i] != NULL) {
      const int d = 1 + depth(node->next[i], nodes);
      if (d > most) most = d;
    }
  return most;
}

static void walk(const struct trie *node, char *word, int length, int *left) {
  if (node->count > 0 && *left > 0) {
    --*left;
    printf(" %.*s:%d", length, word, node->count);
  }
  for (int i = 0; i < 26; i++)
    if (node->next[i] != NULL) {
      word[length] = (char)('a' + i);
      walk(node->next[i], word, length + 1, left);
    }
}

struct treap {
  struct treap *child[2];
  uint32_t key, priority;
};

static struct treap *put(struct treap *root, uint32_t key) {
  if (root == NULL) {
    struct treap *node = calloc(1, sizeof *node);
    node->key = key;
    node->priority = random_word();
    return node;
  }
  if (key == root->key) return root;
  const int side = key > root->key;
  struct treap *child = put(root->child[side], key);
  root->child[side] = child;
  if (child->priority <= root->priority) return root;
  root->child[side] = child->child[!side];
  child->child[!side] = root;
  return child;
}

static int height(const struct treap *root) {
  if (root == NULL) return 0;
  const int left = height(root->child[0]), right = height(root->child[1]);
  return 1 + (left > right ? left : right);
}

static uint32_t in_order(const struct treap *root, uint32_t sum) {
  if (root == NULL) return sum;
  return in_order(root->child[1], in_order(root->child[0], sum) * 31 + root->key);
}

static void make_word(char *word) {
  static const char *const syllables[] = {"ka", "ri", "to", "men", "sol", "a", "vi", "dur", "esh", "lo"};
  *word = 0;
  for (unsigned i = 1 + random_below(3); i-- > 0;) strcat(word, syllables[random_below(COUNT(syllables))]);
}

void hash_map(void) {
  struct map map = {calloc(16, sizeof *map.entries), 16, 0};
  struct trie *trie = calloc(1, sizeof *trie);
  struct treap *treap = NULL;
  char word[16];
  int nodes = 0, left = 60;
  double sum = 0;

  for (int i = 0; i < 1500; i++) {
    make_word(word);
    *at(&map, word) += 1.0 / (i + 1);
    insert(trie, word);
    treap = put(treap, hash(word));
  }
  for (unsigned i = 0; i < map.size; i++)
    if (map.entries[i].key != NULL) {
      sum += map.entries[i].value;
      if (map.entries[i].value > 0.05) printf("%s %.15g\n", map.entries[i].key, map.entries[i].value);
    }
  printf("%u words in %u slots, sum %.15g\n", map.used, map.size, sum);
  const int most = depth(trie, &nodes);
  printf("%d nodes, depth %d\n", nodes, most);
  walk(trie, word, 0, &left);
  printf("\ntreap of height %d, %08lx\n", height(treap), (unsigned long)in_order(treap, 0));
  for (unsigned i = 0; i < map.size; i++) free(map.entries[i].key);
  free(map.entries);
}
