// free of an address within a small block that no block can have.
#include "misuse/misuse.h"

int main(void) {
  allocate_bystanders(200);
  char* block = keep(malloc(200));
  expect("free of " INTERIOR, block + 1);
  free(keep(block + 1));
  free_bystanders();
  return survived();
}
