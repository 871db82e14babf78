// free of a page boundary within a large block.
#include "misuse/misuse.h"

int main(void) {
  char* block = keep(malloc(kLarge));
  expect("free of " INTERIOR, block + 5 * 4096);
  free(keep(block + 5 * 4096));
  return survived();
}
