// free of the middle of a large block with large alignment.
#include "misuse/misuse.h"

int main(void) {
  char* block = keep(memalign((size_t)4 << 20, (size_t)6 << 20));
  expect("free of " INTERIOR, block + ((size_t)4 << 20));
  free(keep(block + ((size_t)4 << 20)));
  return survived();
}
