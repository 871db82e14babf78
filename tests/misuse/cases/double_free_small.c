// A small block freed twice in a row.
#include "misuse/misuse.h"

int main(void) {
  allocate_bystanders(64);
  void* block = keep(malloc(64));
  free(block);
  expect("double free", block);
  free(keep(block));
  free_bystanders();
  return survived();
}
