// A program that asks about the heap and leaves allocating to the C library: malloc has to come
// from the archive along with mallinfo2.

#define _GNU_SOURCE
#include <malloc.h>
#include <stdio.h>

#include "abi/checks.h"

int main(void) {
  const size_t before = mallinfo2().uordblks;
  FILE* file = fopen("/dev/null", "w");
  CHECK(file != NULL && fprintf(file, "text\n") == 5);
  CHECK(mallinfo2().uordblks > before);
  return fclose(file);
}
