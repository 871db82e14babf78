// dlmalloc's interface as a C library would call it, on a port.

#include "mete/dlmalloc.h"
#include "platform/program.hpp"

void test() {
  void* const block = dlrealloc(dlmalloc(100), 200);
  METE_EXPECT(block != nullptr);
  dlfree(block);
  dlfree(dlcalloc(10, 10));
  dlfree(dlmemalign(32, 100));
}
