// A SIGABRT handler that allocates, as crash reporters do: whatever the allocator held when it saw
// the mistake, it holds no more when it aborts.
#include <signal.h>

#include "misuse/misuse.h"

static void report(int number) {
  (void)number;
  void* blocks[40];
  for (size_t i = 0; i < 40; ++i) blocks[i] = keep(malloc(i * i * 500));
  for (size_t i = 0; i < 40; ++i) free(blocks[i]);
}

int main(void) {
  signal(SIGABRT, report);
  void* block = keep(malloc(kLarge));
  free(block);
  expect("double free", block);
  free(keep(block));
  return survived();
}
