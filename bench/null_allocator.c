// An allocator that does as good as nothing: the floor for instruction counts and times.
//
// malloc moves a position through a fixed area and starts again at its end, free returns at once.
// So blocks overlap after a while: only for programs that never write to what they get, as
// bench/instructions.c. Not thread-safe, on purpose: an atomic would not be nothing.
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

enum { kArea = 1 << 28 };

static _Alignas(4096) unsigned char area[kArea];
static size_t position;

void* malloc(size_t size) {
  const size_t at = position & (kArea - 1);
  position = at + ((size + 15) & ~(size_t)15);
  return area + at;
}

void free(void* block) { (void)block; }

void* calloc(size_t count, size_t size) { return malloc(count * size); }

void* realloc(void* block, size_t size) { return block != NULL ? block : malloc(size); }

void* aligned_alloc(size_t alignment, size_t size) {
  position = (position + alignment - 1) & ~(alignment - 1);
  return malloc(size);
}

int posix_memalign(void** result, size_t alignment, size_t size) {
  *result = aligned_alloc(alignment, size);
  return 0;
}

void* memalign(size_t alignment, size_t size) { return aligned_alloc(alignment, size); }
