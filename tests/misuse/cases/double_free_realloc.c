// free of a large block that realloc has moved away.
#include "misuse/misuse.h"

int main(void) {
  void* block = keep(malloc(kLarge));
  void* guard = keep(malloc(kLarge));
  void* moved = keep(realloc(keep(block), (size_t)64 << 20));
  if (moved == block || guard == NULL) {
    // It grew in place after all; then this is the plain case.
    free(moved);
  }
  expect("double free", block);
  expect("free of " FOREIGN, block);
  free(keep(block));
  return survived();
}
