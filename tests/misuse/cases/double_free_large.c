// A large block freed twice in a row.
#include "misuse/misuse.h"

int main(void) {
  void* block = keep(malloc(kLarge));
  free(block);
  expect("double free", block);
  free(keep(block));
  return survived();
}
