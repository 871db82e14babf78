// A port written from port.h alone: one thread, a bump over static memory that takes nothing back,
// no large maps. Everything that dlmalloc.h has works on it. Exits with 0, or the line that was
// wrong.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bump_memory.h"
#include "mete/dlmalloc.h"
#include "mete/port.h"

static int locked;

int custom_munmap(void* base, size_t length) {
  (void)base;
  (void)length;
  return -1;
}
void init_lock(void** lock) { (void)lock; }
void final_lock(void** lock) { (void)lock; }
void acquire_lock(void** lock) {
  (void)lock;
  CHECK(locked++ == 0);
}
void release_lock(void** lock) {
  (void)lock;
  CHECK(--locked == 0);
}
void custom_abort(const char* message, const char* source_file, uint32_t line) {
  printf("aborted: %s %s %u\n", message, source_file, (unsigned)line);
  exit(1);
}

static void fill_and_free(mspace space) {
  enum { kBlocks = 500 };
  static unsigned char* blocks[kBlocks];
  static size_t sizes[kBlocks];
  unsigned seed = 12345;
  memset(blocks, 0, sizeof blocks);
  for (int step = 0; step < 20000; ++step) {
    seed = seed * 1664525u + 1013904223u;
    const unsigned which = (seed >> 8) % kBlocks;
    if (blocks[which] != NULL) {
      for (size_t i = 0; i < sizes[which]; ++i) CHECK(blocks[which][i] == (unsigned char)which);
      space != NULL ? mspace_free(space, blocks[which]) : dlfree(blocks[which]);
      blocks[which] = NULL;
      continue;
    }
    sizes[which] = (seed >> 16) % 2000;
    blocks[which] = space != NULL ? mspace_malloc(space, sizes[which]) : dlmalloc(sizes[which]);
    CHECK(blocks[which] != NULL);
    memset(blocks[which], (int)which, sizes[which]);
  }
  for (int i = 0; i < kBlocks; ++i)
    space != NULL ? mspace_free(space, blocks[i]) : dlfree(blocks[i]);
}

int main(void) {
  CHECK(port_selftest() == NULL);
  const size_t lost = used;
  fill_and_free(NULL);
  CHECK(dlmallinfo().uordblks == 0);
  CHECK(dlmalloc_footprint() == used - lost);
  CHECK(dlmalloc_trim(0) == 0);  // the port takes nothing back

  void* large = dlmalloc(1 << 20);  // no large maps: out of the heap
  CHECK(large != NULL && (unsigned char*)large >= memory && (unsigned char*)large < memory + used);
  CHECK(dlmallinfo().hblks == 0);
  dlfree(large);
  CHECK(dlmalloc((size_t)64 << 20) == NULL);

  static _Alignas(16) unsigned char base[64 << 10];
  mspace space = create_mspace_with_base(base, sizeof base, 0);
  CHECK(space != NULL);
  fill_and_free(space);
  CHECK(mspace_mallinfo(space).uordblks == 0);
  destroy_mspace(space);

  mspace mapped = create_mspace(100000, 1);
  CHECK(mapped != NULL);
  fill_and_free(mapped);
  CHECK(destroy_mspace(mapped) == 0);  // nothing could be given back
  return 0;
}
