// A port that keeps, when it is told to, what it should take back: a space ends with no more than
// the memory it began with, and a large block that was mapped alone becomes memory of the space.
// Exits with 0, or the line that was wrong.

#include <stdio.h>
#include <stdlib.h>

#include "bump_memory.h"
#include "mete/dlmalloc.h"
#include "mete/port.h"

static int keeps;
static size_t taken_back;

void* custom_direct_mmap(size_t length) { return custom_mmap(length); }
int custom_munmap(void* base, size_t length) {
  (void)base;
  if (keeps) return -1;
  taken_back += length;
  return 0;
}
void init_lock(void** lock) { (void)lock; }
void final_lock(void** lock) { (void)lock; }
void acquire_lock(void** lock) { (void)lock; }
void release_lock(void** lock) { (void)lock; }
void custom_abort(const char* message, const char* source_file, uint32_t line) {
  printf("aborted: %s %s %u\n", message, source_file, (unsigned)line);
  exit(1);
}

int main(void) {
  mspace space = create_mspace(0, 0);
  CHECK(space != NULL);
  const size_t first = used;

  void* large = mspace_malloc(space, 300 << 10);
  CHECK(mspace_mallinfo(space).hblks == 1);
  const size_t footprint = mspace_footprint(space);
  keeps = 1;
  mspace_free(space, large);
  CHECK(mspace_mallinfo(space).hblks == 0 && mspace_mallinfo(space).uordblks == 0);
  CHECK(mspace_footprint(space) == footprint);
  void* again = mspace_malloc(space, 200 << 10);  // below the threshold: of the space
  CHECK(again != NULL);
  CHECK(mspace_footprint(space) == footprint);
  mspace_free(space, again);

  keeps = 0;
  CHECK(destroy_mspace(space) == first && taken_back == first);
  return 0;
}
