/* An allocator that gives a block away a second time, every hundredth one: the benchmark has to
 * notice it. It never frees. */
#include "peer.h"

static char *next, *end, *last;
static unsigned count;

static void* init(void* memory, size_t bytes) {
  next = memory;
  end = next + bytes;
  count = 0;
  return memory;
}

static void* allocate(void* handle, size_t bytes) {
  (void)handle;
  if (++count % 100 == 0) return last;
  if (bytes > (size_t)(end - next)) return NULL;
  last = next;
  next += bytes;
  return last;
}

static void deallocate(void* handle, void* block) {
  (void)handle;
  (void)block;
}

static void* reallocate(void* handle, void* block, size_t bytes) {
  (void)block;
  return allocate(handle, bytes);
}

const struct space_peer bench_space_peer = {init, allocate, deallocate, reallocate, NULL, NULL};
