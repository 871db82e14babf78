// malloc_usable_size of the middle of a large block.
#include "misuse/misuse.h"

int main(void) {
  char* block = keep(malloc(kLarge));
  expect("malloc_usable_size of " INTERIOR, block + 8192);
  return (int)malloc_usable_size(keep(block + 8192)) == 0 ? survived() : 2;
}
