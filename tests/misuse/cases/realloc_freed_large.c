// realloc of a large block that is free.
#include "misuse/misuse.h"

int main(void) {
  char* block = keep(malloc(kLarge));
  free(block);
  expect("realloc of a freed block", block);
  free(realloc(keep(block), 2 * kLarge));
  return survived();
}
