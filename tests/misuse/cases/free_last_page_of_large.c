// free of the last page of a large block.
#include "misuse/misuse.h"

int main(void) {
  char* block = keep(malloc(kLarge));
  expect("free of " INTERIOR, block + kLarge - 4096);
  free(keep(block + kLarge - 4096));
  return survived();
}
