// free of an address where nothing was ever mapped.
#include "misuse/misuse.h"

int main(void) {
  start_heap();
  const void* address = (const void*)(uintptr_t)0x123456789000;
  expect("free of " FOREIGN, address);
  free(keep(address));
  return survived();
}
