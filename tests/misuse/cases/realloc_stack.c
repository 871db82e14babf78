// realloc of a pointer to the stack.
#include "misuse/misuse.h"

int main(void) {
  start_heap();
  long on_stack[4] = {0};
  expect("realloc of " FOREIGN, on_stack);
  free(realloc(keep(on_stack), 100));
  return survived();
}
