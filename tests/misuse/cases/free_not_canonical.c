// free of a number with bits above those that an address has.
#include "misuse/misuse.h"

int main(void) {
  start_heap();
  const void* address = (const void*)(uintptr_t)0xdeadbeefdeadbee0;
  expect("free of " FOREIGN, address);
  expect_fault();
  free(keep(address));
  return survived();
}
