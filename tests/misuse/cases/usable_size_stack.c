// malloc_usable_size of a pointer to the stack.
#include "misuse/misuse.h"

int main(void) {
  start_heap();
  long on_stack[4] = {0};
  expect("malloc_usable_size of " FOREIGN, on_stack);
  return (int)malloc_usable_size(keep(on_stack)) == 0 ? survived() : 2;
}
