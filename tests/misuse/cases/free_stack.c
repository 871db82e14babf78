// free of a pointer to the stack.
#include "misuse/misuse.h"

int main(void) {
  start_heap();
  long on_stack[4] = {0};
  expect("free of " FOREIGN, on_stack);
  free(keep(on_stack));
  return survived();
}
