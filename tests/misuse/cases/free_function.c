// free of the address of code.
#include "misuse/misuse.h"

int main(void) {
  start_heap();
  const void* code = keep((const void*)(uintptr_t)&main);
  const void* aligned = (const void*)((uintptr_t)code & ~(uintptr_t)15);
  expect("free of " FOREIGN, aligned);
  free(keep(aligned));
  return survived();
}
