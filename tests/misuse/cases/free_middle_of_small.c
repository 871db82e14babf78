// free of the middle of a small block, seen when the list of free blocks is drained.
#include "misuse/misuse.h"

int main(void) {
  allocate_bystanders(200);
  char* block = keep(malloc(200));
  expect("free of " INTERIOR, block + 64);
  free(keep(block + 64));
  free_bystanders();
  return survived();
}
