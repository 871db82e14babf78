// free of a global variable.
#include "misuse/misuse.h"

static long global[512];

int main(void) {
  start_heap();
  expect("free of " FOREIGN, global);
  free(keep(global));
  return survived();
}
