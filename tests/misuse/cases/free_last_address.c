// free of the last aligned address there is.
#include "misuse/misuse.h"

int main(void) {
  start_heap();
  const void* address = (const void*)(UINTPTR_MAX & ~(uintptr_t)15);
  expect("free of " FOREIGN, address);
  expect_fault();
  free(keep(address));
  return survived();
}
