// realloc of the middle of a small block: seen at once, or when what it freed is drained.
#include "misuse/misuse.h"

int main(void) {
  allocate_bystanders(200);
  char* block = keep(malloc(200));
  expect("realloc of " INTERIOR, block + 32);
  expect("free of " INTERIOR, block + 32);
  free(realloc(keep(block + 32), 5000));
  free_bystanders();
  return survived();
}
