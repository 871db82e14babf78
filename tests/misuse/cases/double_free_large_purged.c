// A large block freed again after its memory went back to the system.
#include "misuse/misuse.h"

int main(void) {
  char* block = keep(malloc((size_t)64 << 20));
  memset(block, 1, (size_t)64 << 20);
  free(block);
  malloc_trim(0);
  expect("double free", block);
  expect("free of " FOREIGN, block);  // its address range may be gone altogether
  free(keep(block));
  return survived();
}
