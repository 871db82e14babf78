// malloc_usable_size of a large block that is free.
#include "misuse/misuse.h"

int main(void) {
  char* block = keep(malloc(kLarge));
  free(block);
  expect("malloc_usable_size of a freed block", block);
  return (int)malloc_usable_size(keep(block)) == 0 ? survived() : 2;
}
