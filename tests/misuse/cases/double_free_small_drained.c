// Small blocks freed again long after they went back to their slab, whose other blocks are in use.
#include "misuse/misuse.h"

enum { kBlocks = 20000, kTwice = 32 };

int main(void) {
  static void* blocks[kBlocks];
  for (size_t i = 0; i < kBlocks; ++i) blocks[i] = keep(malloc(64));
  for (size_t i = 0; i < kBlocks; i += 2) free(blocks[i]);
  malloc_trim(0);
  for (size_t i = 0; i < kTwice; i += 2)
    expect("double free", blocks[i]);  // any of them may be met first
  for (size_t i = 0; i < kTwice; i += 2) free(keep(blocks[i]));
  for (size_t i = 1; i < kBlocks; i += 2) free(blocks[i]);
  malloc_trim(0);
  return survived();
}
