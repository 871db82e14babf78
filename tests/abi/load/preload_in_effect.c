// The tests that preload would all pass on the C library's malloc if the loader could not preload
// the library: it only warns. So this one asks where malloc is.

#define _GNU_SOURCE
#include <stdio.h>

#include "abi/checks.h"

int main(void) {
  const char* path = getenv("METE_LIBRARY");
  CHECK(path != NULL);
  const char* const names[] = {"malloc", "free",   "calloc",   "realloc",
                               "_Znwm",  "_ZdlPv", "mallinfo2"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
    Dl_info info;
    CHECK(dladdr(dlsym(RTLD_DEFAULT, names[i]), &info) != 0);
    CHECK(strcmp(info.dli_fname, path) == 0);
  }
  return 0;
}
