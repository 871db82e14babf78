// A mistake that dlmalloc's interface notices: its port ends the program.

#include "mete/dlmalloc.h"
#include "platform/program.hpp"

void test() {
  void* const block = dlmalloc(100);
  METE_EXPECT(dlmalloc(100) != nullptr);
  dlfree(block);
  dlfree(block);
}
