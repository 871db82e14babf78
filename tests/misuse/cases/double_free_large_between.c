// A large block freed twice, with its neighbours freed in between: it has been merged into a larger
// free run.
#include "misuse/misuse.h"

int main(void) {
  void* blocks[5];
  for (int i = 0; i < 5; ++i) blocks[i] = keep(malloc(kLarge));
  for (int i = 0; i < 5; ++i) free(blocks[i]);
  expect("double free", blocks[2]);
  free(keep(blocks[2]));
  return survived();
}
