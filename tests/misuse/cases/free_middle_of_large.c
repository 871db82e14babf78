// free of the middle of a large block, not on a page boundary.
#include "misuse/misuse.h"

int main(void) {
  char* block = keep(malloc(kLarge));
  expect("free of " INTERIOR, block + 5 * 4096 + 48);
  free(keep(block + 5 * 4096 + 48));
  return survived();
}
