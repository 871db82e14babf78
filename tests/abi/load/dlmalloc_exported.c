// A program that is linked with libmete.so and includes dlmalloc.h: the functions are there, work
// on the library's own port, and have nothing to do with malloc.

#include "mete/dlmalloc.h"

#include <errno.h>

#include "abi/checks.h"

int main(void) {
  char* block = dlmalloc(100);
  CHECK(block != NULL && dlmalloc_usable_size(block) >= 100);
  memset(block, 7, 100);
  block = dlrealloc(block, 300000);
  CHECK(block != NULL && block[99] == 7 && dlmallinfo().hblks == 1);
  dlfree(block);
  CHECK(dlmallinfo().uordblks == 0 && dlmalloc_footprint() > 0);
  errno = 0;
  CHECK(dlmalloc((size_t)-1 / 2) == NULL && errno == ENOMEM);

  mspace space = create_mspace(0, 1);
  CHECK(space != NULL);
  void* const own = mspace_malloc(space, 1000);
  CHECK(own != NULL && mspace_footprint(space) >= 1000);
  void* const other = malloc(1000);
  CHECK(other != NULL);
  free(other);
  CHECK(destroy_mspace(space) >= 1000);
  return 0;
}
