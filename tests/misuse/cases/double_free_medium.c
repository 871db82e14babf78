// A block of the larger size classes freed twice.
#include "misuse/misuse.h"

int main(void) {
  allocate_bystanders(20000);
  void* block = keep(malloc(20000));
  free(block);
  expect("double free", block);
  free(keep(block));
  free_bystanders();
  return survived();
}
