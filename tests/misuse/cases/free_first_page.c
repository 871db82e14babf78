// free of a small number taken for a pointer.
#include "misuse/misuse.h"

int main(void) {
  start_heap();
  const void* address = (const void*)(uintptr_t)16;
  expect("free of " FOREIGN, address);
  free(keep(address));
  return survived();
}
