// What the ports of these tests share: memory that is handed out from one end of a static array.

#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "mete/port.h"

#define CHECK(condition)                    \
  do {                                      \
    if (!(condition)) {                     \
      printf("wrong: line %d\n", __LINE__); \
      exit(1);                              \
    }                                       \
  } while (0)

static _Alignas(4096) unsigned char memory[4 << 20];
static size_t used;

void* custom_mmap(size_t length) {
  if (length > sizeof(memory) - used) return (void*)-1;
  void* base = memory + used;
  used += length;
  return base;
}
