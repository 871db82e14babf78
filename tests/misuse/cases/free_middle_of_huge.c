// free of the middle of a block of 300 MiB, which spans several of whatever the allocator keeps its
// map in.
#include "misuse/misuse.h"

int main(void) {
  char* block = keep(malloc((size_t)300 << 20));
  expect("free of " INTERIOR, block + ((size_t)200 << 20));
  free(keep(block + ((size_t)200 << 20)));
  return survived();
}
