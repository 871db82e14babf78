// free of the middle of a block of the larger size classes.
#include "misuse/misuse.h"

int main(void) {
  allocate_bystanders(30000);
  char* block = keep(malloc(30000));
  expect("free of " INTERIOR, block + 8192);
  free(keep(block + 8192));
  free_bystanders();
  return survived();
}
