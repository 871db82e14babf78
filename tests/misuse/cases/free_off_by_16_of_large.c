// free of a large block 16 bytes after its start, as a program does that hides a header in front.
#include "misuse/misuse.h"

int main(void) {
  char* block = keep(malloc(kLarge));
  expect("free of " INTERIOR, block + 16);
  free(keep(block + 16));
  return survived();
}
