// A process at vm.max_map_count: nothing can be mapped any more, and nothing that splits a mapping
// can be unmapped or protected, until the program gives some of its own back.

#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>

#include "limits/memory_in_use.h"

enum { kMostMappings = 1 << 18 };

static void* mappings[kMostMappings];

// Neighbours of different protection are not merged, so each call costs one mapping.
static size_t exhaust_mappings(size_t page) {
  for (size_t i = 0; i < kMostMappings; ++i) {
    const int protection = i % 2 == 0 ? PROT_NONE : PROT_READ;
    mappings[i] = mmap(NULL, page, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mappings[i] == MAP_FAILED) return i;
  }
  return kMostMappings;
}

static void use(void) {
  static unsigned char* held[400];
  for (size_t i = 0; i < 400; ++i) {
    const size_t bytes = i % 8 == 0 ? i * 20000 + 1 : i * 97 + 1;
    errno = 0;
    held[i] = malloc(bytes);
    CHECK(held[i] != NULL || errno == ENOMEM);
    if (held[i] == NULL) continue;
    held[i][0] = held[i][bytes - 1] = (unsigned char)i;
  }
  for (size_t i = 0; i < 400; i += 2) {
    if (held[i] == NULL) continue;
    unsigned char* resized = realloc(keep(held[i]), i * 5000 + 10);
    if (resized != NULL) held[i] = resized;
    CHECK(held[i][0] == (unsigned char)i);
  }
  for (size_t i = 0; i < 400; ++i) free(held[i]);
  CHECK((malloc_trim(0) & ~1) == 0);
}

int main(void) {
  alarm(60);
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  for (size_t i = 0; i < 600; ++i) {
    blocks[i] = malloc(i % 6 == 0 ? 300000 : 100);
    CHECK(blocks[i] != NULL);
    memset(blocks[i], (int)i, 100);
  }
  const size_t count = exhaust_mappings(page);
  if (count == kMostMappings) {
    say("no limit on mappings here\n");
    return kSkipped;
  }
  use();
  for (size_t i = 0; i < 600; i += 2) free(blocks[i]);
  use();
  for (size_t i = 0; i < count; ++i) CHECK(munmap(mappings[i], page) == 0);
  for (size_t i = 1; i < 600; i += 2) {
    CHECK(blocks[i][99] == (unsigned char)i);
    free(blocks[i]);
  }
  use();
  void* large = malloc((size_t)64 << 20);
  CHECK(large != NULL);
  free(large);
  return 0;
}
