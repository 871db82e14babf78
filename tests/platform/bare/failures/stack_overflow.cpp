// More stack than there is.

#include "platform/program.hpp"

namespace {

int depth(int level) {
  volatile int frame[64] = {};
  if (level != 0) frame[level & 63] = depth(level - 1);
  return frame[0] + 1;
}

}  // namespace

void test() {
  const volatile int levels = 1000;
  METE_EXPECT(depth(levels) != 0);
}
