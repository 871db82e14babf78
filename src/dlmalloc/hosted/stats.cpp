// The printed statistics (D20), of every platform with a C library.

#include <stdio.h>

#include "mete/dlmalloc.h"

namespace {

void print(const mallinfo_dl& info) {
  fprintf(stderr, "max system bytes = %10zu\n", info.usmblks);
  fprintf(stderr, "system bytes     = %10zu\n", info.arena + info.hblkhd);
  fprintf(stderr, "in use bytes     = %10zu\n", info.uordblks);
}

}  // namespace

extern "C" void dlmalloc_stats(void) { print(dlmallinfo()); }
extern "C" void mspace_malloc_stats(mspace space) { print(mspace_mallinfo(space)); }
