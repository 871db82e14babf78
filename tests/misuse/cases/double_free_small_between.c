// A small block freed twice, with frees of its like in between.
#include "misuse/misuse.h"

int main(void) {
  allocate_bystanders(64);
  static void* blocks[1000];
  for (size_t i = 0; i < 1000; ++i) blocks[i] = keep(malloc(64));
  for (size_t i = 0; i < 10; ++i) free(blocks[i]);
  expect("double free", blocks[5]);
  free(keep(blocks[5]));
  for (size_t i = 10; i < 1000; ++i) free(blocks[i]);
  free_bystanders();
  return survived();
}
