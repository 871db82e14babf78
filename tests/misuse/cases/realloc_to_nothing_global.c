// realloc to size 0, which frees, of a global variable.
#include "misuse/misuse.h"

static long global[64];

int main(void) {
  start_heap();
  expect("realloc of " FOREIGN, global);
  expect("free of " FOREIGN, global);
  free(realloc(keep(global), (size_t)(uintptr_t)keep(NULL)));
  return survived();
}
