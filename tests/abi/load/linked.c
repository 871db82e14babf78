// A program that is linked with libmete.so instead of preloading it: mete serves it, and what the C
// library allocates for it can be freed here.

#define _GNU_SOURCE
#include <stdio.h>

#include "abi/checks.h"

int main(void) {
  const char* const names[] = {"malloc",  "free",           "calloc",
                               "realloc", "posix_memalign", "aligned_alloc"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
    Dl_info info;
    CHECK(dladdr(dlsym(RTLD_DEFAULT, names[i]), &info) != 0);
    CHECK(strstr(info.dli_fname, "libmete.so") != NULL);
  }
  char* line = NULL;
  size_t capacity = 0;
  FILE* file = fopen("/proc/self/status", "r");
  CHECK(file != NULL);
  while (getline(&line, &capacity, file) > 0) {
    char* copy = strdup(line);
    CHECK(copy != NULL);
    free(copy);
  }
  free(line);
  CHECK(fclose(file) == 0);
  CHECK(asprintf(&line, "%0*d", 70000, 7) == 70000);
  free(line);
  return 0;
}
