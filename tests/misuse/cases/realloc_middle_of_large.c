// realloc of the middle of a large block.
#include "misuse/misuse.h"

int main(void) {
  char* block = keep(malloc(kLarge));
  expect("realloc of " INTERIOR, block + 4096);
  free(realloc(keep(block + 4096), 2 * kLarge));
  return survived();
}
