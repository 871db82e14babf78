// free of memory that the program mapped by itself.
#define _GNU_SOURCE
#include <sys/mman.h>

#include "misuse/misuse.h"

int main(void) {
  start_heap();
  void* mapped = mmap(NULL, kLarge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return 2;
  expect("free of " FOREIGN, mapped);
  free(keep(mapped));
  return survived();
}
