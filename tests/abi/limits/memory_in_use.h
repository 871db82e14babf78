// Takes memory until there is no more, and shows that the process can live with that.
#pragma once

#include <errno.h>
#include <malloc.h>

#include "abi/checks.h"

enum { kMostBlocks = 1 << 20 };

// Not on the heap: it has to be there when the heap is full.
static unsigned char* blocks[kMostBlocks];

// Allocates blocks of `bytes` until the answer is null, which has to come with ENOMEM and before
// `most` bytes; writes to each. Returns how many there are.
static inline size_t fill_memory(size_t bytes, size_t most) {
  size_t count = 0;
  for (;;) {
    CHECK(count < kMostBlocks && count * bytes <= most);
    errno = 0;
    unsigned char* block = count % 3 == 0   ? calloc(1, bytes)
                           : count % 3 == 1 ? malloc(bytes)
                                            : memalign(64, bytes);
    if (block == NULL) {
      CHECK(errno == ENOMEM);
      return count;
    }
    CHECK(count % 3 != 0 || (block[0] == 0 && block[bytes - 1] == 0));
    memset(block, (int)(count & 0xFF), bytes < 64 ? bytes : 64);
    block[bytes - 1] = (unsigned char)count;
    blocks[count++] = block;
  }
}

// Every way to ask, with no memory left: null and ENOMEM, or a block (a little may be left), but
// nothing else.
static inline void ask_in_vain(size_t bytes) {
  void* got[5];
  errno = 0;
  got[0] = malloc(bytes);
  CHECK(got[0] != NULL || errno == ENOMEM);
  errno = 0;
  got[1] = calloc(bytes, 1);
  CHECK(got[1] != NULL || errno == ENOMEM);
  errno = 0;
  got[2] = memalign(4096, bytes);
  CHECK(got[2] != NULL || errno == ENOMEM);
  got[3] = NULL;
  errno = 4711;
  const int result = posix_memalign(&got[3], 64, bytes);
  CHECK(result == (got[3] != NULL ? 0 : ENOMEM));
  CHECK(errno == 4711 || !on_mete());
  errno = 0;
  got[4] = realloc(NULL, bytes);
  CHECK(got[4] != NULL || errno == ENOMEM);
  errno = 4711;
  for (size_t i = 0; i < 5; ++i) free(got[i]);
  CHECK(errno == 4711);
}

// Frees blocks first, first + step, ... below `count`, each checked first.
static inline void drop_blocks(size_t count, size_t bytes, size_t first, size_t step) {
  for (size_t i = first; i < count; i += step) {
    CHECK(blocks[i][bytes - 1] == (unsigned char)i);
    if (bytes > 64) CHECK(blocks[i][0] == (unsigned char)i && blocks[i][63] == (unsigned char)i);
    free(blocks[i]);
  }
}
