// A tree in a heap of its own, in C: thrown away without a walk over its nodes.
//
// Prints:
// tree: 1000 nodes
// no more than it may: 1 of 2 large blocks

#include <stdio.h>
#include <stdlib.h>

#include "mete/mete.h"

struct node {
  struct node* left;
  struct node* right;
  unsigned key;
};

static void insert(mete_heap* heap, struct node** place, unsigned key) {
  while (*place != NULL) place = key < (*place)->key ? &(*place)->left : &(*place)->right;
  *place = mete_heap_allocate_zeroed(heap, sizeof **place, _Alignof(struct node));
  if (*place == NULL) exit(1);
  (*place)->key = key;
}

int main(void) {
  const mete_heap_options options = {.limit = 1 << 20, .name = "tree"};
  mete_heap* heap = mete_heap_create(&options);
  struct node* root = NULL;
  for (unsigned i = 0; i < 1000; ++i) insert(heap, &root, i * 2654435761u);

  mete_heap_statistics now;
  mete_heap_get_statistics(heap, &now);
  printf("%s: %zu nodes\n", mete_heap_name(heap), now.blocks);

  int given = 0;
  for (int i = 0; i < 2; ++i) given += mete_heap_allocate(heap, 600000, 1) != NULL;
  printf("no more than it may: %d of 2 large blocks\n", given);
  mete_heap_destroy(heap);
}
