// Dies of a block that is freed twice: the port prints what it was, and the program ends there.

#include "mete/dlmalloc.h"
#include "platform/program.hpp"

void test() {
  void* const kept = dlmalloc(100);
  METE_EXPECT(kept != nullptr);
  void* const block = dlmalloc(100);
  dlfree(block);
  dlfree(block);
  mete::platform::say("lives on\n");
}
